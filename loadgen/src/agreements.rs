//! The agreements of the direct-link time that payments of a run draw from, as a file to import into the switch.
//!
//! ```text
//! number,old number,institution,bank,account,customer,merchants,starts,ends
//! EPI000000010000000042,,Z2000131000017,C1000131000017,6226098800000000042,110101190000000294,,,
//! ```

use crate::compose::Person;
use crate::config::Config;
use crate::sgn_no::imported_agreement;
use std::io::{self, Write};

/// Writes `count` agreements of every pair of institution and bank; how many lines that were.
///
/// A run draws its payments from the first [`Config::agreements`] of each pair: import at least as many.
///
/// # Errors
/// What `out` fails with.
pub fn write_agreements_csv(config: &Config, count: u32, out: &mut impl Write) -> io::Result<u64> {
    let mut lines = 0_u64;
    for (institution_place, institution) in config.institutions.iter().enumerate() {
        for (bank_place, bank) in config.banks.iter().enumerate() {
            for index in 0..count {
                let number = imported_agreement(institution_place, bank_place, index);
                let person = Person::new(lines);
                let (institution, bank) = (institution.identity.id, bank.identity.id);
                writeln!(out, "{number},,{institution},{bank},{},{},,,", person.account(), person.id_number())?;
                lines += 1;
            }
        }
    }
    Ok(lines)
}

/// The same as text.
///
/// ```no_run
/// use clearway_loadgen::{Config, agreements_csv};
/// use std::path::Path;
///
/// let config = Config::load(Path::new("DIR/counterparties/loadgen.toml"))?;
/// std::fs::write("agreements.csv", agreements_csv(&config, config.agreements)).unwrap();
/// # Ok::<(), clearway_loadgen::Error>(())
/// ```
pub fn agreements_csv(config: &Config, count: u32) -> String {
    let mut text = Vec::new();
    // Memory takes what it is given.
    let _ = write_agreements_csv(config, count, &mut text);
    String::from_utf8(text).unwrap_or_default()
}
