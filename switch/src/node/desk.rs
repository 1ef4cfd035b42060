//! The registers' pages, over a running node's memory or over that of a node that is stopped.

use std::sync::Arc;

use super::open::{open_memory, open_positions};
use crate::admin::{Digest, RegisterPages};
use crate::clock::Clock;
use crate::config::{Config, Participants};
use crate::error::Error;
use crate::positions::Live;
use crate::recovery::Memory;
use crate::registrar::{History, Registrar};
use crate::sensitive::Sealer;

/// The pages over this memory, whose changes this registrar makes: one for all of a node, so that they are made one after the other.
pub(super) fn register_pages(
    memory: &Memory,
    positions: Arc<Live>,
    registrar: Arc<Registrar>,
    participants: Participants,
    digest: Digest,
    clock: Clock,
) -> RegisterPages {
    let (table, shelves) = (Arc::clone(&memory.table), Arc::clone(&memory.shelves));
    RegisterPages {
        history: Arc::new(History::new(Arc::clone(&registrar))),
        registrar,
        positions,
        participants,
        digest,
        find_payment: Box::new(move |key| {
            let on_shelf = || {
                let found = shelves.find(key);
                found
                    .inspect_err(|error| tracing::error!(%error, "a payment cannot be read from its shelf"))
                    .ok()
                    .flatten()
            };
            table.get(key).or_else(on_shelf)
        }),
        clock,
    }
}

/// The pages of a node that does not run. The journal stays open, and locked, as long as they live.
///
/// # Errors
/// As starting the node: keys, journal, checkpoint; a journal that is in use.
pub(crate) fn offline_pages(config: &Config) -> Result<RegisterPages, Error> {
    let keys = config.keys.load()?;
    let (journal, memory) = open_memory(config, &keys)?;
    let sealer = Sealer::new(keys.envelope, keys.digest);
    let digest = Box::new(move |text: &str| sealer.digest(text));
    let positions = Arc::new(open_positions(0, &memory.registers)?);
    let registrar = Arc::new(Registrar::new(Arc::clone(&memory.registers), journal));
    Ok(register_pages(&memory, positions, registrar, config.participants.clone(), digest, Clock::real()))
}
