//! The same node with one thing different: cores, suite, transport, journal driver.

use clearway::config::{JournalDriver, JournalSection};
use clearway_crypto::Suite;

use super::Course;
use super::load::Point;
use super::timetable::Part;
use crate::capacity::raw::Axis;
use crate::cpu::Cores;
use crate::error::Error;
use crate::interrupt;
use crate::rig::{Rig, Setup, Transport};

/// What is compared is a cost, and waiting for a core is none: the load is this share of what can be carried.
const SHARE: f64 = 0.5;
/// Rates that a node with several cores is tried at, as shares of as many times what one core held.
pub(super) const CORE_RATES: [f64; 4] = [0.6, 0.75, 0.9, 1.05];

/// Numbers of workers to try beside one, on a machine with so many cores: the load needs one for itself.
pub(super) fn worker_counts(cores: usize) -> Vec<usize> {
    let mut counts: Vec<usize> = (1..).map(|power| 1 << power).take_while(|count| *count < cores).collect();
    let all = cores.saturating_sub(1);
    if all > 2 && !counts.contains(&all) {
        counts.push(all);
    }
    counts
}

impl Course<'_> {
    /// More workers, where there are cores for them.
    pub(super) fn compare_cores(&mut self, one_core_per_s: f64) -> Result<(), Error> {
        let counts = worker_counts(self.cores.available);
        if counts.is_empty() {
            let why = format!("of {} cores the load needs one", self.cores.available);
            self.writer.skip("a node with more than one core", &why);
        }
        for workers in counts {
            let Some(cores) = Cores::choose_for(workers) else { continue };
            let setup = Setup { workers, ..self.setup() };
            let mut rig = Rig::start(&setup, &self.scratch, &cores)?;
            for share in CORE_RATES {
                let rate_per_s = share * one_core_per_s * workers as f64;
                let (part, axis, value) = (Part::Cores, Axis::Cores, format!("{workers}-{rate_per_s:.0}"));
                self.take(&mut rig, &Point { part, axis, value, rate_per_s, setup: &setup, cores: &cores })?;
            }
        }
        Ok(())
    }

    /// Every suite at the same share of what its floors let expect.
    pub(super) fn compare_suites(&mut self) -> Result<(), Error> {
        for suite in Suite::ALL {
            let setup = Setup { suite, ..self.setup() };
            let rate = SHARE * self.expected_per_s(suite);
            self.vary(Part::Suites, Axis::Suites, &suite.to_string(), rate, &setup)?;
        }
        Ok(())
    }

    /// With TLS and without, at the same rate.
    pub(super) fn compare_transports(&mut self, held_per_s: f64) -> Result<(), Error> {
        for (name, transport) in [("plain", Transport::Plain), ("tls", Transport::Tls)] {
            let setup = Setup { transport, ..self.setup() };
            self.vary(Part::Transports, Axis::Transports, name, SHARE * held_per_s, &setup)?;
        }
        Ok(())
    }

    /// Every journal driver of this machine, at the same rate. All of them sync: there is no switch to turn that off.
    pub(super) fn compare_drivers(&mut self, held_per_s: f64) -> Result<(), Error> {
        for (name, driver) in [("io_uring", JournalDriver::IoUring), ("pwrite", JournalDriver::Pwrite)] {
            let setup = Setup { journal: JournalSection { driver, ..JournalSection::default() }, ..self.setup() };
            self.vary(Part::Durability, Axis::Durability, name, SHARE * held_per_s, &setup)?;
        }
        Ok(())
    }

    /// One run in a world of its own. A world that cannot be started is left out, with the reason.
    fn vary(&mut self, part: Part, axis: Axis, value: &str, rate_per_s: f64, setup: &Setup) -> Result<(), Error> {
        let cores = self.cores.clone();
        match Rig::start(setup, &self.scratch, &cores) {
            Ok(mut rig) => {
                let point = Point { part, axis, value: value.to_owned(), rate_per_s, setup, cores: &cores };
                self.take(&mut rig, &point).map(drop)
            }
            Err(error) => {
                interrupt::check()?;
                self.writer.skip(&format!("{} {value}", axis.name()), &error.to_string());
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_double_and_leave_a_core_for_the_load() {
        let seen = [1, 2, 3, 4, 6, 8, 64].map(worker_counts);
        let expected: [&[usize]; 7] = [&[], &[], &[2], &[2, 3], &[2, 4, 5], &[2, 4, 7], &[2, 4, 8, 16, 32, 63]];
        assert_eq!(seen.each_ref().map(Vec::as_slice), expected);
    }
}
