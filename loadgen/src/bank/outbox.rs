//! What a bank sends by itself: news of a customer, ends, answers to disputes. Sent until the switch acknowledges it.
//!
//! Invariant: one message is the same bytes each time, and an acknowledgement is believed only when it is signed.

use crate::config::{Identity, Node};
use crate::error::Error;
use crate::target::Target;
use crate::wire::{Connection, Desk, Draft, Outgoing, Reader};
use bytes::Bytes;
use clearway_codec::{Checked, Field, MessageType, ReturnCode, TrxStatus};
use http::HeaderValue;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Longest wait for an acknowledgement. An end of a mandate may be answered only when its institution has decided.
const REPLY_TIMEOUT: Duration = Duration::from_secs(25);
/// Pauses between attempts; after the last one the bank gives up.
const PAUSES_MS: [u64; 8] = [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000];

/// What the switch answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Acknowledged {
    /// Business code where there is one, else the system's.
    pub(crate) code: ReturnCode,
    /// State in a receipt.
    pub(crate) status: Option<TrxStatus>,
}

/// One participant's way to the switch.
pub(crate) struct Outbox {
    identity: Identity,
    node: Node,
    target: Target,
    desk: Rc<Desk>,
    reader: RefCell<Reader>,
}

impl Outbox {
    pub(crate) fn new(identity: Identity, node: Node, target: Target, desk: Rc<Desk>) -> Self {
        Self { identity, node, target, desk, reader: RefCell::default() }
    }

    /// Sends a message until it is acknowledged; `None` when it never was.
    pub(crate) async fn deliver(&self, message_type: MessageType, draft: Draft) -> Result<Option<Acknowledged>, Error> {
        let body = self.desk.seal(&self.identity.key, draft).await?;
        let mut pauses = PAUSES_MS.into_iter();
        loop {
            if let Some(acknowledged) = self.send(message_type, body.clone()).await {
                return Ok(Some(acknowledged));
            }
            let Some(pause) = pauses.next() else { return Ok(None) };
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    }

    /// Sends bytes that are no message, and does not look at what comes back.
    pub(crate) async fn send_garbage(&self, message_type: MessageType) {
        self.send(message_type, Bytes::from_static(b"<root><MsgHeader/>")).await;
    }

    async fn send(&self, message_type: MessageType, body: Bytes) -> Option<Acknowledged> {
        let institution = HeaderValue::from_bytes(self.identity.id.as_bytes()).ok()?;
        let outgoing = Outgoing::message(message_type.code(), institution, body);
        let mut connection = Connection::new(self.target.clone(), CONNECT_TIMEOUT, REPLY_TIMEOUT);
        connection.ready(&self.identity.tls).await.ok()?;
        let exchange = connection.exchange(outgoing).await.ok()?;
        if exchange.status != 200 {
            return None;
        }
        let sealed = self.reader.borrow_mut().open(&exchange.body, |message| Ok(understand(message))).ok()?;
        sealed.authenticate(&self.desk, self.node.id, self.node.serial, &self.node.key).await.ok()?
    }
}

fn understand(message: &Checked<'_>) -> Option<Acknowledged> {
    let code = message.return_code(Field::BizStsCd).or_else(|_| message.return_code(Field::SysRtnCd)).ok()?;
    let status = message.status(Field::TrxStatus).ok();
    // Overload and trouble in the switch are no word about the message.
    let is_word = code.is_success() || status.is_some() || code.as_str().as_bytes().get(1) == Some(&b'B');
    is_word.then_some(Acknowledged { code, status })
}
