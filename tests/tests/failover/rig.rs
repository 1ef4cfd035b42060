//! A node, a bank with an active and a standby line, and load.
//!
//! The bank keeps the reserve account of the first institution, so legs of both kinds go to it; the others have one line each that
//! nobody disturbs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use clearway::init::Options;
use clearway_loadgen::{Behaviours, Finished, Mix, Oracle, Plan, Profile, Run, Settlement, Verdict, settle};
use clearway_tests::process::NodeProcess;
use clearway_tests::proxy::{Cut, FaultProxy};
use clearway_tests::site::Site;
use clearway_tests::wait;
use clearway_tests::wiring::ACTIVE_AND_STANDBY;

use crate::NODE;
use crate::watch::Watch;

/// Number of the active line.
pub(crate) const ACTIVE: usize = 0;
/// Number of its standby.
pub(crate) const STANDBY: usize = 1;
/// Payments a second.
pub(crate) const RATE: f64 = 100.0;

/// Everything around one scenario.
pub(crate) struct Rig {
    pub(crate) node: NodeProcess,
    pub(crate) lines: Vec<FaultProxy>,
    pub(crate) watch: Arc<Watch>,
    /// Whether the lines carry TLS, so that the watch sees nothing.
    pub(crate) is_tls: bool,
    /// Place of the bank with the two lines.
    pub(crate) bank: usize,
    // Last: what the node has logged is in its folder.
    pub(crate) site: Site,
}

/// What a scenario came to, as its payments saw it.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) verdict: Verdict,
    /// Payments whose end was not 00.
    pub(crate) failed: u64,
    /// Of those, the ones whose end was presumed.
    pub(crate) presumed: u64,
    /// Payments with a leg that was unknown for a while: its bank was asked about it.
    pub(crate) unknown: u64,
    /// Payments in all.
    pub(crate) payments: u64,
}

impl Rig {
    /// Two lines with the node's own defaults for them.
    pub(crate) fn start(seed: u64, tls: bool) -> Self {
        Self::start_with(seed, |options| options.plain_http = !tls, |_| {})
    }

    /// `change` changes what `init` writes, `prepare` what it has written.
    pub(crate) fn start_with(seed: u64, change: impl FnOnce(&mut Options), prepare: impl FnOnce(&Site)) -> Self {
        let mut is_tls = false;
        let site = Site::with(NODE, &Behaviours { seed, ..Behaviours::default() }, |options| {
            // A connection that hangs is given up in time for the leg to take another line.
            options.timing.connect_timeout_ms = 500;
            (options.timing.leg1_deadline_ms, options.timing.leg2_deadline_ms) = (2_000, 2_000);
            options.timing.query_schedule_ms = vec![50, 200, 500, 1_000, 2_000, 4_000];
            change(options);
            is_tls = !options.plain_http;
        });
        prepare(&site);
        let bank = site.institution(0).reserve_bank();
        let lines = site.lay(bank, &ACTIVE_AND_STANDBY);
        let watch = Arc::new(Watch::default());
        // What is in TLS can only be passed on.
        for (number, line) in lines.iter().enumerate().filter(|_| !is_tls) {
            line.set_chooser(watch.chooser(number));
        }
        let node = site.start();
        Self { node, lines, watch, is_tls, bank, site }
    }

    /// Ends the node as a crash would, and starts it again.
    pub(crate) fn restart(&mut self) {
        self.node.signal(rustix::process::Signal::KILL);
        let _ = self.node.wait();
        self.node = self.site.start();
    }

    /// Payments until the run is stopped.
    pub(crate) fn load(&self, seed: u64, rate_per_s: f64) -> Run {
        let mix = Mix { payments: 100.0, refunds: 0.0, queries: 0.0, ..Mix::default() };
        let plan = Plan {
            profile: Profile::constant(rate_per_s),
            duration: Duration::from_secs(600),
            mix,
            seed,
            ..Plan::default()
        };
        Run::start(&plan, self.site.parties(), &self.site.target()).expect("a run")
    }

    /// Waits until so many more legs have gone over a line.
    pub(crate) fn await_legs(&self, line: usize, more: usize) {
        let before = self.watch.legs_on(line);
        wait::until(&format!("{more} more legs on line {line}"), || {
            (self.watch.legs_on(line) >= before + more).then_some(())
        });
    }

    /// Waits until so many legs have gone over the standby; where they cannot be seen, until it is in use and so many payments have an end.
    pub(crate) fn await_standby(&self, run: &Run, more: usize) {
        if self.is_tls {
            wait::until("the standby in use", || (!self.takeovers().is_empty()).then_some(()));
            self.watch.note_switch(STANDBY);
            self.await_finals(run, more as u64);
        } else {
            self.await_legs(STANDBY, more);
        }
    }

    /// Waits until so many more payments have an end.
    pub(crate) fn await_finals(&self, run: &Run, more: u64) {
        let before = run.progress().finals;
        wait::until(&format!("{more} more ends"), || (run.progress().finals >= before + more).then_some(()));
    }

    /// Every change of who takes the bank's messages, as the node has logged it: `from -> to`.
    pub(crate) fn takeovers(&self) -> Vec<String> {
        let bank = self.site.parties().banks[self.bank].identity.id;
        let log = self.node.log();
        let of_bank = |line: &&str| line.contains("links in use") && line.contains(bank.as_str());
        let value = |line: &str, key: &str| {
            let rest = line.split_once(key).map_or("", |(_, rest)| rest);
            rest.split([' ', '"']).find(|word| !word.is_empty()).unwrap_or_default().to_owned()
        };
        log.lines().filter(of_bank).map(|line| format!("{} -> {}", value(line, "from="), value(line, "to="))).collect()
    }

    /// Waits until exactly these changes were logged.
    pub(crate) fn await_takeovers(&self, expected: &[&str]) {
        wait::until(&format!("takeovers {expected:?}"), || (self.takeovers() == expected).then_some(()));
    }

    /// Every line as it should be. What stood still on one is not delivered after all: a bank that has said of leg 2 that it does not
    /// know it was sent it again, and the simulated ones do whatever they are told as often as they are told. Lines that went on working
    /// lose nothing.
    pub(crate) fn repair(&self) {
        let in_use =
            self.takeovers().last().map_or(ACTIVE, |last| if last.ends_with("-> spare") { STANDBY } else { ACTIVE });
        for (number, line) in self.lines.iter().enumerate() {
            if number != in_use || line.is_frozen() {
                line.strike(Cut::Reset);
            }
            line.repair();
            line.set_plan(clearway_tests::proxy::Plan::default());
        }
    }

    /// Stops the load, and judges.
    pub(crate) fn finish(&self, run: Run) -> Outcome {
        run.stop();
        let mut finished = run.wait().expect("the run ends");
        let (parties, target) = (self.site.parties(), self.site.target());
        settle(&Settlement::default(), parties, &target, &mut finished.tracker).expect("a settlement");
        let agreed = Oracle::await_agreement(|| Ok(self.site.books()), &finished.tracker, Duration::from_secs(20));
        let verdict = agreed.expect("books");
        if !verdict.ok {
            let config = self.site.config().display().to_string();
            for example in &verdict.examples {
                let trace = self.site.run(&["trace", &example.trx_id, "--config", &config]);
                println!("{example:?}\n{}", String::from_utf8_lossy(&trace.stdout));
            }
        }
        self.sum_up(&finished, verdict)
    }

    fn sum_up(&self, finished: &Finished, verdict: Verdict) -> Outcome {
        use clearway_loadgen::bank::Leg;
        let ends = verdict.businesses.values().fold((0, 0, 0), |(sent, failed, presumed), of| {
            let by_presumption = of.presumed_success + of.presumed_failure;
            (sent + of.sent, failed + of.sent - of.success, presumed + by_presumption)
        });
        let books = self.site.books();
        let was_asked = |id| {
            let legs =
                || books.banks.iter().flat_map(|bank| [Leg::Debit, Leg::Credit].map(|leg| bank.ledger.book(id, leg)));
            legs().flatten().any(|book| book.queries > 0)
        };
        let unknown = finished.tracker.iter().filter(|(id, _)| was_asked(*id)).count() as u64;
        Outcome { verdict, failed: ends.1, presumed: ends.2, unknown, payments: ends.0 }
    }

    /// Milliseconds from then to the first leg on the standby since (over TLS: to the log line that says so); none if there was none.
    pub(crate) fn switched_after_ms(&self, since: Instant) -> Option<u64> {
        let first = self.watch.first_on(STANDBY, since)?;
        Some(u64::try_from(first.duration_since(since).as_millis()).unwrap_or(u64::MAX))
    }
}
