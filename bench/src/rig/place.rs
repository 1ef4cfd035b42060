//! The files of a node and its counterparties, with ports that are free now.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use clearway::config::{
    AdminSection, BusinessSection, JournalSection, LimitsSection, ListenSection, UnknownAgreements,
};
use clearway::init;
use clearway_crypto::Suite;
use clearway_crypto::envelope::EnvelopeAlgorithm;
use clearway_loadgen::mix::MixFile;

use serde::Serialize;

use super::Temper;
use super::links::add_standbys;
use crate::disk::Scratch;
use crate::error::Error;

/// What messages travel over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub enum Transport {
    /// HTTP without more.
    #[default]
    #[serde(rename = "plain HTTP")]
    Plain,
    /// HTTP in TLS, with certificates on both sides.
    #[serde(rename = "mutual TLS")]
    Tls,
}

impl Transport {
    /// For a switch on the command line.
    pub const fn of(tls: bool) -> Self {
        if tls { Self::Tls } else { Self::Plain }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "plain HTTP",
            Self::Tls => "mutual TLS",
        })
    }
}

/// What kind of world to set up.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Suite of all keys.
    pub suite: Suite,
    /// Payment institutions.
    pub institutions: usize,
    /// Banks.
    pub banks: usize,
    /// Further participants that the node knows and that take part in nothing, half of them banks.
    pub idle: usize,
    /// Agreements in the node's registers when it starts, the same number of every pair of institution and bank that takes part: all
    /// those that payments of a run draw from. 0 = the node lets unknown ones pass.
    pub agreements: u64,
    /// What messages travel over.
    pub transport: Transport,
    /// Whether every bank has a standby link beside its own.
    pub standbys: bool,
    /// Seed of the banks' behaviour.
    pub seed: u64,
    /// How the banks behave, and how fast the node gives up on them.
    pub temper: Temper,
    /// How banks and institutions behave in place of that, and which suites the institutions sign with.
    pub mix_file: Option<Box<MixFile>>,
    /// Journal section, its folder aside; how the node is run otherwise is its default.
    pub journal: JournalSection,
    /// Limits of the node.
    pub limits: LimitsSection,
    /// Workers of the node; they share the cores that [`crate::cpu::Cores`] gives the node.
    pub workers: usize,
    /// Share of messages whose signature generator and banks check, 0 to 1; the node checks all of its own.
    pub verify_share: f64,
}

impl Setup {
    /// Four institutions, six banks, defaults of the node.
    pub fn of(suite: Suite) -> Self {
        Self {
            suite,
            institutions: 4,
            banks: 6,
            idle: 0,
            agreements: 0,
            transport: Transport::Plain,
            standbys: false,
            seed: 1,
            temper: Temper::Healthy,
            mix_file: None,
            journal: JournalSection::default(),
            limits: LimitsSection::default(),
            workers: 1,
            verify_share: 1.0,
        }
    }
}

impl Setup {
    /// Institutions that sign with the suites that the mix weighs, in turn.
    fn with_suites(&self, mut options: init::Options) -> Result<init::Options, Error> {
        let suites = self.mix_file.iter().flat_map(|file| file.mix.suites.keys());
        let fault = |error: clearway_crypto::Error| Error::Load(clearway_loadgen::Error::Mix(error.to_string()));
        options.institution_suites = suites.map(|name| name.parse().map_err(fault)).collect::<Result<_, _>>()?;
        Ok(options)
    }

    /// Thousands of RSA keys would take minutes to make.
    fn with_envelopes(&self, mut options: init::Options) -> init::Options {
        options.envelope = options.envelope.or_else(|| (self.idle > 0).then_some(EnvelopeAlgorithm::Sm2Sm4));
        if self.agreements > 0 {
            options.business.unknown_agreements = UnknownAgreements::Refuse;
        }
        options
    }
}

/// Where everything of one node is.
#[derive(Debug, Clone)]
pub struct Place {
    /// The folder of all of it.
    pub folder: PathBuf,
    /// The node's configuration.
    pub config: PathBuf,
    /// The counterparties' configuration.
    pub loadgen: PathBuf,
    /// The node's journal.
    pub journal: PathBuf,
    /// What the node logs.
    pub log: PathBuf,
}

impl Place {
    /// Writes configuration and keys into a new folder of `scratch`.
    ///
    /// # Errors
    /// No files, no ports, numbers out of range.
    pub fn write(setup: &Setup, scratch: &Scratch) -> Result<Self, Error> {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let folder = scratch.folder(&format!("node-{}", NUMBER.fetch_add(1, Ordering::Relaxed)))?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let (institutions, banks) = (setup.institutions + setup.idle.div_ceil(2), setup.banks + setup.idle / 2);
        let standbys = if setup.standbys { banks } else { 0 };
        let mut ports = free_ports(banks + institutions + standbys)?;
        let standbys = ports.split_off(banks + institutions);
        let institution_addresses = ports.split_off(banks);
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let options = init::Options {
            institutions,
            banks,
            suite: setup.suite,
            bank_addresses: Some(ports),
            institution_addresses: Some(institution_addresses),
            plain_http: setup.transport == Transport::Plain,
            listen: ListenSection { address: any_port, ..ListenSection::default() },
            admin: AdminSection { address: any_port, ..AdminSection::default() },
            journal: setup.journal.clone(),
            limits: setup.limits.clone(),
            workers: setup.workers,
            timing: setup.temper.timing(),
            // The agreements that the load pays by are imported.
            business: BusinessSection { unknown_agreements: UnknownAgreements::Refuse, ..BusinessSection::default() },
            ..init::Options::new(now)
        };
        let options = setup.with_envelopes(setup.with_suites(options)?);
        let written = init::write(&folder, &options)?;
        if !standbys.is_empty() {
            add_standbys(&folder.join("participants.toml"), &written.loadgen, &standbys)?;
        }
        let (journal, log) = (folder.join(&setup.journal.dir), folder.join("node.log"));
        Ok(Self { folder, config: written.config, loadgen: written.loadgen, journal, log })
    }
}

/// Loopback addresses that nobody listens on at this moment: all are held at once, then let go.
fn free_ports(count: usize) -> Result<Vec<SocketAddr>, Error> {
    let held = (0..count).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).collect::<Result<Vec<_>, _>>();
    let addresses = held.map_err(Error::machine("find free ports"))?;
    addresses.iter().map(|listener| listener.local_addr().map_err(Error::machine("find free ports"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_ports_are_distinct() {
        let mut ports = free_ports(20).unwrap();
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 20);
    }
}
