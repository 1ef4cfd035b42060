//! Just enough of a switch to exercise the generator: legs, queries, presumption, notices, stored receipts, and defects
//! on request.
//!
//! It is no model of the real one: its table is a map that survives a "restart" because the test holds it, and its
//! time-outs are short.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test binary uses its own part")]

mod bank_client;
pub mod messages;
pub mod pki;
mod register;

use bank_client::{BankClient, Found, LegResult, row_of, state};
use bytes::Bytes;
use clearway_codec::{Decoder, Field, InstitutionId, MessageType, ReturnCode, SerialNumber, TrxId, TrxStatus};
use clearway_crypto::envelope::{CipherMode, DecryptionKey, EnvelopeAlgorithm};
use clearway_crypto::{Backends, SigningKey, VerifyJob, VerifyingKey};
use clearway_loadgen::business::Effect;
use clearway_loadgen::config::{Bank, Config, EnvelopeKeys, Identity, Institution, LinkAddress, Node, NodeEnvelope};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use messages::{End, Scribe};
use register::Register;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::watch;

/// How often something that is awaited is looked at.
const PAUSE: Duration = Duration::from_millis(2);

/// Keys and addresses for a test: everything on loopback, every port from the system.
pub fn config(institutions: usize, banks: usize, suite: clearway_crypto::Suite) -> (Config, SigningKey) {
    let node_envelope =
        || NodeEnvelope { serial: serial_number(NODE_ENVELOPE), key: node_decryption().encryption_key().clone() };
    let identity = |id: String, serial: u32| Identity {
        id: InstitutionId::parse(id.as_bytes()).unwrap(),
        serial: serial_number(serial),
        key: Arc::new(SigningKey::generate(suite).unwrap()),
        envelope: Some(Arc::new(EnvelopeKeys {
            serial: serial_number(serial + 50_000_000),
            decryption: DecryptionKey::generate(EnvelopeAlgorithm::Sm2Sm4).unwrap(),
            mode: CipherMode::Cbc,
            node: node_envelope(),
        })),
        tls: None,
    };
    let links = vec![LinkAddress::main("127.0.0.1:0".parse().unwrap())];
    let node_key = SigningKey::generate(suite).unwrap();
    let node = identity("G4000311000018".into(), 4_000_000_001);
    let config = Config {
        target: "http://127.0.0.1:0/preSvr".into(),
        suite,
        node: Node { id: node.id, serial: node.serial, key: node_key.verifying_key().clone() },
        institutions: (0..institutions)
            .map(|place| Institution {
                identity: identity(format!("Z20{place:011}"), 4_100_000_000 + place as u32),
                name: format!("Institution {place}"),
                links: links.clone(),
                reserve_bank: place % banks,
            })
            .collect(),
        banks: (0..banks)
            .map(|place| Bank {
                identity: identity(format!("C10{place:011}"), 4_200_000_000 + place as u32),
                name: format!("Bank {place}"),
                links: links.clone(),
            })
            .collect(),
        agreements: 100,
    };
    (config, node_key)
}

/// Serial number of this switch's encryption certificate.
const NODE_ENVELOPE: u32 = 4_290_000_001;

fn serial_number(number: u32) -> SerialNumber {
    SerialNumber::parse(format!("{number:010}").as_bytes()).unwrap()
}

/// This switch's private encryption key: one for all tests of a process.
fn node_decryption() -> DecryptionKey {
    static PEM: OnceLock<String> = OnceLock::new();
    let make = || DecryptionKey::generate(EnvelopeAlgorithm::Sm2Sm4).unwrap().to_pkcs8_pem().to_string();
    DecryptionKey::from_pkcs8_pem(PEM.get_or_init(make)).unwrap()
}

/// What this switch opens messages with and seals them for one participant.
fn peer_keys(identity: &Identity) -> Option<EnvelopeKeys> {
    let theirs = identity.envelope.as_ref()?;
    let key = theirs.decryption.encryption_key().clone();
    Some(EnvelopeKeys {
        serial: serial_number(NODE_ENVELOPE),
        decryption: node_decryption(),
        mode: theirs.mode,
        node: NodeEnvelope { serial: theirs.serial, key },
    })
}

/// Writes a configuration with its keys into a folder, as `clearway init` does; the path of loadgen.toml.
pub fn write_config(config: &Config, folder: &Path) -> PathBuf {
    std::fs::create_dir_all(folder.join("keys")).unwrap();
    std::fs::write(folder.join("keys/node.pub.pem"), config.node.key.to_spki_pem()).unwrap();
    let mut text = format!(
        "format = 2\ntarget = {:?}\nsuite = \"{}\"\n[node]\nid = \"{}\"\nserial = \"{}\"\npublic_key = \"keys/node.pub.pem\"\n",
        config.target, config.suite, config.node.id, config.node.serial
    );
    for party in &config.institutions {
        let reserve = config.banks[party.reserve_bank].identity.id;
        text += &format!(
            "[[institution]]\n{}reserve_bank = \"{reserve}\"\n",
            party_text(&party.identity, &party.name, &party.links, folder)
        );
    }
    for bank in &config.banks {
        text += &format!("[[bank]]\n{}", party_text(&bank.identity, &bank.name, &bank.links, folder));
    }
    let path = folder.join("loadgen.toml");
    std::fs::write(&path, text).unwrap();
    path
}

fn party_text(identity: &Identity, name: &str, links: &[LinkAddress], folder: &Path) -> String {
    let Identity { id, serial, key, .. } = identity;
    std::fs::write(folder.join(format!("keys/{id}.key.pem")), key.to_pkcs8_pem().as_bytes()).unwrap();
    format!(
        "id = \"{id}\"\nname = {name:?}\nserial = \"{serial}\"\nkey = \"keys/{id}.key.pem\"\nlisten = \"{}\"\n",
        links[0].listen
    )
}

/// Where banks and institutions listen.
#[derive(Debug, Clone)]
pub struct Addresses {
    pub banks: Vec<SocketAddr>,
    pub institutions: Vec<SocketAddr>,
}

impl Addresses {
    pub fn of(parties: &clearway_loadgen::Counterparties) -> Self {
        Self { banks: parties.bank_addresses(), institutions: parties.institution_addresses() }
    }
}

/// What is wrong with this switch, so that the oracle has something to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// Sends leg 1 twice.
    DebitsTwice,
    /// Answers 00 without leg 2.
    SkipsCredit,
    /// Ends payments as 01 without telling the payer's bank.
    KeepsDebits,
    /// Makes a new receipt for a repeated request.
    RemakesReceipts,
    /// Says 04 to a query about a success.
    ChangesItsMind,
    /// Lets payments through on whatever was ended, and on mandates whatever they allow.
    ForgetsItsRegister,
    /// Ends what was opened as 01 after the bank has opened it, and does not tell the bank.
    KeepsEntries,
}

/// How this switch behaves.
#[derive(Debug, Clone)]
pub struct Manners {
    /// Core that its thread is pinned to.
    pub pin_core: Option<usize>,
    /// Checks signatures; off only where the generator's cost is measured.
    pub verifies: bool,
    pub defect: Option<Defect>,
    /// Refuses every n-th request with PS500001; 0 = none.
    pub refuses_every: u64,
    pub bank_timeout: Duration,
    pub query_pause: Duration,
    pub queries_max: u32,
    /// How long an order waits for its customer.
    pub order_valid: Duration,
    /// Speaks TLS, on both sides.
    pub tls: Option<pki::Side>,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            pin_core: None,
            verifies: true,
            defect: None,
            refuses_every: 0,
            bank_timeout: Duration::from_millis(400),
            query_pause: Duration::from_millis(20),
            queries_max: 50,
            order_valid: Duration::from_millis(700),
            tls: None,
        }
    }
}

/// What survives a restart.
#[derive(Debug, Clone)]
pub struct Entry {
    pub request: Bytes,
    pub leg2_sent: bool,
    pub end: Option<End>,
    pub receipt: Option<Bytes>,
    /// Somebody is working on it in this life of the switch.
    busy: bool,
    /// It waits for a customer.
    waiting: bool,
    /// What the customer did, by the bank's account.
    news: Option<Found>,
    closed: bool,
}

/// Both steps of a signing share their transaction id: the first one is told apart.
pub type Key = (TrxId, bool);

pub type Memory = Arc<Mutex<HashMap<Key, Entry>>>;

pub struct MiniSwitch {
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<Duration>>,
}

impl MiniSwitch {
    /// Starts on a port of the system, or on `address` after a restart.
    pub fn start(
        config: &Config,
        key: &SigningKey,
        parties: &Addresses,
        manners: Manners,
        memory: Memory,
        address: Option<SocketAddr>,
    ) -> Self {
        let listener = std::net::TcpListener::bind(address.unwrap_or_else(|| "127.0.0.1:0".parse().unwrap())).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        memory.lock().unwrap().values_mut().for_each(|entry| entry.busy = false);
        let (config, pem, parties) = (config.clone(), key.to_pkcs8_pem(), parties.clone());
        let stop = watch::Sender::new(false);
        let mut stopped = stop.subscribe();
        let thread = std::thread::spawn(move || {
            if let Some(id) = manners.pin_core {
                core_affinity::set_for_current(core_affinity::CoreId { id });
            }
            let key = SigningKey::from_pkcs8_pem(&pem).unwrap();
            let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default()).unwrap();
            runtime.block_on(async move {
                let switch = Rc::new(Core::new(config, key, &parties, manners, memory));
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                tokio::select! {
                    () = switch.accept(listener) => {}
                    _ = stopped.wait_for(|stop| *stop) => {}
                }
            });
            let cpu = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
            Duration::new(cpu.tv_sec as u64, cpu.tv_nsec as u32)
        });
        Self { address, stop, thread: Some(thread) }
    }
}

impl MiniSwitch {
    /// Stops it; the CPU time it has used.
    pub fn stop(mut self) -> Duration {
        self.stop.send_replace(true);
        self.thread.take().unwrap().join().unwrap()
    }
}

impl Drop for MiniSwitch {
    /// All connections break, as when a process is killed.
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Core {
    scribe: Scribe,
    banks: BankClient,
    manners: Manners,
    memory: Memory,
    register: RefCell<Register>,
    requests: Cell<u64>,
}

impl Core {
    fn new(config: Config, key: SigningKey, parties: &Addresses, manners: Manners, memory: Memory) -> Self {
        let scribe = Scribe::new(config.node.clone(), key);
        let banks = config.banks.iter().map(|bank| bank.identity.clone()).zip(parties.banks.iter().copied());
        let institutions = config.institutions.iter().map(|party| party.identity.clone());
        let everybody = banks.chain(institutions.zip(parties.institutions.iter().copied())).collect();
        let banks = BankClient::new(everybody, &manners);
        Self { scribe, banks, manners, memory, register: RefCell::default(), requests: Cell::new(0) }
    }

    async fn accept(self: &Rc<Self>, listener: tokio::net::TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            let core = Rc::clone(self);
            tokio::task::spawn_local(async move {
                match core.manners.tls.clone() {
                    None => core.serve_stream(stream, None).await,
                    Some(tls) => {
                        if let Some((stream, names)) = tls.accept(stream).await {
                            core.serve_stream(stream, Some(names)).await;
                        }
                    }
                }
            });
        }
    }

    async fn serve_stream(self: &Rc<Self>, stream: impl AsyncRead + AsyncWrite + Unpin, names: Option<Vec<String>>) {
        let service = service_fn(|request| Rc::clone(self).serve(request, names.as_deref()));
        drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
    }

    async fn serve(
        self: Rc<Self>,
        request: Request<Incoming>,
        names: Option<&[String]>,
    ) -> Result<Response<Full<Bytes>>, hyper::Error> {
        let body = request.into_body().collect().await?.to_bytes();
        let answer = match names {
            Some(names) if !is_of_one(names, &body) => self.scribe.refusal(ReturnCode::ES000021),
            _ => self.answer(body).await,
        };
        let mut response = Response::new(Full::new(answer));
        response.headers_mut().insert("clearway-internal-us", 42.into());
        Ok(response)
    }

    async fn answer(self: &Rc<Self>, body: Bytes) -> Bytes {
        self.requests.set(self.requests.get() + 1);
        if self.manners.refuses_every > 0 && self.requests.get().is_multiple_of(self.manners.refuses_every) {
            return self.scribe.refusal(ReturnCode::PS500001);
        }
        let mut decoder = Decoder::new();
        let Ok(message) = decoder.decode(&body).and_then(|message| message.check()) else {
            return self.scribe.refusal(ReturnCode::ES000012);
        };
        if self.manners.verifies && !self.is_signed(&message) {
            return self.scribe.refusal(ReturnCode::ES000025);
        }
        let original = || message.trx_id(Field::OriTrxId).unwrap();
        match message.message_type() {
            MessageType::Epcc301 => self.query(MessageType::Epcc302, original(), &message).await,
            MessageType::Epcc305 => {
                let id = TrxId::parse(message.field(Field::OrdrId).unwrap()).unwrap();
                self.query(MessageType::Epcc306, id, &message).await
            }
            MessageType::Epcc313 => self.query(MessageType::Epcc314, original(), &message).await,
            MessageType::Epcc317 => self.close(original(), &message).await,
            MessageType::Epcc401 => self.scribe.numbers(message.field(Field::InstgId).unwrap()),
            MessageType::Epcc321 | MessageType::Epcc322 | MessageType::Epcc324 => {
                self.scribe.refusal(ReturnCode::SUCCESS)
            }
            MessageType::Epcc245 => self.hear(original(), &message),
            MessageType::Epcc113 => self.hear(message.trx_id(Field::TrxId).unwrap(), &message),
            MessageType::Epcc105 => self.end_by_bank(&message, body.clone()),
            MessageType::Epcc117 => self.ask_institution(&message, &body).await,
            _ => self.pay(message.trx_id(Field::TrxId).unwrap(), body.clone()).await,
        }
    }

    fn is_signed(&self, message: &clearway_codec::Checked<'_>) -> bool {
        self.banks.verifies(message.header().issuer, message)
    }

    async fn pay(self: &Rc<Self>, id: TrxId, body: Bytes) -> Bytes {
        let row = row_of(&body);
        let key = (id, row.effect == Effect::Check);
        let known = self.memory.lock().unwrap().get(&key).cloned();
        match known {
            Some(Entry { end: Some(end), .. }) if self.manners.defect == Some(Defect::RemakesReceipts) => {
                return self.scribe.receipt(&body, row, &end);
            }
            Some(Entry { receipt: Some(receipt), .. }) => return receipt,
            Some(_) => return self.scribe.receipt(&body, row, &open_end()),
            None => {}
        }
        let entry = Entry {
            request: body.clone(),
            leg2_sent: false,
            end: None,
            receipt: None,
            busy: true,
            waiting: false,
            news: None,
            closed: false,
        };
        self.memory.lock().unwrap().insert(key, entry);
        let work = self.finish(key, true);
        while !work.is_finished() && !self.entry(key).waiting {
            tokio::time::sleep(PAUSE).await;
        }
        self.entry(key).receipt.unwrap_or_else(|| self.scribe.receipt(&body, row, &open_end()))
    }

    async fn query(self: &Rc<Self>, answer: MessageType, id: TrxId, query: &clearway_codec::Checked<'_>) -> Bytes {
        let key = (id, false);
        let resume = match self.memory.lock().unwrap().get_mut(&key) {
            None => return self.scribe.reply(answer, query, id, None),
            // Left over from before the restart: resolved by asking the banks.
            Some(entry) if entry.end.is_none() && !entry.busy => {
                entry.busy = true;
                true
            }
            Some(_) => false,
        };
        if resume {
            self.finish(key, false).await.unwrap();
        }
        let end = self.entry(key).end.unwrap_or_else(open_end);
        let fickle = self.manners.defect == Some(Defect::ChangesItsMind) && end.status == TrxStatus::Success;
        let status = if fickle { TrxStatus::PresumedFailure } else { end.status };
        self.scribe.reply(answer, query, id, Some(&End { status, ..end }))
    }

    /// Brings a transaction to its end, in a task that outlives the connection that asked for it.
    fn finish(self: &Rc<Self>, key: Key, fresh: bool) -> tokio::task::JoinHandle<()> {
        let core = Rc::clone(self);
        tokio::task::spawn_local(async move {
            let request = core.entry(key).request;
            let row = row_of(&request);
            let forgetful = core.manners.defect == Some(Defect::ForgetsItsRegister);
            let refusal = core.register.borrow_mut().admit(row, &request, fresh, forgetful);
            let mut end = match refusal {
                Some(code) => End { status: TrxStatus::Failure, code, number: None },
                None => core.resolve(key, fresh).await,
            };
            if core.manners.defect == Some(Defect::KeepsEntries) && row.effect.opens() {
                (end.status, end.number) = (TrxStatus::Failure, None);
            }
            core.register.borrow_mut().settle(row, &request, &end, refusal.is_some());
            let receipt = core.scribe.receipt(&request, row, &end);
            if let Some(entry) = core.memory.lock().unwrap().get_mut(&key) {
                (entry.end, entry.receipt) = (Some(end.clone()), Some(receipt));
            }
            if refusal.is_none() {
                core.notify(key.0, &request, end.status).await;
            }
        })
    }

    async fn resolve(&self, key: Key, fresh: bool) -> End {
        let request = self.entry(key).request;
        let leg1 =
            if self.entry(key).leg2_sent { (LegResult::Done, None) } else { self.leg1(key, &request, fresh).await };
        let number = leg1.1.filter(|_| row_of(&request).effect.opens());
        let end = |status, code| End { status, code, number };
        match leg1.0 {
            LegResult::Done => {}
            LegResult::Refused | LegResult::Absent | LegResult::Waiting => {
                return End { number: None, ..end(TrxStatus::Failure, ReturnCode::PB520011) };
            }
            LegResult::Unknown => {
                return End { number: None, ..end(TrxStatus::PresumedFailure, ReturnCode::PS500031) };
            }
        }
        if row_of(&request).second.is_empty() || self.manners.defect == Some(Defect::SkipsCredit) {
            return end(TrxStatus::Success, ReturnCode::SUCCESS);
        }
        let resumed = std::mem::replace(&mut self.memory.lock().unwrap().get_mut(&key).unwrap().leg2_sent, true);
        match self.leg2(&request, !resumed).await {
            LegResult::Done => end(TrxStatus::Success, ReturnCode::SUCCESS),
            LegResult::Refused => end(TrxStatus::Failure, ReturnCode::RB620097),
            _ => end(TrxStatus::PresumedSuccess, ReturnCode::RS600031),
        }
    }

    async fn leg1(&self, key: Key, request: &Bytes, fresh: bool) -> Found {
        if fresh && self.manners.defect == Some(Defect::DebitsTwice) {
            self.banks.leg(&self.scribe, request, 1).await;
        }
        let found = if fresh { self.banks.leg(&self.scribe, request, 1).await } else { (LegResult::Unknown, None) };
        let found =
            if found.0 == LegResult::Unknown { self.banks.query(&self.scribe, request, 1).await } else { found };
        if found.0 == LegResult::Waiting { self.await_customer(key, request).await } else { found }
    }

    /// Until there is news, the order is closed, or it expires; then the bank is asked once more.
    async fn await_customer(&self, key: Key, request: &Bytes) -> Found {
        self.memory.lock().unwrap().get_mut(&key).unwrap().waiting = true;
        let until = tokio::time::Instant::now() + self.manners.order_valid;
        while tokio::time::Instant::now() < until {
            let entry = self.entry(key);
            if entry.closed {
                return (LegResult::Refused, None);
            }
            if let Some(news) = entry.news {
                return news;
            }
            tokio::time::sleep(PAUSE).await;
        }
        let last = self.banks.query(&self.scribe, request, 1).await;
        if self.entry(key).closed { (LegResult::Refused, None) } else { last }
    }

    /// What a bank says of its customer.
    fn hear(&self, id: TrxId, message: &clearway_codec::Checked<'_>) -> Bytes {
        let mut memory = self.memory.lock().unwrap();
        let Some(entry) = memory.get_mut(&(id, false)) else { return self.scribe.refusal(ReturnCode::PB531001) };
        entry.news.get_or_insert_with(|| (state(message), message.field(Field::SgnNo).map(<[u8]>::to_vec)));
        self.scribe.refusal(ReturnCode::SUCCESS)
    }

    /// 317: closed, too late, unknown.
    async fn close(self: &Rc<Self>, id: TrxId, query: &clearway_codec::Checked<'_>) -> Bytes {
        let end = |code: &[u8; 8], status| {
            let code = ReturnCode::parse(code).unwrap();
            End { status, code, number: None }
        };
        let outcome = match self.memory.lock().unwrap().get_mut(&(id, false)) {
            None => end(b"PB530001", TrxStatus::Failure),
            Some(Entry { end: Some(known), .. }) if known.status == TrxStatus::Failure => {
                end(b"PB500034", TrxStatus::Failure)
            }
            Some(Entry { end: Some(known), .. }) => end(b"00000000", known.status),
            Some(entry) if entry.waiting && entry.news.is_none() => {
                entry.closed = true;
                end(b"PB500034", TrxStatus::InProcess)
            }
            Some(_) => end(b"00000000", TrxStatus::InProcess),
        };
        self.scribe.reply(MessageType::Epcc318, query, id, Some(&outcome))
    }

    /// 105: ended at once; the institution is told until it acknowledges.
    fn end_by_bank(self: &Rc<Self>, message: &clearway_codec::Checked<'_>, body: Bytes) -> Bytes {
        self.register.borrow_mut().end(message.field(Field::SgnNo).unwrap());
        let (core, to) = (Rc::clone(self), message.institution(Field::InstgId).unwrap());
        tokio::task::spawn_local(async move {
            let notice = core.scribe.leg(&body, 0, None);
            while core.banks.relay(to, notice.clone()).await.is_none() {
                tokio::time::sleep(core.manners.query_pause).await;
            }
        });
        self.scribe.refusal(ReturnCode::SUCCESS)
    }

    /// 117: the institution decides; silence leaves it open.
    async fn ask_institution(&self, message: &clearway_codec::Checked<'_>, body: &Bytes) -> Bytes {
        let answer =
            self.banks.relay(message.institution(Field::InstgId).unwrap(), self.scribe.leg(body, 0, None)).await;
        let consent = answer.map(|answer| bank_client::field(&answer, Field::TrxStatus));
        let status = match consent.as_deref() {
            Some(b"00") => TrxStatus::Success,
            Some(b"01") => TrxStatus::Failure,
            _ => TrxStatus::InProcess,
        };
        if status == TrxStatus::Success {
            self.register.borrow_mut().end(message.field(Field::SgnNo).unwrap());
        }
        self.scribe.receipt(body, row_of(body), &End { status, code: ReturnCode::SUCCESS, number: None })
    }

    async fn leg2(&self, request: &Bytes, fresh: bool) -> LegResult {
        let mut result = if fresh { self.banks.leg(&self.scribe, request, 2).await.0 } else { LegResult::Unknown };
        if result == LegResult::Unknown {
            result = self.banks.query(&self.scribe, request, 2).await.0;
        }
        if result == LegResult::Absent {
            result = self.banks.leg(&self.scribe, request, 2).await.0;
        }
        if result == LegResult::Unknown { self.banks.query(&self.scribe, request, 2).await.0 } else { result }
    }

    async fn notify(&self, id: TrxId, request: &Bytes, status: TrxStatus) {
        let silent = [Some(Defect::KeepsDebits), Some(Defect::KeepsEntries)].contains(&self.manners.defect);
        if status == TrxStatus::Success || silent {
            return;
        }
        self.banks.notify(&self.scribe, request, id, 0, status).await;
        self.banks.notify(&self.scribe, request, id, 1, status).await;
        if status == TrxStatus::PresumedSuccess {
            self.banks.notify(&self.scribe, request, id, 2, status).await;
        }
    }

    fn entry(&self, key: Key) -> Entry {
        self.memory.lock().unwrap()[&key].clone()
    }
}

/// Whether the message's sender is one of those whom the connection speaks for.
fn is_of_one(names: &[String], body: &Bytes) -> bool {
    let mut decoder = Decoder::new();
    let Ok(message) = decoder.decode(body).and_then(|message| message.check()) else { return true };
    let issuer = message.header().issuer.to_string().to_lowercase();
    names.contains(&format!("{issuer}.participant.internal"))
}

fn open_end() -> End {
    End { status: TrxStatus::InProcess, code: ReturnCode::SUCCESS, number: None }
}

fn verify(key: &VerifyingKey, message: &clearway_codec::Checked<'_>) -> bool {
    let mut signature = [0; clearway_codec::limits::SIGNATURE_BYTES_MAX];
    let Some(text) = message.signature_text() else { return false };
    let Ok(length) = clearway_codec::decode_signature(text, &mut signature) else { return false };
    Backends::default().verify(&VerifyJob { key, message: message.signed_bytes(), signature: &signature[..length] })
}
