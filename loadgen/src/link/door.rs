//! What a link does to one request before and after the participant behind it sees it.

use super::behaviour::LinkBehaviour;
use super::state::{Count, Link};
use crate::constants::SILENCE_MS;
use crate::serve::{Reply, Serve};
use http::{Request, Response};
use hyper::body::Incoming;
use std::io;
use std::rc::Rc;
use std::time::Duration;

/// A participant behind one of its links.
pub(super) struct Door<S> {
    link: Link,
    participant: Rc<S>,
}

impl<S: Serve> Door<S> {
    pub(super) fn new(link: Link, participant: Rc<S>) -> Self {
        Self { link, participant }
    }

    /// Holds a request without a word until the link speaks again, or for ever as senders count.
    async fn keep_silent(&self) -> io::Error {
        let mut changes = self.link.subscribe();
        let speaks = changes.wait_for(|(_, behaviour)| !is_silent(*behaviour));
        let _ = tokio::time::timeout(Duration::from_millis(SILENCE_MS), speaks).await;
        io::ErrorKind::TimedOut.into()
    }
}

impl<S: Serve> Serve for Door<S> {
    async fn serve(self: Rc<Self>, request: Request<Incoming>) -> Result<Response<Reply>, io::Error> {
        let code = request.headers().get("msgtp").map_or(&b""[..], |value| value.as_bytes());
        self.link.count(Count::of_request(code));
        let behaviour = self.link.behaviour();
        if behaviour == (LinkBehaviour::Silent { hears: false }) {
            return Err(self.keep_silent().await);
        }
        let reply = Rc::clone(&self.participant).serve(request).await;
        // It may have fallen silent meanwhile.
        if is_silent(behaviour) || is_silent(self.link.behaviour()) {
            return Err(self.keep_silent().await);
        }
        let delay = behaviour.delay();
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        if reply.is_ok() {
            self.link.count(Count::Answers);
        }
        reply
    }
}

const fn is_silent(behaviour: LinkBehaviour) -> bool {
    matches!(behaviour, LinkBehaviour::Silent { .. })
}
