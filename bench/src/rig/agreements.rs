//! Agreements that the node finds in its registers when it starts: a checkpoint as the node itself would have written it.
//!
//! ```text
//!  every pair that takes part, every index --> images, some hundred a chunk --> checkpoint in the journal's folder
//! ```
//!
//! Invariant: what payments of a run may name is what is written, no more and no less, so that a payment on one is let through only if
//! the node has loaded it.

use clearway::config::Config;
use clearway::domain::register::Image;
use clearway::journal::{Journal, Options, checkpoint};
use clearway::recovery::Chunk;
use clearway_codec::InstitutionId;
use clearway_loadgen::Config as LoadConfig;
use clearway_loadgen::sgn_no::imported_agreement;

use super::{Place, Setup};
use crate::error::Error;
use crate::samples::agreement;

/// A chunk of the checkpoint ends when it is about as long as this.
const CHUNK_BYTES: usize = 64 * 1024;

/// Leaves those in the load's configuration that take part, and has their payments draw from as many agreements as are loaded.
pub(super) fn settle_parties(setup: &Setup, config: &mut LoadConfig) {
    config.institutions.truncate(setup.institutions);
    config.banks.truncate(setup.banks);
    if setup.agreements > 0 {
        config.agreements = per_pair(setup);
    }
}

fn per_pair(setup: &Setup) -> u32 {
    u32::try_from(setup.agreements.div_ceil((setup.institutions * setup.banks) as u64)).unwrap_or(u32::MAX)
}

/// Writes the agreements that `setup` asks for; how many they are.
///
/// # Errors
/// The node's files cannot be read, or the checkpoint cannot be written.
pub(super) fn load(setup: &Setup, place: &Place, config: &LoadConfig) -> Result<u64, Error> {
    if setup.agreements == 0 {
        return Ok(0);
    }
    let failed = || Error::failed("write a checkpoint of agreements");
    let node = Config::load(&place.config)?;
    let index_of = |id: &InstitutionId| {
        node.participants.index_of(id).ok_or_else(|| Error::Unsuited(format!("{id} is no participant of the node")))
    };
    let (journal, _) = Journal::open(Options::new(&place.journal)).map_err(Error::failed("open a journal"))?;
    let mut writer = checkpoint::Writer::create(&place.journal, journal.checkpoint_position()).map_err(failed())?;
    let (mut chunk, mut written) = (Vec::with_capacity(2 * CHUNK_BYTES), 0);
    Chunk::Registers.begin(&mut chunk);
    for (institution_place, institution) in config.institutions.iter().enumerate() {
        for (bank_place, bank) in config.banks.iter().enumerate() {
            let (institution, bank) = (index_of(&institution.identity.id)?, index_of(&bank.identity.id)?);
            for index in 0..config.agreements {
                let number = imported_agreement(institution_place, bank_place, index);
                written += 1;
                Image::Agreement(agreement(number.as_bytes(), written, institution, bank)?).encode(&mut chunk);
                if chunk.len() >= CHUNK_BYTES {
                    writer.write(&chunk).map_err(failed())?;
                    Chunk::Registers.begin(&mut chunk);
                }
            }
        }
    }
    writer.write(&chunk).map_err(failed())?;
    writer.finish().map_err(failed())?;
    journal.shutdown();
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Scratch;
    use clearway::recovery::{Memory, restore};
    use clearway::registers::Registers;
    use clearway::shelf::Shelves;
    use clearway::table::Table;
    use clearway_crypto::Suite;
    use std::sync::Arc;

    #[test]
    fn a_node_among_many_finds_every_agreement_that_a_run_may_name() {
        let scratch = Scratch::create("agreements", None, false).unwrap();
        let setup = Setup { idle: 21, agreements: 1_000, ..Setup::of(Suite::EcdsaP256Sha256) };
        let place = Place::write(&setup, &scratch).unwrap();
        let mut config = LoadConfig::load(&place.loadgen).unwrap();
        assert_eq!((config.institutions.len(), config.banks.len()), (15, 16));
        settle_parties(&setup, &mut config);
        let written = load(&setup, &place, &config).unwrap();
        assert_eq!((written, config.agreements), (24 * 42, 42));
        let (journal, recovered) = Journal::open(Options::new(&place.journal)).unwrap();
        let registers = Arc::new(Registers::new(10_000));
        let shelves = Arc::new(Shelves::none(&place.journal));
        let memory = Memory { table: Arc::new(Table::new(64, 10)), registers: Arc::clone(&registers), shelves };
        restore(&place.journal, &journal, &recovered, &memory).unwrap();
        assert_eq!(registers.agreements() as u64, written);
        let node = Config::load(&place.config).unwrap();
        for (institution, bank, index) in [(0, 0, 0), (3, 5, 41), (2, 1, 17)] {
            let number = imported_agreement(institution, bank, index);
            let found = registers.find_agreement(number.as_bytes()).unwrap();
            let ids = (config.institutions[institution].identity.id, config.banks[bank].identity.id);
            let expected = (node.participants.index_of(&ids.0), node.participants.index_of(&ids.1));
            assert_eq!((Some(found.institution), Some(found.bank)), expected);
        }
        assert!(registers.find_agreement(imported_agreement(0, 0, 42).as_bytes()).is_none());
    }
}
