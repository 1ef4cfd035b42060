//! Just enough of a switch to exercise the generator: legs, queries, presumption, notices, stored receipts, and defects
//! on request.
//!
//! It is no model of the real one: its table is a map that survives a "restart" because the test holds it, and its
//! time-outs are short.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test binary uses its own part")]

mod bank_client;
mod messages;

use bank_client::{BankClient, LegResult};
use bytes::Bytes;
use clearway_codec::{Decoder, Field, InstitutionId, MessageType, ReturnCode, TrxId, TrxStatus};
use clearway_crypto::{Backends, SigningKey, VerifyJob, VerifyingKey};
use clearway_loadgen::config::{Bank, Config, Identity, Institution, Node};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use messages::Scribe;
use std::cell::Cell;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::watch;

/// Keys and addresses for a test: everything on loopback, every port from the system.
pub fn config(institutions: usize, banks: usize, suite: clearway_crypto::Suite) -> (Config, SigningKey) {
    let identity = |id: String, serial: u32| Identity {
        id: InstitutionId::parse(id.as_bytes()).unwrap(),
        serial: clearway_codec::SerialNumber::parse(format!("{serial:010}").as_bytes()).unwrap(),
        key: Arc::new(SigningKey::generate(suite).unwrap()),
        envelope: None,
    };
    let listen = "127.0.0.1:0".parse().unwrap();
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
                listen,
                reserve_bank: place % banks,
            })
            .collect(),
        banks: (0..banks)
            .map(|place| Bank {
                identity: identity(format!("C10{place:011}"), 4_200_000_000 + place as u32),
                name: format!("Bank {place}"),
                listen,
            })
            .collect(),
        agreements: 100,
    };
    (config, node_key)
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
            party_text(&party.identity, &party.name, party.listen, folder)
        );
    }
    for bank in &config.banks {
        text += &format!("[[bank]]\n{}", party_text(&bank.identity, &bank.name, bank.listen, folder));
    }
    let path = folder.join("loadgen.toml");
    std::fs::write(&path, text).unwrap();
    path
}

fn party_text(identity: &Identity, name: &str, listen: SocketAddr, folder: &Path) -> String {
    let Identity { id, serial, key, .. } = identity;
    std::fs::write(folder.join(format!("keys/{id}.key.pem")), key.to_pkcs8_pem().as_bytes()).unwrap();
    format!(
        "id = \"{id}\"\nname = {name:?}\nserial = \"{serial}\"\nkey = \"keys/{id}.key.pem\"\nlisten = \"{listen}\"\n"
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
        Self { banks: parties.bank_addresses().to_vec(), institutions: parties.institution_addresses().to_vec() }
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
        }
    }
}

/// What survives a restart.
#[derive(Debug, Clone)]
pub struct Entry {
    pub request: Bytes,
    pub leg2_sent: bool,
    pub status: Option<TrxStatus>,
    pub receipt: Option<Bytes>,
    /// Somebody is working on it in this life of the switch.
    busy: bool,
}

pub type Memory = Arc<Mutex<HashMap<TrxId, Entry>>>;

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
    config: Config,
    scribe: Scribe,
    banks: BankClient,
    manners: Manners,
    memory: Memory,
    requests: Cell<u64>,
}

impl Core {
    fn new(config: Config, key: SigningKey, parties: &Addresses, manners: Manners, memory: Memory) -> Self {
        let scribe = Scribe::new(config.node.clone(), key);
        let known = |identity: &Identity| (identity.id, identity.key.verifying_key().clone());
        let banks = config.banks.iter().map(|bank| known(&bank.identity)).zip(parties.banks.iter().copied());
        let institutions = config.institutions.iter().map(|party| known(&party.identity));
        let everybody = banks.chain(institutions.zip(parties.institutions.iter().copied())).collect();
        let banks = BankClient::new(everybody, &manners);
        Self { config, scribe, banks, manners, memory, requests: Cell::new(0) }
    }

    async fn accept(self: &Rc<Self>, listener: tokio::net::TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            let core = Rc::clone(self);
            let service = service_fn(move |request| Rc::clone(&core).serve(request));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::task::spawn_local(async move { drop(connection.await) });
        }
    }

    async fn serve(self: Rc<Self>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
        let body = request.into_body().collect().await?.to_bytes();
        let answer = self.answer(body).await;
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
        let message = decoder.decode(&body).unwrap().check().unwrap();
        if self.manners.verifies && !self.is_signed(&message) {
            return self.scribe.refusal(ReturnCode::ES000025);
        }
        match message.message_type() {
            MessageType::Epcc301 => self.query(message.trx_id(Field::OriTrxId).unwrap(), &message).await,
            _ => self.pay(message.trx_id(Field::TrxId).unwrap(), body.clone()).await,
        }
    }

    fn is_signed(&self, message: &clearway_codec::Checked<'_>) -> bool {
        let sender = self.config.institutions.iter().find(|party| party.identity.id == message.header().issuer);
        sender.is_some_and(|party| verify(party.identity.key.verifying_key(), message))
    }

    async fn pay(self: &Rc<Self>, id: TrxId, body: Bytes) -> Bytes {
        let known = self.memory.lock().unwrap().get(&id).cloned();
        let known_status = known.as_ref().map(|entry| entry.status);
        match known_status {
            Some(Some(status)) if self.manners.defect == Some(Defect::RemakesReceipts) => {
                return self.scribe.receipt(&body, status);
            }
            Some(Some(_)) => return known.and_then(|entry| entry.receipt).unwrap(),
            Some(None) => return self.scribe.receipt(&body, TrxStatus::InProcess),
            None => {}
        }
        let entry = Entry { request: body, leg2_sent: false, status: None, receipt: None, busy: true };
        self.memory.lock().unwrap().insert(id, entry);
        self.finish(id, true).await;
        self.entry(id).receipt.unwrap()
    }

    async fn query(self: &Rc<Self>, id: TrxId, query: &clearway_codec::Checked<'_>) -> Bytes {
        let resume = match self.memory.lock().unwrap().get_mut(&id) {
            None => return self.scribe.reply(query, None),
            // Left over from before the restart: resolved by asking the banks.
            Some(entry) if entry.status.is_none() && !entry.busy => {
                entry.busy = true;
                true
            }
            Some(_) => false,
        };
        if resume {
            self.finish(id, false).await;
        }
        let status = self.entry(id).status.unwrap_or(TrxStatus::InProcess);
        let fickle = self.manners.defect == Some(Defect::ChangesItsMind) && status == TrxStatus::Success;
        self.scribe.reply(query, Some(if fickle { TrxStatus::PresumedFailure } else { status }))
    }

    /// Brings a transaction to its end, in a task that outlives the connection that asked for it.
    async fn finish(self: &Rc<Self>, id: TrxId, fresh: bool) {
        let core = Rc::clone(self);
        let work = tokio::task::spawn_local(async move {
            let status = core.resolve(id, fresh).await;
            let request = core.entry(id).request;
            let receipt = core.scribe.receipt(&request, status);
            if let Some(entry) = core.memory.lock().unwrap().get_mut(&id) {
                entry.status = Some(status);
                entry.receipt = Some(receipt);
            }
            core.notify(id, &request, status).await;
        });
        work.await.unwrap();
    }

    async fn resolve(&self, id: TrxId, fresh: bool) -> TrxStatus {
        let request = self.entry(id).request;
        let leg1 = if self.entry(id).leg2_sent { LegResult::Done } else { self.leg1(&request, fresh).await };
        match leg1 {
            LegResult::Done => {}
            LegResult::Refused | LegResult::Absent => return TrxStatus::Failure,
            LegResult::Unknown => return TrxStatus::PresumedFailure,
        }
        if self.manners.defect == Some(Defect::SkipsCredit) {
            return TrxStatus::Success;
        }
        let resumed = std::mem::replace(&mut self.memory.lock().unwrap().get_mut(&id).unwrap().leg2_sent, true);
        match self.leg2(&request, !resumed).await {
            LegResult::Done => TrxStatus::Success,
            LegResult::Refused => TrxStatus::Failure,
            LegResult::Absent | LegResult::Unknown => TrxStatus::PresumedSuccess,
        }
    }

    async fn leg1(&self, request: &Bytes, fresh: bool) -> LegResult {
        if fresh && self.manners.defect == Some(Defect::DebitsTwice) {
            self.banks.leg(&self.scribe, request, 1).await;
        }
        let result = if fresh { self.banks.leg(&self.scribe, request, 1).await } else { LegResult::Unknown };
        if result == LegResult::Unknown { self.banks.query(&self.scribe, request, 1).await } else { result }
    }

    async fn leg2(&self, request: &Bytes, fresh: bool) -> LegResult {
        let mut result = if fresh { self.banks.leg(&self.scribe, request, 2).await } else { LegResult::Unknown };
        if result == LegResult::Unknown {
            result = self.banks.query(&self.scribe, request, 2).await;
        }
        if result == LegResult::Absent {
            result = self.banks.leg(&self.scribe, request, 2).await;
        }
        if result == LegResult::Unknown { self.banks.query(&self.scribe, request, 2).await } else { result }
    }

    async fn notify(&self, id: TrxId, request: &Bytes, status: TrxStatus) {
        if status == TrxStatus::Success || self.manners.defect == Some(Defect::KeepsDebits) {
            return;
        }
        self.banks.notify(&self.scribe, request, id, 0, status).await;
        self.banks.notify(&self.scribe, request, id, 1, status).await;
        if status == TrxStatus::PresumedSuccess {
            self.banks.notify(&self.scribe, request, id, 2, status).await;
        }
    }

    fn entry(&self, id: TrxId) -> Entry {
        self.memory.lock().unwrap()[&id].clone()
    }
}

fn verify(key: &VerifyingKey, message: &clearway_codec::Checked<'_>) -> bool {
    let mut signature = [0; clearway_codec::limits::SIGNATURE_BYTES_MAX];
    let Some(text) = message.signature_text() else { return false };
    let Ok(length) = clearway_codec::decode_signature(text, &mut signature) else { return false };
    Backends::default().verify(&VerifyJob { key, message: message.signed_bytes(), signature: &signature[..length] })
}
