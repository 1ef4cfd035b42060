//! From files to a [`Config`]: relative paths are taken from the folder of the file, and the first fault is named
//! with file and key.

use std::path::{Path, PathBuf};

use clearway_codec::value::{InstitutionId, SerialNumber};
use serde::Deserialize;

use super::admin::AdminSection;
use super::admission::{self, AdmissionFault, AdmissionRules, LimitTable, MaintenanceWindow, PairLimit};
use super::books::BooksSection;
use super::business::BusinessSection;
use super::configuration::Config;
use super::endpoint::Endpoint;
use super::keys::{KeyFiles, KeySource};
use super::links::{LinkConfig, LinkProbe, LinkRole, LinkSwitchBack, LinksSection};
use super::participants::{Participant, ParticipantKind, Participants};
use super::sections::{
    CheckpointSection, CryptoSection, JournalSection, LimitsSection, ListenSection, NodeSection, RoutesSection,
    TimingSection,
};
use super::text;
use super::tls::TlsSection;
use crate::error::{Error, Fault};

/// `clearway.toml` as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    node: NodeTable,
    #[serde(default)]
    listen: ListenSection,
    tls: Option<TlsSection>,
    #[serde(default)]
    admin: AdminSection,
    #[serde(default)]
    journal: JournalSection,
    #[serde(default)]
    timing: TimingSection,
    #[serde(default)]
    limits: LimitsSection,
    #[serde(default)]
    business: BusinessSection,
    #[serde(default)]
    books: BooksSection,
    #[serde(default)]
    routes: RoutesSection,
    #[serde(default)]
    checkpoint: CheckpointSection,
    #[serde(default)]
    links: LinksSection,
    #[serde(default)]
    crypto: CryptoSection,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NodeTable {
    id: String,
    serial: String,
    key: PathBuf,
    manifest: PathBuf,
    participants: PathBuf,
    #[serde(default)]
    retired_keys: Vec<RetiredKey>,
    #[serde(default)]
    decryption_keys: Vec<OwnDecryptionKey>,
    digest_key: PathBuf,
    #[serde(default = "one")]
    workers: usize,
    #[serde(default)]
    pin_cores: Vec<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RetiredKey {
    serial: String,
    public_key: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnDecryptionKey {
    serial: String,
    file: PathBuf,
}

/// `participants.toml` as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ParticipantsFile {
    #[serde(default)]
    participant: Vec<ParticipantTable>,
    #[serde(default)]
    limit: Vec<PairTable>,
    #[serde(default)]
    maintenance: Vec<WindowTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ParticipantTable {
    index: u16,
    id: String,
    kind: ParticipantKind,
    name: Option<String>,
    tls_name: Option<String>,
    /// One active link named "main"; several stand in `[[participant.link]]`.
    url: Option<String>,
    #[serde(default)]
    link: Vec<LinkTable>,
    probe: Option<LinkProbe>,
    switch_back: Option<LinkSwitchBack>,
    in_flight_max: Option<u32>,
    connections_max: Option<u16>,
    leg1_deadline_ms: Option<u64>,
    leg2_deadline_ms: Option<u64>,
    businesses: Option<Vec<String>>,
    rate_per_s: Option<u32>,
    rate_burst: Option<u32>,
    #[serde(default)]
    pacing_ms: u64,
    #[serde(default)]
    drained: bool,
    operations_path: Option<String>,
    clearing_bank: Option<String>,
    #[serde(default)]
    limits: LimitsTable,
}

/// `[[participant.link]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkTable {
    name: String,
    url: String,
    #[serde(default)]
    role: LinkRole,
    weight: Option<u16>,
    #[serde(default)]
    centre: String,
    connections_max: Option<u16>,
    in_flight_max: Option<u32>,
}

/// `[participant.limits]`: those of a bank and of each of its cards.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct LimitsTable {
    per_payment_fen: Option<u64>,
    day_amount_fen: Option<u64>,
    day_count: Option<u64>,
    card_per_payment_fen: Option<u64>,
    card_day_amount_fen: Option<u64>,
    card_day_count: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PairTable {
    institution: String,
    bank: String,
    per_payment_fen: Option<u64>,
    day_amount_fen: Option<u64>,
    day_count: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WindowTable {
    bank: Option<String>,
    from: String,
    until: String,
    #[serde(default)]
    text: String,
}

fn one() -> usize {
    1
}

impl Config {
    /// Reads `clearway.toml` and the files it names, and checks everything.
    ///
    /// # Errors
    /// The first fault, with the file, the key and what to do.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let file: File = text::read(path)?;
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        let config = file.resolve(folder).and_then(|config| config.check().map(|()| config));
        config.map_err(|error| error.at(path.display().to_string()))
    }
}

impl File {
    fn resolve(self, folder: &Path) -> Result<Config, Error> {
        let path = folder.join(&self.node.participants);
        let read = read_participants(&path, &self.limits, &self.timing);
        let (participants, pair_limits, maintenance) = read.map_err(|error| error.at(path.display().to_string()))?;
        let admin = self.admin.resolve(folder, &self.node.id);
        let keys = self.node.key_files(folder)?;
        let node = self.node.section()?;
        let journal = JournalSection { dir: folder.join(&self.journal.dir), ..self.journal };
        Ok(Config {
            node,
            listen: self.listen,
            tls: self.tls.map(|tls| tls.resolve(folder)),
            admin,
            journal,
            timing: self.timing,
            limits: self.limits,
            business: BusinessSection {
                working_days: self.business.working_days.map(|file| folder.join(file)),
                ..self.business
            },
            books: BooksSection { dir: folder.join(&self.books.dir), ..self.books },
            routes: RoutesSection { file: self.routes.file.map(|file| folder.join(file)) },
            checkpoint: self.checkpoint,
            links: self.links,
            crypto: self.crypto,
            keys: KeySource::Files(keys),
            participants,
            pair_limits,
            maintenance,
        })
    }
}

impl NodeTable {
    fn section(self) -> Result<NodeSection, Error> {
        Ok(NodeSection {
            id: institution("node.id", &self.id)?,
            serial: serial("node.serial", &self.serial)?,
            workers: self.workers,
            pin_cores: self.pin_cores,
        })
    }

    fn key_files(&self, folder: &Path) -> Result<KeyFiles, Error> {
        let retired = self
            .retired_keys
            .iter()
            .map(|key| Ok((serial("node.retired_keys", &key.serial)?, folder.join(&key.public_key))));
        let decryption = self
            .decryption_keys
            .iter()
            .map(|key| Ok((serial("node.decryption_keys", &key.serial)?, folder.join(&key.file))));
        Ok(KeyFiles {
            signing_key: folder.join(&self.key),
            manifest: folder.join(&self.manifest),
            retired: retired.collect::<Result<_, Error>>()?,
            decryption: decryption.collect::<Result<_, Error>>()?,
            digest: folder.join(&self.digest_key),
        })
    }
}

type ReadParticipants = (Participants, Vec<PairLimit>, Vec<MaintenanceWindow>);

fn read_participants(path: &Path, limits: &LimitsSection, timing: &TimingSection) -> Result<ReadParticipants, Error> {
    let file: ParticipantsFile = text::read(path)?;
    let rows = file.participant.into_iter().map(|table| table.resolve(limits, timing)).collect::<Result<_, Error>>()?;
    let pairs = file.limit.into_iter().map(PairTable::resolve).collect::<Result<_, Error>>()?;
    let windows = file.maintenance.into_iter().map(WindowTable::resolve).collect::<Result<_, Error>>()?;
    Ok((Participants::new(rows)?, pairs, windows))
}

impl PairTable {
    fn resolve(self) -> Result<PairLimit, Error> {
        Ok(PairLimit {
            institution: institution("limit.institution", &self.institution)?,
            bank: institution("limit.bank", &self.bank)?,
            limit: LimitTable {
                per_payment_fen: self.per_payment_fen,
                day_amount_fen: self.day_amount_fen,
                day_count: self.day_count,
            },
        })
    }
}

impl WindowTable {
    fn resolve(self) -> Result<MaintenanceWindow, Error> {
        let time = |key, text: &str| {
            admission::parse_time(key, text).map_err(|AdmissionFault { key, what }| {
                Error::new(Fault::Configuration, what).at(format!("maintenance.{key}"))
            })
        };
        Ok(MaintenanceWindow {
            bank: self.bank.map(|bank| institution("maintenance.bank", &bank)).transpose()?,
            from: time("from", &self.from)?,
            until: time("until", &self.until)?,
            text: self.text,
        })
    }
}

impl ParticipantTable {
    fn resolve(self, limits: &LimitsSection, timing: &TimingSection) -> Result<Participant, Error> {
        let key = |key: &str| format!("participant {}: {key}", self.id);
        let id = institution(&key("id"), &self.id)?;
        let links = self.links()?;
        let clearing_bank =
            self.clearing_bank.as_deref().map(|bank| institution(&key("clearing_bank"), bank)).transpose()?;
        Ok(Participant {
            index: self.index,
            id,
            kind: self.kind,
            tls_name: self.tls_name.unwrap_or_else(|| Participant::default_tls_name(&id)),
            name: self.name.unwrap_or(self.id),
            links,
            probe: self.probe,
            switch_back: self.switch_back,
            in_flight_max: self.in_flight_max.unwrap_or(limits.in_flight_per_participant_max),
            connections_max: self.connections_max.unwrap_or(limits.connections_per_participant_max),
            leg1_deadline_ms: self.leg1_deadline_ms.unwrap_or(timing.leg1_deadline_ms),
            leg2_deadline_ms: self.leg2_deadline_ms.unwrap_or(timing.leg2_deadline_ms),
            admission: AdmissionRules {
                businesses: self.businesses,
                rate_per_s: self.rate_per_s,
                rate_burst: self.rate_burst,
                pacing_ms: self.pacing_ms,
                drained: self.drained,
            },
            limits: LimitTable {
                per_payment_fen: self.limits.per_payment_fen,
                day_amount_fen: self.limits.day_amount_fen,
                day_count: self.limits.day_count,
            },
            card_limits: LimitTable {
                per_payment_fen: self.limits.card_per_payment_fen,
                day_amount_fen: self.limits.card_day_amount_fen,
                day_count: self.limits.card_day_count,
            },
            operations_path: self.operations_path,
            clearing_bank,
        })
    }
}

impl ParticipantTable {
    /// Its links: those listed, or the one of its URL.
    fn links(&self) -> Result<Vec<LinkConfig>, Error> {
        let fault = |what: &str| Error::new(Fault::Configuration, what).at(format!("participant {}: url", self.id));
        match (&self.url, self.link.as_slice()) {
            (Some(url), []) => Ok(vec![LinkConfig::main(self.endpoint(url)?)]),
            (Some(_), _) => {
                Err(fault("stands beside [[participant.link]]").remedy("give each link its url, and this none"))
            }
            (None, []) => Err(fault("is missing").remedy("give it a url, or several [[participant.link]]")),
            (None, links) => links.iter().map(|link| self.link(link)).collect(),
        }
    }

    fn link(&self, link: &LinkTable) -> Result<LinkConfig, Error> {
        Ok(LinkConfig {
            name: link.name.clone(),
            endpoint: self.endpoint(&link.url)?,
            role: link.role,
            weight: link.weight.unwrap_or(1),
            centre: link.centre.clone(),
            connections_max: link.connections_max,
            in_flight_max: link.in_flight_max,
        })
    }

    fn endpoint(&self, url: &str) -> Result<Endpoint, Error> {
        url.parse().map_err(|error| {
            Error::new(Fault::Configuration, format!("{url:?}: {error}")).at(format!("participant {}: url", self.id))
        })
    }
}

fn institution(key: &str, text: &str) -> Result<InstitutionId, Error> {
    InstitutionId::parse(text.as_bytes()).map_err(|error| {
        Error::new(Fault::Configuration, format!("{text:?}: {error}"))
            .at(key)
            .remedy("an institution id is 14 letters and digits")
    })
}

fn serial(key: &str, text: &str) -> Result<SerialNumber, Error> {
    SerialNumber::parse(text.as_bytes()).map_err(|error| {
        Error::new(Fault::Configuration, format!("{text:?}: {error}")).at(key).remedy("a serial number is 10 digits")
    })
}
