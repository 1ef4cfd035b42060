//! The whole configuration of a node, and the checks that it must pass however it was made.

use std::collections::HashSet;
use std::path::PathBuf;

use super::admin::AdminSection;
use super::admission::{AdmissionFault, MaintenanceWindow, PairLimit};
use super::books::BooksSection;
use super::business::BusinessSection;
use super::keys::KeySource;
use super::links::LinksSection;
use super::participants::{Participant, ParticipantKind, Participants};
use super::sections::{
    CheckpointSection, CryptoSection, JournalSection, LimitsSection, ListenSection, ListenTransport, NodeSection,
    RoutesSection, TimingSection,
};
use super::tls::TlsSection;
use crate::constants::{self, JOURNAL_BLOCK_BYTES};
use crate::error::{Error, Fault};

/// Everything a node needs to start. Read from files by [`Config::load`], or made in code:
///
/// ```
/// use std::sync::Arc;
/// use clearway::config::{Config, EnvelopeKeys, KeySource, ListenTransport, NodeKeys, NodeSection, Participant};
/// use clearway::config::{ParticipantKind, Participants};
/// use clearway_codec::value::{InstitutionId, SerialNumber};
/// use clearway_crypto::{DigestKey, KeyRing, SigningKey, Suite};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bank = InstitutionId::parse(b"C1000111000015")?;
/// let bank_key = SigningKey::generate(Suite::EcdsaP256Sha256)?;
/// let bank_key = bank_key.verifying_key().clone();
/// let ring = Arc::new(KeyRing::builder().add(*bank.as_bytes(), *b"4200000001", bank_key, 0, u64::MAX).build()?);
/// let signing = Arc::new(SigningKey::generate(Suite::EcdsaP256Sha256)?);
/// let digest = Arc::new(DigestKey::generate()?); // in earnest: the same one at every start
/// let keys = NodeKeys { signing, ring, retired: Vec::new(), envelope: EnvelopeKeys::default(), digest };
/// let (id, serial) = (InstitutionId::parse(b"G4000311000018")?, SerialNumber::parse(b"4000000001")?);
/// let node = NodeSection { id, serial, workers: 1, pin_cores: Vec::new() };
/// let banks = vec![Participant::new(0, bank, ParticipantKind::Bank, "http://127.0.0.1:20001/epcc".parse()?)];
///
/// let mut config = Config::new(node, KeySource::Given(keys), Participants::new(banks)?, "/var/lib/clearway".into());
/// config.limits.in_flight_max = 1_000;
/// (config.listen.transport, config.links.plain_http) = (ListenTransport::PlainHttp, true); // or certificates in config.tls
/// config.check()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Config {
    /// `[node]`.
    pub node: NodeSection,
    /// `[listen]`.
    pub listen: ListenSection,
    /// `[tls]`: certificates; needed for `mtls` and for `https`.
    pub tls: Option<TlsSection>,
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
    /// `[routes]`.
    pub routes: RoutesSection,
    /// `[checkpoint]`.
    pub checkpoint: CheckpointSection,
    /// `[links]`.
    pub links: LinksSection,
    /// `[crypto]`.
    pub crypto: CryptoSection,
    /// The keys that `[node]` names.
    pub keys: KeySource,
    /// participants.toml.
    pub participants: Participants,
    /// `[[limit]]` of participants.toml: limits of one institution at one bank.
    pub pair_limits: Vec<PairLimit>,
    /// `[[maintenance]]` of participants.toml.
    pub maintenance: Vec<MaintenanceWindow>,
}

impl Config {
    /// A configuration with the defaults for everything that is not named.
    #[must_use]
    pub fn new(node: NodeSection, keys: KeySource, participants: Participants, journal_dir: PathBuf) -> Self {
        Self {
            node,
            listen: ListenSection::default(),
            tls: None,
            admin: AdminSection::default(),
            books: BooksSection { dir: journal_dir.join("books"), ..BooksSection::default() },
            journal: JournalSection { dir: journal_dir, ..JournalSection::default() },
            timing: TimingSection::default(),
            limits: LimitsSection::default(),
            business: BusinessSection::default(),
            routes: RoutesSection::default(),
            checkpoint: CheckpointSection::default(),
            links: LinksSection::default(),
            crypto: CryptoSection::default(),
            keys,
            participants,
            pair_limits: Vec::new(),
            maintenance: Vec::new(),
        }
    }

    /// Checks every range and every relation between parts, keys included; reads the key files, opens nothing else.
    ///
    /// # Errors
    /// The first fault found, with its key.
    pub fn check(&self) -> Result<(), Error> {
        self.check_node()?;
        self.check_addresses()?;
        self.check_transport()?;
        self.check_journal()?;
        self.check_timing()?;
        self.check_limits()?;
        self.books.check()?;
        self.crypto.backends()?;
        self.check_participants()?;
        self.check_admission()
    }

    fn check_node(&self) -> Result<(), Error> {
        range("node.workers", self.node.workers, 1, constants::WORKERS_MAX)?;
        let cores = self.node.pin_cores.len();
        if cores != 0 && cores != self.node.workers {
            return Err(fault("node.pin_cores", format!("{cores} cores for {} workers", self.node.workers))
                .remedy("name one core for each worker, or none"));
        }
        Ok(())
    }

    fn check_addresses(&self) -> Result<(), Error> {
        if self.listen.address.port() != 0 && self.listen.address == self.admin.address {
            return Err(fault("admin.address", format!("{} is the listening address too", self.admin.address)));
        }
        self.admin.check()
    }

    /// Nothing goes unprotected that was not meant to, and what is protected has its certificates.
    fn check_transport(&self) -> Result<(), Error> {
        const NEEDED: &str = "give certificate, private_key and ca in [tls]; `clearway init` makes those of a test";
        self.participants.iter().try_for_each(|one| self.check_schemes(one))?;
        let Some(tls) = &self.tls else {
            if self.listen.transport == ListenTransport::Mtls {
                return Err(fault("listen.transport", "\"mtls\" needs certificates")
                    .remedy(format!("{NEEDED}. Or say \"plain-http\", if something else protects the line")));
            }
            let secure = |participant: &&Participant| participant.links.iter().any(|link| link.endpoint.is_tls());
            return self.participants.iter().find(secure).map_or(Ok(()), |participant| {
                Err(fault(&format!("participant {}: url", participant.id), "https needs certificates").remedy(NEEDED))
            });
        };
        tls.ranges().into_iter().try_for_each(|(key, value, least, most)| range(key, value, least, most))?;
        tls.load().map(drop)
    }

    fn check_schemes(&self, participant: &Participant) -> Result<(), Error> {
        match participant.links.iter().find(|link| !link.endpoint.is_tls()) {
            Some(link) if !self.links.plain_http => {
                let what = format!("{}: messages would go unprotected", link.endpoint);
                Err(fault(&format!("participant {}: url", participant.id), what).remedy(
                    "give an https address. Or say plain_http = true in [links], if something else protects the line",
                ))
            }
            _ => Ok(()),
        }
    }

    fn check_journal(&self) -> Result<(), Error> {
        let journal = &self.journal;
        range(
            "journal.segment_bytes",
            journal.segment_bytes,
            constants::SEGMENT_BYTES_MIN,
            constants::SEGMENT_BYTES_MAX,
        )?;
        range(
            "journal.group_bytes_max",
            journal.group_bytes_max,
            constants::GROUP_BYTES_MIN,
            constants::GROUP_BYTES_MAX,
        )?;
        range("journal.segments_ahead", journal.segments_ahead, 1, 16)?;
        range("journal.groups_in_flight_max", journal.groups_in_flight_max, 1, 16)?;
        range("journal.linger_us", journal.linger_us, 0, 1_000_000)?;
        for (key, bytes) in [
            ("journal.segment_bytes", journal.segment_bytes),
            ("journal.group_bytes_max", journal.group_bytes_max as u64),
        ] {
            if !bytes.is_multiple_of(JOURNAL_BLOCK_BYTES) {
                return Err(fault(key, format!("{bytes} is not a multiple of {JOURNAL_BLOCK_BYTES}")));
            }
        }
        let in_flight =
            journal.group_bytes_max as u64 * (journal.groups_in_flight_max as u64 + 1) + JOURNAL_BLOCK_BYTES;
        if journal.segment_bytes < in_flight {
            let what = format!("{} is too small for the groups in flight", journal.segment_bytes);
            return Err(fault("journal.segment_bytes", what)
                .remedy(format!("at least {in_flight}: 4096 + group_bytes_max * (groups_in_flight_max + 1)")));
        }
        self.business.check()?;
        range("checkpoint.interval_s", self.checkpoint.interval_s, 1, 86_400)?;
        range("checkpoint.tail_bytes_max", self.checkpoint.tail_bytes_max, 1 << 20, 1 << 40)
    }

    fn check_timing(&self) -> Result<(), Error> {
        let timing = &self.timing;
        for (key, value_ms) in [
            ("timing.connect_timeout_ms", timing.connect_timeout_ms),
            ("timing.leg1_deadline_ms", timing.leg1_deadline_ms),
            ("timing.leg2_deadline_ms", timing.leg2_deadline_ms),
            ("timing.receipt_deadline_ms", timing.receipt_deadline_ms),
            ("timing.answer_timeout_ms", timing.answer_timeout_ms),
            ("timing.drain_deadline_ms", timing.drain_deadline_ms),
            ("limits.receive_timeout_ms", self.limits.receive_timeout_ms),
        ] {
            range(key, value_ms, 1, constants::TIMEOUT_MS_MAX)?;
        }
        if timing.answer_timeout_ms < timing.leg1_deadline_ms.max(timing.leg2_deadline_ms) {
            return Err(fault("timing.answer_timeout_ms", "is shorter than a leg's deadline")
                .remedy("late answers are evidence: wait longer than any leg"));
        }
        self.links.ranges().into_iter().try_for_each(|(key, value, least, most)| range(key, value, least, most))?;
        schedule("timing.query_schedule_ms", &timing.query_schedule_ms)?;
        schedule("timing.notice_schedule_ms", &timing.notice_schedule_ms)
    }

    fn check_limits(&self) -> Result<(), Error> {
        let limits = &self.limits;
        range("limits.payments_max", limits.payments_max, 1_000, 1_000_000_000)?;
        range("limits.in_flight_max", limits.in_flight_max, 1, 10_000_000)?;
        range("limits.in_flight_per_participant_max", limits.in_flight_per_participant_max, 1, 10_000_000)?;
        range("limits.connections_max", limits.connections_max, 1, 1_000_000)?;
        range("limits.connections_per_participant_max", limits.connections_per_participant_max, 1, u16::MAX)?;
        range("limits.body_bytes_max", limits.body_bytes_max, constants::BODY_BYTES_MIN, constants::BODY_BYTES_MAX)?;
        range("limits.head_bytes_max", limits.head_bytes_max, 1_024, 65_536)?;
        range("limits.headers_max", limits.headers_max, 8, 256)
    }

    /// Every participant can be verified, nobody is the node itself, and there is somebody to send a payment and
    /// somebody to take it.
    fn check_participants(&self) -> Result<(), Error> {
        if self.participants.is_empty() {
            return Err(fault("participant", "there is none").remedy("name at least one bank"));
        }
        if !self.participants.iter().any(|participant| participant.kind == ParticipantKind::Bank) {
            return Err(fault("participant", "there is no bank"));
        }
        let keys = self.keys.load()?;
        for participant in self.participants.iter() {
            let place = format!("participant {}", participant.id);
            if participant.id == self.node.id {
                return Err(fault(&place, "has the id of this node"));
            }
            if !keys.ring.iter().any(|record| record.institution == *participant.id.as_bytes()) {
                return Err(fault(&place, "has no key in the manifest").remedy("add a [[key]] with its institution id"));
            }
        }
        Ok(())
    }
}

impl Config {
    /// Limits and windows name participants of the right kind, and no two limits the same pair.
    fn check_admission(&self) -> Result<(), Error> {
        let place = |kind: &str, found: AdmissionFault| fault(&format!("{kind}.{}", found.key), found.what);
        range("limit", self.pair_limits.len(), 0, constants::PAIR_LIMITS_MAX)?;
        range("maintenance", self.maintenance.len(), 0, constants::MAINTENANCE_WINDOWS_MAX)?;
        let mut pairs = HashSet::new();
        for limit in &self.pair_limits {
            limit.check(&self.participants).map_err(|found| place("limit", found))?;
            if !pairs.insert((limit.institution, limit.bank)) {
                return Err(fault("limit", format!("{} at {} is there twice", limit.institution, limit.bank)));
            }
        }
        self.maintenance
            .iter()
            .try_for_each(|window| window.check(&self.participants).map_err(|found| place("maintenance", found)))
    }
}

pub(super) fn range<T: PartialOrd + Copy + std::fmt::Display>(
    key: &str,
    value: T,
    least: T,
    most: T,
) -> Result<(), Error> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(fault(key, format!("{value} is out of range")).remedy(format!("from {least} to {most}")))
}

fn schedule(key: &str, instants_ms: &[u64]) -> Result<(), Error> {
    let rising = instants_ms.windows(2).all(|pair| pair[0] < pair[1]);
    let bounded = instants_ms.first().is_some_and(|first| *first > 0)
        && instants_ms.last().is_some_and(|last| *last <= constants::SCHEDULE_MS_MAX);
    if rising && bounded && instants_ms.len() <= constants::SCHEDULE_STEPS_MAX {
        return Ok(());
    }
    Err(fault(key, format!("{instants_ms:?} is no schedule"))
        .remedy("1 to 8 rising instants in milliseconds, the first above 0, the last within a day"))
}

pub(super) fn fault(key: &str, what: impl Into<String>) -> Error {
    Error::new(Fault::Configuration, what).at(key)
}
