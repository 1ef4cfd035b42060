//! A whole little payment network in a temporary folder: configuration, keys, ports, simulated banks and institutions.
//!
//! Invariant: every port was chosen by the system and is held from the moment it is known; nothing is shared between two
//! sites, so tests run beside each other.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clearway::init;
use clearway_codec::TrxId;
use clearway_crypto::envelope::EnvelopeAlgorithm;
use clearway_loadgen::bank::{Book, Leg};
use clearway_loadgen::{Behaviours, Counterparties, Ledgers, Target};
use tempfile::TempDir;

use crate::institution::Institution;
use crate::port::HeldPort;
use crate::process::{Ended, NodeProcess};

/// A configuration with everything around the node.
#[derive(Debug)]
pub struct Site {
    binary: PathBuf,
    port: HeldPort,
    parties: clearway_loadgen::Config,
    counterparties: Counterparties,
    config: PathBuf,
    journal: PathBuf,
    starts: AtomicUsize,
    // Last, so that everything in it has ended when it goes.
    dir: TempDir,
}

/// Small and quick: two institutions, three banks, schedules that end within a second or two, a small journal.
#[must_use]
pub fn quick_options() -> init::Options {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let mut options = init::Options::new(now);
    (options.institutions, options.banks) = (2, 3);
    options.plain_http = true;
    // RSA keys take too long to make for every test; the tests of sensitive values ask for them.
    options.envelope = Some(EnvelopeAlgorithm::Sm2Sm4);
    options.journal.segment_bytes = 8 << 20;
    options.journal.segments_ahead = 1;
    options.limits.payments_max = 200_000;
    options.timing.leg1_deadline_ms = 1_000;
    options.timing.leg2_deadline_ms = 1_000;
    options.timing.query_schedule_ms = vec![100, 250, 500, 1_000];
    options.timing.notice_schedule_ms = vec![200, 500, 1_000, 2_000, 4_000, 8_000];
    options.timing.receipt_deadline_ms = 20_000;
    options.timing.drain_deadline_ms = 10_000;
    options
}

impl Site {
    /// Healthy banks and the [`quick_options`]. `binary` is the node's, `env!("CARGO_BIN_EXE_clearway-node")` in a test.
    ///
    /// # Panics
    /// As [`with`](Self::with).
    #[must_use]
    pub fn new(binary: &str) -> Self {
        Self::with(binary, &Behaviours::healthy(), |_| {})
    }

    /// Banks that behave as told, and options changed by `change`.
    ///
    /// # Panics
    /// If the machine gives no folder, no ports, or the options are impossible.
    #[must_use]
    pub fn with(binary: &str, behaviours: &Behaviours, change: impl FnOnce(&mut init::Options)) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let port = HeldPort::take().expect("a port");
        let mut options = quick_options();
        options.listen.address = port.address();
        options.admin.address.set_port(0);
        change(&mut options);
        let journal = dir.path().join(&options.journal.dir);
        let written = init::write(dir.path(), &options).expect("a configuration can be written");
        let mut parties = clearway_loadgen::Config::load(&written.loadgen).expect("what init wrote can be read");
        let made_up: Vec<SocketAddr> = listens(&mut parties).map(|listen| *listen).collect();
        listens(&mut parties).for_each(|listen| listen.set_port(0));
        let counterparties =
            Counterparties::start(&parties, behaviours).expect("banks and institutions can be started");
        let bound = [counterparties.bank_addresses(), counterparties.institution_addresses()].concat();
        tell_addresses(&dir.path().join("participants.toml"), &made_up, &bound);
        let starts = AtomicUsize::new(0);
        Self { binary: binary.into(), port, parties, counterparties, config: written.config, journal, starts, dir }
    }

    /// Starts the node.
    ///
    /// # Panics
    /// If it does not become ready.
    #[must_use]
    pub fn start(&self) -> NodeProcess {
        self.try_start().unwrap_or_else(|ended| panic!("the node did not start: {ended}"))
    }

    /// Starts the node.
    ///
    /// # Errors
    /// It ended before it was ready.
    ///
    /// # Panics
    /// As [`NodeProcess::start`].
    pub fn try_start(&self) -> Result<NodeProcess, Ended> {
        NodeProcess::start(&self.binary, &self.config, self.next_log())
    }

    /// Starts the node and kills it so soon that it may still be recovering.
    ///
    /// # Panics
    /// If it cannot be started at all.
    pub fn start_and_kill_after(&self, moment: Duration) {
        let log = File::create(self.next_log()).expect("the log can be made");
        let mut command = Command::new(&self.binary);
        command.arg("serve").arg("--config").arg(&self.config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let mut child = command.spawn().expect("the node can be started");
        std::thread::sleep(moment);
        // It may have ended by itself.
        let _ = child.kill();
        let _ = child.wait();
    }

    /// A file for the log of the next node.
    #[must_use]
    pub fn next_log(&self) -> PathBuf {
        self.dir.path().join(format!("node-{}.log", self.starts.fetch_add(1, Ordering::Relaxed)))
    }

    /// Runs a command of the node's command line to its end.
    ///
    /// # Panics
    /// If it cannot be started.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Output {
        Command::new(&self.binary).args(arguments).output().expect("the command can be started")
    }

    /// Where the node listens, whether it runs or not.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.port.address()
    }

    /// Where load goes.
    #[must_use]
    pub fn target(&self) -> Target {
        Target::new(self.address(), crate::institution::PATH)
    }

    /// The other side's configuration.
    #[must_use]
    pub const fn parties(&self) -> &clearway_loadgen::Config {
        &self.parties
    }

    /// The other side.
    #[must_use]
    pub const fn counterparties(&self) -> &Counterparties {
        &self.counterparties
    }

    /// The institution at a place.
    #[must_use]
    pub const fn institution(&self, place: usize) -> Institution<'_> {
        Institution::new(self, place)
    }

    /// The node's configuration file.
    #[must_use]
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// The folder with everything in it.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The journal's folder.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.journal.clone()
    }

    /// What banks and institutions have in their books, as it is now.
    #[must_use]
    pub fn books(&self) -> Ledgers {
        self.counterparties.ledgers()
    }

    /// One leg in the books of the bank at `place`; empty books if it never heard of it.
    #[must_use]
    pub fn book(&self, place: usize, id: TrxId, leg: Leg) -> Book {
        self.books().banks.get(place).and_then(|bank| bank.ledger.book(id, leg).copied()).unwrap_or_default()
    }
}

fn listens(parties: &mut clearway_loadgen::Config) -> impl Iterator<Item = &mut SocketAddr> {
    let banks = parties.banks.iter_mut().flat_map(|bank| &mut bank.links);
    let institutions = parties.institutions.iter_mut().flat_map(|institution| &mut institution.links);
    banks.chain(institutions).map(|link| &mut link.listen)
}

/// Puts the ports that the system chose in the place of those that `init` made up. A participant must be bound before its
/// port is known, and needs its key from `init` before it can be bound.
pub(crate) fn tell_addresses(participants: &Path, made_up: &[SocketAddr], bound: &[SocketAddr]) {
    let text = fs::read_to_string(participants).expect("init wrote the participants");
    let told = made_up.iter().zip(bound).fold(text, |text, (from, to)| {
        let (from, to) = (format!("://{from}/"), format!("://{to}/"));
        assert!(text.contains(&from), "{from} is not in participants.toml");
        text.replace(&from, &to)
    });
    fs::write(participants, told).expect("the participants can be written");
}
