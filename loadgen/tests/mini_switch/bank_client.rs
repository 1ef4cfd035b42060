//! How the mini switch talks to banks: pooled connections, short time-outs, every answer verified.

use super::messages::Scribe;
use super::{Manners, verify};
use bytes::Bytes;
use clearway_codec::{Checked, Decoder, Field, InstitutionId, MessageType, ReturnCode, TrxId, TrxStatus};
use clearway_crypto::VerifyingKey;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use std::cell::RefCell;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegResult {
    Done,
    Refused,
    Absent,
    Unknown,
}

struct Bank {
    address: SocketAddr,
    key: VerifyingKey,
    idle: RefCell<Vec<SendRequest<Full<Bytes>>>>,
}

pub struct BankClient {
    banks: HashMap<InstitutionId, Bank>,
    timeout: Duration,
    query_pause: Duration,
    queries_max: u32,
    verifies: bool,
}

impl BankClient {
    pub fn new(banks: Vec<((InstitutionId, VerifyingKey), SocketAddr)>, manners: &Manners) -> Self {
        let bank = |((id, key), address)| (id, Bank { address, key, idle: RefCell::default() });
        Self {
            banks: banks.into_iter().map(bank).collect(),
            timeout: manners.bank_timeout,
            query_pause: manners.query_pause,
            queries_max: manners.queries_max,
            verifies: manners.verifies,
        }
    }

    pub async fn leg(&self, scribe: &Scribe, request: &Bytes, leg: u8) -> LegResult {
        let id = field(request, Field::TrxId);
        let answer = self.post(request, leg, scribe.leg(request, leg)).await;
        answer.map_or(LegResult::Unknown, |answer| {
            self.read(request, leg, &answer, MessageType::Epcc206, |message| match message.status(Field::TrxStatus) {
                _ if message.field(Field::TrxId) != Some(&id) => LegResult::Unknown,
                Ok(TrxStatus::Success) => LegResult::Done,
                Ok(TrxStatus::Failure) => LegResult::Refused,
                _ => LegResult::Unknown,
            })
        })
    }

    pub async fn query(&self, scribe: &Scribe, request: &Bytes, leg: u8) -> LegResult {
        let id = field(request, Field::TrxId);
        for _ in 0..self.queries_max {
            tokio::time::sleep(self.query_pause).await;
            let Some(answer) = self.post(request, leg, scribe.query(request, leg)).await else { continue };
            let result = self.read(request, leg, &answer, MessageType::Epcc302, |message| {
                match message.status(Field::TrxStatus) {
                    _ if message.field(Field::OriTrxId) != Some(&id) => LegResult::Unknown,
                    Ok(TrxStatus::Success) => LegResult::Done,
                    Ok(TrxStatus::Failure) => LegResult::Refused,
                    _ if message.return_code(Field::OriBizStsCd).is_ok_and(absent) => LegResult::Absent,
                    _ => LegResult::Unknown,
                }
            });
            if result != LegResult::Unknown {
                return result;
            }
        }
        LegResult::Unknown
    }

    pub async fn notify(&self, scribe: &Scribe, request: &Bytes, id: TrxId, leg: u8, status: TrxStatus) {
        for _ in 0..self.queries_max {
            let answer = self.post(request, leg, scribe.notice(request, id, leg, status)).await;
            let read = |answer| self.read(request, leg, &answer, MessageType::Epcc303, |_| LegResult::Done);
            if answer.map(read) == Some(LegResult::Done) {
                return;
            }
            tokio::time::sleep(self.query_pause).await;
        }
    }

    async fn post(&self, request: &Bytes, leg: u8, body: Bytes) -> Option<Bytes> {
        let bank = &self.banks[&bank_of(request, leg)];
        tokio::time::timeout(self.timeout, exchange(bank, body)).await.ok()?
    }

    fn read(
        &self,
        request: &Bytes,
        leg: u8,
        answer: &Bytes,
        expected: MessageType,
        result: impl Fn(&Checked<'_>) -> LegResult,
    ) -> LegResult {
        let mut decoder = Decoder::new();
        let checked = decoder.decode(answer).and_then(|message| message.check());
        match checked {
            Ok(message) if message.message_type() != expected => LegResult::Unknown,
            Ok(message) if self.verifies && !verify(&self.banks[&bank_of(request, leg)].key, &message) => {
                LegResult::Unknown
            }
            Ok(message) => result(&message),
            Err(_) => LegResult::Unknown,
        }
    }
}

fn absent(code: ReturnCode) -> bool {
    code == ReturnCode::PB531001 || code == ReturnCode::PB631001
}

fn field(request: &Bytes, field: Field) -> Vec<u8> {
    let mut decoder = Decoder::new();
    decoder.decode(request).unwrap().check().unwrap().field(field).unwrap().to_vec()
}

/// Leg 0 is the institution itself.
fn bank_of(request: &Bytes, leg: u8) -> InstitutionId {
    let mut decoder = Decoder::new();
    let message = decoder.decode(request).unwrap().check().unwrap();
    if leg == 0 {
        return message.header().issuer;
    }
    let place = match (message.message_type(), leg) {
        (MessageType::Epcc201, 1) => Field::PyerAcctIssrId,
        (MessageType::Epcc205, 2) => Field::PyeeAcctIssrId,
        _ => Field::ResfdAcctIssrId,
    };
    message.institution(place).unwrap()
}

async fn exchange(bank: &Bank, body: Bytes) -> Option<Bytes> {
    let mut pooled = bank.idle.borrow_mut().pop();
    if let Some(sender) = &mut pooled
        && sender.ready().await.is_err()
    {
        pooled = None;
    }
    let mut sender = match pooled {
        Some(sender) => sender,
        None => connect(bank.address).await?,
    };
    let request = Request::post("/epcc").header("host", bank.address.to_string()).body(Full::new(body)).unwrap();
    let response = sender.send_request(request).await.ok()?;
    if response.status() != 200 {
        return None;
    }
    let body = response.into_body().collect().await.ok()?.to_bytes();
    bank.idle.borrow_mut().push(sender);
    Some(body)
}

async fn connect(address: SocketAddr) -> Option<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address).await.ok()?;
    let _ = stream.set_nodelay(true);
    let (sender, connection) = handshake(TokioIo::new(stream)).await.ok()?;
    tokio::task::spawn_local(async move { drop(connection.await) });
    Some(sender)
}
