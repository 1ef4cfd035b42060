//! Serves one link: takes connections while its behaviour says so, and does to them what it says.

use super::behaviour::LinkBehaviour;
use super::door::Door;
use super::listener::Bound;
use super::state::{Count, Link};
use crate::serve::{Serve, accept, serve_stream};
use crate::tls::TlsIdentity;
use crate::wire::Speaker;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Serves `participant` behind `link` until the runtime ends, or until the link cannot be bound again; with TLS when
/// there is something to speak it with.
pub(crate) async fn serve_link<S: Serve>(listener: TcpListener, link: Link, speaker: Speaker, participant: Rc<S>) {
    let mut changes = link.subscribe();
    let door = Rc::new(Door::new(link.clone(), participant));
    let mut connections = JoinSet::new();
    let mut bound = Bound::Open(listener);
    loop {
        let (number, behaviour) = *changes.borrow_and_update();
        bound = match bound.turn(behaviour, link.address()).await {
            Ok(bound) => bound,
            Err(error) => {
                tracing::error!(link = link.name(), address = %link.address(), %error, "a link cannot be bound again");
                return;
            }
        };
        if behaviour.ends_connections() {
            connections.shutdown().await;
        }
        link.note_in_force(number);
        tokio::select! {
            biased;
            changed = changes.changed() => if changed.is_err() { return },
            () = take_connections(&bound, behaviour, &door, (&link, &speaker), &mut connections) => {}
        }
    }
}

/// For ever.
async fn take_connections<S: Serve>(
    bound: &Bound,
    behaviour: LinkBehaviour,
    door: &Rc<Door<S>>,
    (link, speaker): (&Link, &Speaker),
    connections: &mut JoinSet<()>,
) {
    let Bound::Open(listener) = bound else { return std::future::pending().await };
    if behaviour.freezes_connections() {
        return std::future::pending().await;
    }
    loop {
        let stream = accept(listener).await;
        link.count(Count::Connections);
        // Those that have ended meanwhile.
        while connections.try_join_next().is_some() {}
        let door = Rc::clone(door);
        match speaker {
            _ if behaviour == LinkBehaviour::Closes => continue,
            None => connections.spawn_local(carry(serve_stream(stream, door), link.subscribe())),
            Some(tls) => {
                let secure = serve_securely(stream, Arc::clone(tls), link.clone(), door);
                connections.spawn_local(carry(secure, link.subscribe()))
            }
        };
    }
}

async fn serve_securely<S: Serve>(stream: TcpStream, tls: Arc<TlsIdentity>, link: Link, door: Rc<Door<S>>) {
    match tls.accept(stream).await {
        Ok((stream, is_resumed)) => {
            link.count(if is_resumed { Count::ResumedHandshakes } else { Count::FullHandshakes });
            serve_stream(stream, door).await;
        }
        Err(error) => {
            link.count(Count::FailedHandshakes);
            tracing::debug!(link = link.name(), %error, "no TLS connection");
        }
    }
}

/// Carries one connection to its end; it stands still while the link is frozen.
async fn carry(connection: impl Future<Output = ()>, mut changes: watch::Receiver<(u64, LinkBehaviour)>) {
    let mut connection = pin!(connection);
    loop {
        let is_frozen = changes.borrow_and_update().1.freezes_connections();
        tokio::select! {
            biased;
            () = &mut connection, if !is_frozen => return,
            changed = changes.changed() => if changed.is_err() { return },
        }
    }
}
