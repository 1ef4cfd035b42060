//! What the node's parts say about themselves at a scrape.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use clearway_crypto::Suite;

use crate::journal::Space;
use crate::metrics::{BatchReading, BooksReading, JournalReading, KeyReading, Latency, Probe, Readings, TableReading};
use crate::pipeline::Shared;
use crate::positions::BatchView;

/// A probe over `shared` for the metrics.
pub(super) fn probe(shared: Arc<Shared>) -> Probe {
    Box::new(move || Readings {
        ready: !shared.draining.load(Ordering::Relaxed),
        journal: journal(&shared),
        table: TableReading {
            payments: count(shared.table.len()),
            bytes: count(shared.table.memory_bytes()),
            shelved: shared.shelves.payments(),
            filter_bytes: count(shared.shelves.filter_bytes()),
        },
        backends: Suite::ALL
            .iter()
            .map(|suite| (suite.name().to_owned(), shared.backends.name_of(*suite).to_owned()))
            .collect(),
        clock_ahead_us: shared.clock.ahead_of_wall_micros(),
        keys: keys(&shared),
        links: shared.links.view().into_iter().map(Into::into).collect(),
        certificates: shared.transports.all().flat_map(|(tls, uses)| tls.certificates(&uses)).collect(),
        channels: shared.router.readings(shared.clock.now_micros()),
        batches: batches(&shared),
        books: books(&shared),
        operations: shared.board.reading(),
        queues: vec![("legs_out", u64::from(shared.active.all()))],
    })
}

fn journal(shared: &Shared) -> JournalReading {
    let status = shared.journal.status();
    let quantile = |q: f64| status.sync_us.value_at_quantile(q);
    let sync_us = Latency {
        count: status.sync_us.len(),
        p50: quantile(0.5),
        p90: quantile(0.9),
        p99: quantile(0.99),
        p999: quantile(0.999),
        max: status.sync_us.max(),
    };
    let space = match status.space {
        Space::Ok => "ok",
        Space::Low => "low",
        Space::Full => "full",
    };
    JournalReading {
        driver: status.driver.to_owned(),
        durability: durability(status.driver).to_owned(),
        poisoned: status.poisoned,
        groups: status.groups,
        frames: status.frames,
        bytes: status.bytes,
        lag_groups: status.lag_groups,
        cpu_us: status.cpu_ns / 1_000,
        space: space.to_owned(),
        sync_us,
    }
}

/// What the kernel promises when a group counts as durable with this driver.
fn durability(driver: &str) -> &'static str {
    if driver.contains("fdatasync") { "fsync on (fdatasync per group)" } else { "fsync on (RWF_DSYNC per group)" }
}

fn books(shared: &Shared) -> BooksReading {
    let (board, now_us) = (&shared.keeper, shared.clock.now_micros());
    BooksReading {
        stopped: board.stopped(),
        failing: count(board.failing()),
        failures: board.failures(),
        idle_s: match board.turned_us().max(board.began_us()) {
            0 => 0,
            last_us => now_us.saturating_sub(last_us) / 1_000_000,
        },
    }
}

fn batches(shared: &Shared) -> Vec<BatchReading> {
    let now_us = shared.clock.now_micros();
    let reading = |view: BatchView| BatchReading {
        batch: view.batch.to_string(),
        is_closed: view.is_closed,
        unfinished: view.open,
        booked: view.booked,
        position_sum_fen: i64::try_from(view.sum_fen).unwrap_or(if view.sum_fen < 0 { i64::MIN } else { i64::MAX }),
        over_s: now_us.saturating_sub(view.batch.ends_us()) / 1_000_000,
    };
    shared.positions.batches().into_iter().map(reading).collect()
}

fn keys(shared: &Shared) -> Vec<KeyReading> {
    let ring = shared.ring.load();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    ring.iter()
        .map(|key| KeyReading {
            institution: text(&key.institution),
            serial: text(&key.serial),
            valid_until_unix_secs: key.valid_until_unix_secs,
        })
        .collect()
}

fn count(value: usize) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}
