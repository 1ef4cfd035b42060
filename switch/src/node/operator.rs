//! What the operator sees and changes through the admin server, put together from the parts of the node.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::json;

use super::books::BookHandles;
use super::desk::register_pages;
use crate::admin::{
    AdmissionPages, Area, BatchPages, BookCasePages, BooksPages, DayPages, DifferencePages, Entrance, HistoryPages,
    Hooks, KeyPages, LinkPages, Load, Loaded, NodePages, OperationsPages, OrderPages, Pages, Readiness, Ready,
    RegisterPages, ReservePages, RoutePages, load_certificates,
};
use crate::config::Config;
use crate::error::{Error, Fault};
use crate::pipeline::Shared;
use crate::recovery::Memory;
use crate::registrar::History;
use crate::settings::Record;

/// The parts that answer the door's pages.
pub(super) fn hooks(
    config: &Config,
    shared: &Arc<Shared>,
    memory: &Memory,
    books: &BookHandles,
    entrance: &Entrance,
) -> Hooks {
    let registers = registers(config, shared, memory, books);
    let history = Arc::clone(&registers.history);
    let record = record(&history, shared);
    let admission = AdmissionPages {
        admission: Arc::clone(&shared.admission),
        record: Arc::clone(&record),
        clock: shared.clock.clone(),
    };
    let links =
        LinkPages { board: Arc::clone(&shared.links), record: Arc::clone(&record), clock: shared.clock.clone() };
    let reloads = registers.registrar.registers().setting(KeyPages::setting_key()).map_or(0, |last| last.version);
    let mut parts = vec![("keys", load_keys(config, shared))];
    if let (Some(section), Some(tls)) = (&config.tls, shared.transports.tls()) {
        let section = section.clone();
        parts.push(("certificates", load_certificates(move || section.load(), tls)));
    }
    parts.extend(entrance.load().map(|load| ("door", load)));
    let keys = KeyPages::new(parts, Arc::clone(&record), shared.clock.clone(), reloads);
    let explained = Arc::clone(shared);
    let routes = RoutePages {
        router: Arc::clone(&shared.router),
        explain: Box::new(move |asked| explained.decide(asked, &[], false, explained.clock.now_micros())),
        record,
        clock: shared.clock.clone(),
    };
    let books = book_pages(config, shared, books, &history);
    let hooks = Hooks {
        areas: vec![
            (Area::Node, Arc::new(NodePages { metrics: Arc::clone(&shared.metrics), ready: ready(shared) })),
            (Area::Keys, Arc::new(keys)),
            (Area::Admission, Arc::new(admission)),
            (Area::Links, Arc::new(links)),
            (Area::Registers, Arc::new(registers)),
            (Area::Routes, Arc::new(routes)),
            (Area::Operations, Arc::new(OperationsPages { board: Arc::clone(&shared.board) })),
            (Area::Books, Arc::new(books)),
            (Area::History, Arc::new(HistoryPages { history })),
        ],
    };
    debug_assert!(hooks.unanswered().is_empty(), "every page of the table is answered");
    hooks
}

fn registers(config: &Config, shared: &Arc<Shared>, memory: &Memory, books: &BookHandles) -> RegisterPages {
    let digester = Arc::clone(shared);
    register_pages(
        memory,
        Arc::clone(&shared.positions),
        Arc::clone(&books.registrar),
        config.participants.clone(),
        Box::new(move |text: &str| digester.sealer.digest(text)),
        shared.clock.clone(),
    )
}

/// All pages of the books.
fn book_pages(config: &Config, shared: &Arc<Shared>, books: &BookHandles, history: &Arc<History>) -> BooksPages {
    let (participants, registers) = (config.participants.clone(), Arc::clone(&shared.registers));
    let (history, clock, dir) = (Arc::clone(history), shared.clock.clone(), config.books.dir.clone());
    let batches = BatchPages {
        registers: Arc::clone(&registers),
        live: Arc::clone(&shared.positions),
        board: Arc::clone(&books.board),
        settlement: Arc::clone(&books.settlement),
        finality_us: shared.timing.finality_us(),
    };
    let cases = BookCasePages {
        participants: participants.clone(),
        registers: Arc::clone(&registers),
        history: Arc::clone(&history),
        clock: clock.clone(),
    };
    let reserve = ReservePages {
        participants: participants.clone(),
        registers: Arc::clone(&registers),
        history: Arc::clone(&history),
        clock: clock.clone(),
    };
    let days = DayPages { dir: dir.clone(), registers: Arc::clone(&registers) };
    let settlement = Arc::clone(&books.settlement);
    let orders = OrderPages { settlement, dir, participants, registers, history, clock };
    let differences = differences(config, shared, books);
    let parts: Vec<Box<dyn Pages>> = vec![
        Box::new(batches),
        Box::new(orders),
        Box::new(cases),
        Box::new(reserve),
        Box::new(days),
        Box::new(differences),
    ];
    BooksPages { parts }
}

/// Where findings of comparisons become cases and agreements.
fn differences(config: &Config, shared: &Arc<Shared>, books: &BookHandles) -> DifferencePages {
    let registrar = Arc::clone(&books.registrar);
    DifferencePages {
        dir: config.books.dir.clone(),
        participants: config.participants.clone(),
        registers: Arc::clone(&shared.registers),
        record: Arc::new(move |at_us, entries| registrar.record_books(at_us, entries)),
        clock: shared.clock.clone(),
    }
}

/// Makes a setting durable, and has the history know it.
fn record(history: &Arc<History>, shared: &Shared) -> Arc<Record> {
    let (history, clock) = (Arc::clone(history), shared.clock.clone());
    Arc::new(move |setting| history.record(clock.now_micros(), setting))
}

fn ready(shared: &Arc<Shared>) -> Ready {
    let asked = Arc::clone(shared);
    Box::new(move || {
        if asked.draining.load(Ordering::Relaxed) {
            return Readiness::NotReady("draining".to_owned());
        }
        asked
            .journal
            .status()
            .poisoned
            .map_or(Readiness::Ready, |why| Readiness::NotReady(format!("the journal has stopped: {why}")))
    })
}

/// Signature keys and the keys of envelopes.
fn load_keys(config: &Config, shared: &Arc<Shared>) -> Load {
    let (shared, keys) = (Arc::clone(shared), config.keys.clone());
    Box::new(move || {
        let manifest = keys.manifest_digest()?;
        let (ring, envelope) = (keys.load_ring()?, keys.load_envelope_keys()?);
        if keys.manifest_digest()? != manifest {
            return Err(Error::new(Fault::Configuration, "the manifest changed while it was read")
                .at("node.manifest")
                .remedy("reload again once it is complete"));
        }
        let note = json!({
            "manifest_sha256": manifest,
            "signature_keys": ring.len(),
            "encryption_keys": envelope.encryption.len(),
            "decryption_keys": envelope.decryption.len(),
        });
        let shared = Arc::clone(&shared);
        let install = Box::new(move || {
            shared.ring.store(ring);
            shared.sealer.replace(envelope);
        });
        Ok(Loaded { note, install })
    })
}
