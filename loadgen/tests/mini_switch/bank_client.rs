//! How the mini switch talks to banks: pooled connections, short time-outs, every answer verified.

use super::messages::Scribe;
use super::pki::{Side, name_of};
use super::{Manners, peer_keys, verify};
use bytes::Bytes;
use clearway_codec::{Checked, Decoder, Field, InstitutionId, MessageType, ReturnCode, TrxId, TrxStatus};
use clearway_crypto::VerifyingKey;
use clearway_loadgen::business::{Business, BusinessRow};
use clearway_loadgen::config::{EnvelopeKeys, Identity};
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use std::cell::RefCell;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegResult {
    Done,
    Refused,
    Absent,
    Waiting,
    Unknown,
}

/// What a bank said, and the number that it gave.
pub type Found = (LegResult, Option<Vec<u8>>);

const UNKNOWN: Found = (LegResult::Unknown, None);

struct Bank {
    tls: Option<(Side, String)>,
    address: SocketAddr,
    key: VerifyingKey,
    envelope: Option<EnvelopeKeys>,
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
    pub fn new(banks: Vec<(Identity, SocketAddr)>, manners: &Manners) -> Self {
        let bank = |(identity, address): (Identity, SocketAddr)| {
            let (key, envelope) = (identity.key.verifying_key().clone(), peer_keys(&identity));
            let tls = manners.tls.clone().map(|side| (side, name_of(&identity)));
            (identity.id, Bank { tls, address, key, envelope, idle: RefCell::default() })
        };
        Self {
            banks: banks.into_iter().map(bank).collect(),
            timeout: manners.bank_timeout,
            query_pause: manners.query_pause,
            queries_max: manners.queries_max,
            verifies: manners.verifies,
        }
    }

    pub fn verifies(&self, sender: InstitutionId, message: &Checked<'_>) -> bool {
        self.banks.get(&sender).is_some_and(|bank| verify(&bank.key, message))
    }

    pub async fn leg(&self, scribe: &Scribe, request: &Bytes, leg: u8) -> Found {
        let id = field(request, Field::TrxId);
        let envelope = self.banks[&bank_of(request, leg)].envelope.as_ref();
        let flag = if row_of(request).second.is_empty() { 0 } else { leg };
        let answer = self.post(request, leg, scribe.leg(request, flag, envelope)).await;
        answer.map_or(UNKNOWN, |answer| {
            self.read(request, leg, &answer, row_of(request).receipt, |message| {
                (if message.field(Field::TrxId) == Some(&id) { state(message) } else { LegResult::Unknown }, None)
            })
        })
    }

    pub async fn query(&self, scribe: &Scribe, request: &Bytes, leg: u8) -> Found {
        let id = field(request, Field::TrxId);
        for _ in 0..self.queries_max {
            tokio::time::sleep(self.query_pause).await;
            let Some(answer) = self.post(request, leg, scribe.query(request, leg)).await else { continue };
            let found = self.read(request, leg, &answer, MessageType::Epcc302, |message| {
                let absent = message.return_code(Field::OriBizStsCd).is_ok_and(absent);
                let result = match state(message) {
                    _ if message.field(Field::OriTrxId) != Some(&id) => LegResult::Unknown,
                    LegResult::Unknown if absent => LegResult::Absent,
                    result => result,
                };
                (result, None)
            });
            if found.0 != LegResult::Unknown {
                return found;
            }
        }
        UNKNOWN
    }

    /// Sends something on to an institution; its answer, when it is signed.
    pub async fn relay(&self, to: InstitutionId, body: Bytes) -> Option<Bytes> {
        let party = self.banks.get(&to)?;
        let answer = tokio::time::timeout(self.timeout, exchange(party, body)).await.ok()??;
        let mut decoder = Decoder::new();
        let checked = decoder.decode(&answer).and_then(|message| message.check()).ok()?;
        verify(&party.key, &checked).then_some(answer.clone())
    }

    pub async fn notify(&self, scribe: &Scribe, request: &Bytes, id: TrxId, leg: u8, status: TrxStatus) {
        for _ in 0..self.queries_max {
            let answer = self.post(request, leg, scribe.notice(request, id, leg, status)).await;
            let read = |answer| self.read(request, leg, &answer, MessageType::Epcc303, |_| (LegResult::Done, None));
            if answer.map(read).is_some_and(|found| found.0 == LegResult::Done) {
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
        result: impl Fn(&Checked<'_>) -> Found,
    ) -> Found {
        let mut decoder = Decoder::new();
        let checked = decoder.decode(answer).and_then(|message| message.check());
        match checked {
            Ok(message) if message.message_type() != expected => UNKNOWN,
            Ok(message) if self.verifies && !verify(&self.banks[&bank_of(request, leg)].key, &message) => UNKNOWN,
            Ok(message) => (result(&message).0, message.field(Field::SgnNo).map(<[u8]>::to_vec)),
            Err(_) => UNKNOWN,
        }
    }
}

pub fn state(message: &Checked<'_>) -> LegResult {
    match message.status(Field::TrxStatus) {
        Ok(TrxStatus::Success) => LegResult::Done,
        Ok(TrxStatus::Failure) => LegResult::Refused,
        Ok(TrxStatus::InProcess) => LegResult::Waiting,
        _ => LegResult::Unknown,
    }
}

fn absent(code: ReturnCode) -> bool {
    code == ReturnCode::PB531001 || code == ReturnCode::PB631001
}

pub fn field(request: &Bytes, field: Field) -> Vec<u8> {
    let mut decoder = Decoder::new();
    let message = decoder.decode(request).unwrap().check().unwrap();
    message.field(field).unwrap_or_default().to_vec()
}

/// The business that a request is of.
pub fn row_of(request: &Bytes) -> &'static BusinessRow {
    let mut decoder = Decoder::new();
    let message = decoder.decode(request).unwrap().check().unwrap();
    let category = message.field(Field::TrxCtgy).unwrap_or_default();
    let rows = Business::ALL.iter().map(|business| business.row());
    let of_type = |row: &&BusinessRow| row.request == message.message_type() && category == row.category;
    rows.into_iter().find(of_type).unwrap()
}

/// Leg 0 is the institution itself.
fn bank_of(request: &Bytes, leg: u8) -> InstitutionId {
    let mut decoder = Decoder::new();
    let message = decoder.decode(request).unwrap().check().unwrap();
    if leg == 0 {
        return message.header().issuer;
    }
    let row = row_of(request);
    let places = if leg == 1 { row.first } else { row.second };
    let place = places.iter().find(|place| message.field(**place).is_some()).unwrap();
    message.institution(*place).unwrap()
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
        None => connect(bank).await?,
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

async fn connect(bank: &Bank) -> Option<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(bank.address).await.ok()?;
    let _ = stream.set_nodelay(true);
    match &bank.tls {
        None => speak(stream).await,
        Some((side, name)) => speak(side.connect(stream, name).await.ok()?).await,
    }
}

async fn speak(stream: impl AsyncRead + AsyncWrite + Unpin + 'static) -> Option<SendRequest<Full<Bytes>>> {
    let (sender, connection) = handshake(TokioIo::new(stream)).await.ok()?;
    tokio::task::spawn_local(async move { drop(connection.await) });
    Some(sender)
}
