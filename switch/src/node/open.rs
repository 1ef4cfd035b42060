//! Opens what a node stands on: keys, journal, table; and restores what they hold.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use arc_swap::ArcSwap;
use clearway_codec::value::BeijingTime;
use http::HeaderValue;

use super::counters::restore_counters;
use super::probe::probe;
use super::rules::{calendar, control_pool};
use crate::admission::Admission;
use crate::books::BatchEntry;
use crate::clock::Clock;
use crate::config::{Config, JournalDriver, NodeKeys};
use crate::domain::Business;
use crate::domain::register::Setting;
use crate::domain::timing::{Schedule, Timing};
use crate::error::{Error, Fault};
use crate::journal::{self, DriverChoice, Journal, Options};
use crate::metrics::Metrics;
use crate::net::link::Board as LinkBoard;
use crate::net::transport::Transports;
use crate::operations::Board;
use crate::pipeline::{Active, Shared};
use crate::positions::Live;
use crate::recovery::{Memory, restore};
use crate::registers::Registers;
use crate::registrar::Registrar;
use crate::routing::{Router, RoutesFile};
use crate::sensitive::Sealer;
use crate::settings::{CorruptSetting, Space};
use crate::shelf::Shelves;
use crate::table::{Orders, Table};

/// Shards of the table: enough that two workers rarely meet.
const SHARDS: usize = 64;

/// Opens the journal and restores what it holds.
pub(super) fn open_memory(config: &Config, keys: &NodeKeys) -> Result<(Arc<Journal>, Memory), Error> {
    config.participants.confirm_register(&config.journal.dir)?;
    keys.confirm_digest_key(&config.journal.dir)?;
    let (journal, recovered) = Journal::open(options(config)).map_err(|error| {
        Error::new(fault_of(&error), "the journal cannot be opened")
            .at(config.journal.dir.display().to_string())
            .caused_by(error)
    })?;
    let table = Arc::new(Table::new(SHARDS, config.limits.payments_max));
    // Before all else: what is on a shelf is known to replay.
    let now = BeijingTime::from_unix_micros(Clock::real().now_micros());
    let shelves = Arc::new(Shelves::open(&config.books.dir.join("shelf"), now)?);
    let registers = Arc::new(Registers::new(config.business.agreements_max));
    let memory = Memory { table, registers, shelves };
    let restored = restore(&config.journal.dir, &journal, &recovered, &memory)?;
    tracing::info!(
        payments = restored.payments,
        agreements = memory.registers.agreements(),
        from_checkpoint = restored.from_checkpoint,
        records = restored.records,
        on_shelves = memory.shelves.payments(),
        shed = restored.shed,
        took_ms = restored.took.as_millis(),
        cut = ?recovered.truncated_tail,
        driver = journal.driver(),
        "restored"
    );
    Ok((Arc::new(journal), memory))
}

/// Opens keys and journal, restores what they hold, and makes what the workers share.
pub(super) fn open(config: &Config) -> Result<(Arc<Shared>, Memory), Error> {
    let keys = config.keys.load()?;
    let (journal, memory) = open_memory(config, &keys)?;
    let (table, registers) = (Arc::clone(&memory.table), Arc::clone(&memory.registers));
    let admission = Arc::new(Admission::new(config, |name| Business::from_name(name).map(Business::code))?);
    let corrupt = |corrupt: CorruptSetting| {
        Error::new(Fault::Data, "a setting in the journal cannot be applied").caused_by(corrupt)
    };
    let settings = registers.settings();
    admission.apply_settings(of_space(&settings, Space::Admission)).map_err(corrupt)?;
    let router = Arc::new(Router::new(config.participants.clone()));
    router.apply_settings(of_space(&settings, Space::Routes)).map_err(corrupt)?;
    let clock = Clock::real();
    if let Some(file) = &config.routes.file {
        router.configure(RoutesFile::load(file, &config.participants)?)?;
        let registrar = Registrar::new(Arc::clone(&registers), Arc::clone(&journal));
        let now_us = clock.now_micros();
        router.register(now_us, &|setting| registrar.record_settings(now_us, vec![setting.image()]))?;
    }
    let metrics = Metrics::new(config.node.workers, config.participants.metric_names(), clock.clone());
    let participants =
        config.participants.iter().map(|participant| usize::from(participant.index) + 1).max().unwrap_or(0);
    let issuer = HeaderValue::from_str(config.node.id.as_str());
    let transports = Transports::open(config, &clock)?;
    let links =
        LinkBoard::new(&config.participants, &config.links, config.node.workers, &clock, |participant, link| {
            transports.connector(participant, &link.endpoint)
        });
    links.apply_settings(of_space(&settings, Space::Links)).map_err(corrupt)?;
    let shared = Arc::new(Shared {
        id: config.node.id,
        serial: config.node.serial,
        issuer: issuer
            .map_err(|error| Error::new(Fault::Configuration, "node.id is no header value").caused_by(error))?,
        signing_key: keys.signing,
        backends: config.crypto.backends()?,
        ring: ArcSwap::new(keys.ring),
        sealer: Sealer::new(keys.envelope, keys.digest),
        participants: config.participants.clone(),
        links,
        transports,
        table: Arc::clone(&table),
        shelves: Arc::clone(&memory.shelves),
        journal,
        timing: timing(config)?,
        clock: clock.clone(),
        metrics,
        board: Arc::new(Board::new(
            config.node.workers,
            config.participants.clone(),
            Arc::clone(&admission),
            clock.clone(),
        )),
        admission: Arc::clone(&admission),
        router,
        orders: Arc::new(Orders::default()),
        keeper: Arc::default(),
        positions: Arc::new(open_positions(config.node.workers, &memory.registers)?),
        registers,
        calendar: calendar(&config.business)?,
        controls: control_pool(&config.business)?,
        business: config.business.clone(),
        active: Active::new(config.limits.in_flight_max, participants),
        recorded: AtomicU64::new(0),
        draining: AtomicBool::new(false),
        ended: AtomicBool::new(false),
    });
    table.for_each(|payment| {
        shared.active.moved(None, payment, |payment, leg| shared.asked(payment, leg));
        shared.orders.note(payment);
        shared.positions.restore(payment);
    });
    restore_counters(&shared)?;
    shared.metrics.connect(probe(Arc::clone(&shared)));
    Ok((shared, memory))
}

/// The live books, which know what the journal says of each batch; the payments are still to come.
pub(super) fn open_positions(workers: usize, registers: &Registers) -> Result<Live, Error> {
    let positions = Live::new(workers);
    for (batch, kept) in BatchEntry::all(registers)? {
        if kept.content.phase.is_sealed() {
            positions.forget(batch);
        } else {
            positions.close(batch);
        }
    }
    Ok(positions)
}

/// The bytes of an area's settings.
fn of_space(settings: &[Setting], space: Space) -> impl Iterator<Item = &[u8]> {
    let own = settings.iter().filter(move |setting| Space::of(setting.key) == Some(space));
    own.map(|setting| setting.bytes.as_slice())
}

/// Who has to act on a journal that does not open.
fn fault_of(error: &journal::Error) -> Fault {
    match error {
        journal::Error::Options(_) => Fault::Configuration,
        journal::Error::Io { .. }
        | journal::Error::Locked(_)
        | journal::Error::Full { .. }
        | journal::Error::Poisoned(_) => Fault::Environment,
        _ => Fault::Data,
    }
}

fn options(config: &Config) -> Options {
    let section = &config.journal;
    Options {
        driver: match section.driver {
            JournalDriver::Auto => DriverChoice::Auto,
            JournalDriver::IoUring => DriverChoice::IoUring,
            JournalDriver::Pwrite => DriverChoice::Pwrite,
        },
        segment_bytes: section.segment_bytes,
        segments_ahead: section.segments_ahead,
        group_bytes_max: section.group_bytes_max,
        groups_in_flight_max: section.groups_in_flight_max,
        linger_us: section.linger_us,
        backlog_bytes_max: section.backlog_bytes_max(),
        reserve_bytes: section.reserve_bytes(),
        ..Options::new(&section.dir)
    }
}

fn timing(config: &Config) -> Result<Timing, Error> {
    let section = &config.timing;
    let schedule = |key: &str, offsets_ms: &[u64]| {
        let offsets_us: Vec<u64> = offsets_ms.iter().map(|ms| ms.saturating_mul(1000)).collect();
        Schedule::new(&offsets_us)
            .map_err(|error| Error::new(Fault::Configuration, error.to_string()).at(format!("timing.{key}")))
    };
    Ok(Timing {
        leg_deadline_us: [section.leg1_deadline_ms.saturating_mul(1000), section.leg2_deadline_ms.saturating_mul(1000)],
        query_schedule: schedule("query_schedule_ms", &section.query_schedule_ms)?,
        notice_schedule: schedule("notice_schedule_ms", &section.notice_schedule_ms)?,
        receipt_deadline_us: section.receipt_deadline_ms.saturating_mul(1000),
        rest_until_us: 0,
        batch_from: 0,
    })
}
