//! What `init` is asked for.

use std::net::{Ipv4Addr, SocketAddr};

use clearway_crypto::Suite;
use clearway_crypto::envelope::{CipherMode, EnvelopeAlgorithm};

use crate::config::{
    AdminSection, BooksSection, BusinessSection, CheckpointSection, CryptoSection, JournalSection, LimitsSection,
    ListenSection, TimingSection, UnknownAgreements,
};
use crate::error::{Error, Fault};

/// First port of the simulated banks; the n-th bank listens on this + n.
const BANK_PORT: u16 = 20_000;
/// First port of the simulated institutions.
const INSTITUTION_PORT: u16 = 24_000;
/// Most participants of one kind whose addresses are made up here: the ports end below the system's own range.
const PORTS_PER_KIND: usize = (INSTITUTION_PORT - BANK_PORT - 1) as usize;

/// How long a generated key is valid.
const VALIDITY_SECS: u64 = 5 * 365 * 24 * 60 * 60;

/// Choices for [`write`](super::write). Every section of the configuration can be given; its values are written
/// out, each with its explanation.
#[derive(Debug, Clone)]
pub struct Options {
    /// Payment institutions, 1 to 9,999.
    pub institutions: usize,
    /// Banks, 1 to 9,999.
    pub banks: usize,
    /// Suite of all generated signature keys.
    pub suite: Suite,
    /// Suites of the institutions' signature keys in turn, in place of that one; empty = all of that one. Who signs with
    /// what is the participants' own affair: the node verifies by the key.
    pub institution_suites: Vec<Suite>,
    /// Algorithm of all generated encryption keys; `None` takes `sm2-sm4` with the suite `sm2-sm3`, else `rsa-aes256`.
    /// An RSA key takes some 50 ms to make, an SM2 key less than one.
    pub envelope: Option<EnvelopeAlgorithm>,
    /// Cipher mode of all participants.
    pub cipher_mode: CipherMode,
    /// Plain HTTP everywhere, and no certificates. Else (the default) mutual TLS everywhere, with certificates of a new
    /// test CA for the node, every participant and two operators.
    pub plain_http: bool,
    /// Overwrite what an earlier `init` wrote. A journal is never touched.
    pub force: bool,
    /// Where the simulated banks listen, one address for each; `None` takes 127.0.0.1 and ports from 20001.
    pub bank_addresses: Option<Vec<SocketAddr>>,
    /// Where the simulated institutions listen for notices; `None` takes 127.0.0.1 and ports from 24001.
    pub institution_addresses: Option<Vec<SocketAddr>>,
    /// First second at which the keys are valid, unix time.
    pub valid_from_unix_secs: u64,
    /// First second at which they are no longer valid, unix time.
    pub valid_until_unix_secs: u64,
    /// `node.workers`.
    pub workers: usize,
    /// `node.pin_cores`.
    pub pin_cores: Vec<usize>,
    /// `[listen]`; its transport goes by `plain_http`.
    pub listen: ListenSection,
    /// `[admin]`.
    pub admin: AdminSection,
    /// `[journal]`.
    pub journal: JournalSection,
    /// `[timing]`.
    pub timing: TimingSection,
    /// `[limits]`.
    pub limits: LimitsSection,
    /// `[business]`.
    pub business: BusinessSection,
    /// `[books]`.
    pub books: BooksSection,
    /// `[checkpoint]`.
    pub checkpoint: CheckpointSection,
    /// `[crypto]`.
    pub crypto: CryptoSection,
}

impl Options {
    /// Four institutions, six banks, P-256, keys valid for five years from the day before `now_unix_secs`, defaults
    /// for the rest.
    #[must_use]
    pub fn new(now_unix_secs: u64) -> Self {
        Self {
            institutions: 4,
            banks: 6,
            suite: Suite::EcdsaP256Sha256,
            institution_suites: Vec::new(),
            envelope: None,
            cipher_mode: CipherMode::Cbc,
            plain_http: false,
            force: false,
            bank_addresses: None,
            institution_addresses: None,
            valid_from_unix_secs: now_unix_secs.saturating_sub(24 * 60 * 60),
            valid_until_unix_secs: now_unix_secs.saturating_add(VALIDITY_SECS),
            workers: 1,
            pin_cores: Vec::new(),
            listen: ListenSection::default(),
            admin: AdminSection::default(),
            journal: JournalSection::default(),
            timing: TimingSection::default(),
            limits: LimitsSection::default(),
            // Made-up customers have signed nothing yet.
            books: BooksSection::default(),
            business: BusinessSection { unknown_agreements: UnknownAgreements::Pass, ..BusinessSection::default() },
            checkpoint: CheckpointSection::default(),
            crypto: CryptoSection::default(),
        }
    }

    /// Of every URL that is written.
    pub(super) const fn scheme(&self) -> &'static str {
        if self.plain_http { "http" } else { "https" }
    }

    pub(super) fn envelope(&self) -> EnvelopeAlgorithm {
        let fitting =
            if self.suite == Suite::Sm2Sm3 { EnvelopeAlgorithm::Sm2Sm4 } else { EnvelopeAlgorithm::RsaAes256 };
        self.envelope.unwrap_or(fitting)
    }

    /// Suite of the institution at a place.
    pub(super) fn institution_suite(&self, at: usize) -> Suite {
        self.institution_suites.iter().cycle().nth(at).copied().unwrap_or(self.suite)
    }

    pub(super) fn bank_addresses(&self) -> Result<Vec<SocketAddr>, Error> {
        addresses("banks", self.banks, self.bank_addresses.as_deref(), BANK_PORT)
    }

    pub(super) fn institution_addresses(&self) -> Result<Vec<SocketAddr>, Error> {
        addresses("institutions", self.institutions, self.institution_addresses.as_deref(), INSTITUTION_PORT)
    }
}

fn addresses(kind: &str, count: usize, given: Option<&[SocketAddr]>, base_port: u16) -> Result<Vec<SocketAddr>, Error> {
    let fault = |what: String| Err(Error::new(Fault::Configuration, what).at(kind.to_owned()));
    if !(1..=super::identity::PER_KIND_MAX).contains(&count) {
        return fault(format!("{count} is out of range, 1 to {}", super::identity::PER_KIND_MAX));
    }
    match given {
        Some(list) if list.len() != count => fault(format!("{} addresses for {count}", list.len())),
        Some(list) if list.iter().any(|address| address.port() == 0) => {
            fault("port 0 cannot be told to the node: bind first, then pass the real ports".to_owned())
        }
        Some(list) => Ok(list.to_vec()),
        None if count > PORTS_PER_KIND => fault(format!("more than {PORTS_PER_KIND} need their addresses given")),
        None => Ok((1..=count)
            .filter_map(|number| base_port.checked_add(u16::try_from(number).ok()?))
            .map(|port| (Ipv4Addr::LOCALHOST, port).into())
            .collect()),
    }
}
