//! Takes terminal notices (207) for the payment institutions and acknowledges them with 303.

use crate::ask::{Ask, understand};
use crate::bank::answer::{draft_echo, draft_general};
use crate::bank::server::code_of;
use crate::config::{Identity, Node};
use crate::constants::BODY_BYTES_MAX;
use crate::error::Error;
use crate::serve::{Reply, Serve};
use crate::transactions::TransactionMap;
use crate::wire::{Desk, Draft, Fault, Overlong, Reader, read_body};
use bytes::Bytes;
use clearway_codec::{Direction, InstitutionId, ReturnCode, TrxId, TrxStatus};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use parking_lot::Mutex;
use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

/// What the terminal notices about one transaction said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// The institution that was told.
    pub institution: InstitutionId,
    /// State in the first notice.
    pub status: TrxStatus,
    /// Notices received.
    pub times: u16,
    /// A later notice named another state or went to another institution.
    pub contradicted: bool,
}

/// All notices received, by transaction.
pub type Notices = TransactionMap<Notice>;

/// Takes down one more notice.
pub(crate) fn note(notices: &mut Notices, id: TrxId, institution: InstitutionId, status: TrxStatus) {
    let fresh = Notice { institution, status, times: 0, contradicted: false };
    let notice = notices.get_or_insert_with(id, || fresh);
    notice.times = notice.times.saturating_add(1);
    notice.contradicted |= notice.status != status || notice.institution != institution;
}

/// One institution's notice desk on its runtime thread.
pub(crate) struct NoticeServer {
    identity: Identity,
    node: Node,
    notices: Arc<Mutex<Notices>>,
    desk: Rc<Desk>,
    reader: RefCell<Reader>,
}

impl NoticeServer {
    pub(crate) fn new(identity: Identity, node: Node, notices: Arc<Mutex<Notices>>, desk: Rc<Desk>) -> Self {
        Self { identity, node, notices, desk, reader: RefCell::default() }
    }

    async fn understand(&self, body: &Bytes) -> Result<Ask, Fault> {
        let sealed = self.reader.borrow_mut().open(body, understand)?;
        sealed.authenticate(&self.desk, self.node.id, self.node.serial, &self.node.key).await
    }

    fn react(&self, ask: Result<Ask, Fault>) -> Result<Draft, Error> {
        let direction = Direction::PI_TO_SWITCH;
        match ask {
            Ok(Ask::Notice { id, leg: None, status }) => {
                note(&mut self.notices.lock(), id, self.identity.id, status);
                draft_general(&self.identity, direction, ReturnCode::SUCCESS)
            }
            Ok(Ask::Probe { nonce }) => draft_echo(&self.identity, direction, &nonce),
            Ok(_) => draft_general(&self.identity, direction, ReturnCode::PB040000),
            Err(fault) => draft_general(&self.identity, direction, code_of(fault)),
        }
    }
}

impl Serve for NoticeServer {
    async fn serve(self: Rc<Self>, request: Request<Incoming>) -> Result<Response<Reply>, io::Error> {
        if request.method() != Method::POST {
            return Ok(Reply::status(StatusCode::METHOD_NOT_ALLOWED));
        }
        let body = match read_body(request.into_body(), BODY_BYTES_MAX).await {
            Ok(body) => body,
            Err(Overlong::TooLarge) => return Ok(Reply::status(StatusCode::PAYLOAD_TOO_LARGE)),
            Err(Overlong::Broken) => return Err(io::ErrorKind::ConnectionAborted.into()),
        };
        let draft = self.react(self.understand(&body).await).map_err(io::Error::other)?;
        let sealed = self.desk.seal(&self.identity.key, draft).await.map_err(io::Error::other)?;
        Ok(Reply::message(sealed))
    }
}
