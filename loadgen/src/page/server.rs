//! Serves the ledgers of running counterparties.

use super::client::Cpu;
use crate::bank::Behaviour;
use crate::config::MAIN_LINK;
use crate::constants::BODY_BYTES_MAX;
use crate::counterparties::Counterparties;
use crate::error::Error;
use crate::link::{Link, LinkBehaviour};
use crate::serve::{Reply, Serve, serve_all};
use crate::thread::local_runtime;
use crate::wire::read_body;
use bytes::Bytes;
use clearway_codec::InstitutionId;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::watch;

/// A running page. Dropping it stops it.
#[derive(Debug)]
pub struct LedgerPage {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<Result<(), Error>>>,
}

impl LedgerPage {
    /// Serves the ledgers of `parties` on a loopback address.
    ///
    /// # Errors
    /// The address is not loopback or cannot be bound, or a thread cannot be started.
    pub fn start(parties: Arc<Counterparties>, address: SocketAddr) -> Result<Self, Error> {
        let fault = |source| Error::Listen { who: "the ledger page".into(), address, source };
        if !address.ip().is_loopback() {
            return Err(fault(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it has no authentication and stays on loopback",
            )));
        }
        let listener = TcpListener::bind(address).map_err(fault)?;
        listener.set_nonblocking(true).map_err(fault)?;
        let address = listener.local_addr().map_err(fault)?;
        let stop = watch::Sender::new(false);
        let stopped = stop.subscribe();
        let serve = move || local_runtime()?.block_on(serve_until(listener, Page(parties), stopped));
        let thread = std::thread::Builder::new().name("loadgen-page".into()).spawn(serve);
        let thread = thread.map_err(|error| Error::Start("the ledger page's thread", error))?;
        Ok(Self { address, stop, thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for LedgerPage {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        // A panic there has been printed by then; dropping must not panic again.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

async fn serve_until(listener: TcpListener, page: Page, mut stopped: watch::Receiver<bool>) -> Result<(), Error> {
    let listener =
        tokio::net::TcpListener::from_std(listener).map_err(|error| Error::Start("the ledger page", error))?;
    tokio::task::spawn_local(serve_all(listener, Rc::new(page)));
    // An error means that the owner is gone, which is a stop as well.
    let _ = stopped.wait_for(|stop| *stop).await;
    Ok(())
}

struct Page(Arc<Counterparties>);

impl Page {
    fn counts(&self) -> Result<Response<Reply>, io::Error> {
        let counts: BTreeMap<String, _> =
            self.0.bank_counts().into_iter().map(|(bank, counts)| (bank.to_string(), counts)).collect();
        json(&counts)
    }

    fn cpu(&self) -> Result<Response<Reply>, io::Error> {
        json(&Cpu { cpu_us: u64::try_from(self.0.cpu().as_micros()).unwrap_or(u64::MAX) })
    }

    fn links(&self) -> Result<Response<Reply>, io::Error> {
        let links: Vec<_> = self.0.links().map(Link::view).collect();
        json(&links)
    }

    async fn set_link(&self, link: &str, body: Incoming) -> Result<Response<Reply>, io::Error> {
        let Ok(body) = read_body(body, BODY_BYTES_MAX).await else { return Ok(Reply::status(StatusCode::BAD_REQUEST)) };
        let Ok(behaviour) = serde_json::from_slice::<LinkBehaviour>(&body) else {
            return Ok(Reply::status(StatusCode::BAD_REQUEST));
        };
        let (participant, name) = link.split_once('/').unwrap_or((link, MAIN_LINK));
        let participant = InstitutionId::parse(participant.as_bytes()).ok();
        let link = participant.and_then(|participant| self.0.link(participant, name));
        Ok(Reply::status(match link.map(|link| link.set(behaviour)) {
            Some(true) => StatusCode::NO_CONTENT,
            Some(false) => StatusCode::SERVICE_UNAVAILABLE,
            None => StatusCode::NOT_FOUND,
        }))
    }

    async fn set_behaviour(&self, bank: &str, body: Incoming) -> Result<Response<Reply>, io::Error> {
        let Ok(body) = read_body(body, BODY_BYTES_MAX).await else { return Ok(Reply::status(StatusCode::BAD_REQUEST)) };
        let Ok(behaviour) = serde_json::from_slice::<Behaviour>(&body) else {
            return Ok(Reply::status(StatusCode::BAD_REQUEST));
        };
        let known = match (bank, InstitutionId::parse(bank.as_bytes())) {
            ("", _) => self.0.set_all_behaviours(&behaviour).map(|()| true),
            (_, Ok(bank)) => self.0.set_behaviour(bank, behaviour),
            (_, Err(_)) => Ok(false),
        };
        Ok(Reply::status(match known {
            Ok(true) => StatusCode::NO_CONTENT,
            Ok(false) => StatusCode::NOT_FOUND,
            Err(_) => StatusCode::UNPROCESSABLE_ENTITY,
        }))
    }
}

impl Serve for Page {
    async fn serve(self: Rc<Self>, request: Request<Incoming>) -> Result<Response<Reply>, io::Error> {
        let path = request.uri().path().to_owned();
        match (request.method(), path.as_str()) {
            (&Method::GET, "/ledger") => json(&self.0.ledgers()),
            (&Method::GET, "/counts") => self.counts(),
            (&Method::GET, "/cpu") => self.cpu(),
            (&Method::GET, "/links") => self.links(),
            (&Method::PUT, path) => match (path.strip_prefix("/behaviour"), path.strip_prefix("/link/")) {
                (Some(bank), _) => self.set_behaviour(bank.trim_start_matches('/'), request.into_body()).await,
                (None, Some(link)) => self.set_link(link, request.into_body()).await,
                (None, None) => Ok(Reply::status(StatusCode::NOT_FOUND)),
            },
            _ => Ok(Reply::status(StatusCode::NOT_FOUND)),
        }
    }
}

fn json(value: &impl serde::Serialize) -> Result<Response<Reply>, io::Error> {
    let mut response = Reply::message(Bytes::from(serde_json::to_vec(value)?));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
