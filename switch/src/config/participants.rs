//! The banks and institutions that the node knows.
//!
//! Invariant: ids are unique, and so are indexes; an index names the same participant for as long as payments with
//! it are in the journal (see [`Participants::confirm_register`]). Called by the pipeline once per message: lookups
//! allocate nothing.

use std::fmt;
use std::sync::Arc;

use clearway_codec::value::InstitutionId;
use clearway_crypto::transport::ServerName;
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use serde::Deserialize;

use super::admission::{self, AdmissionRules, LimitTable};
use super::endpoint::Endpoint;
use super::links::{LinkConfig, LinkProbe, LinkSwitchBack, check_links};
use super::sections::{LimitsSection, TimingSection};
use crate::constants::PARTICIPANTS_MAX;
use crate::error::{Error, Fault};

/// What a participant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParticipantKind {
    /// A payment institution: sends payments, refunds and queries; gets receipts and notices.
    Institution,
    /// A bank: gets legs, queries and notices; may query.
    Bank,
}

impl fmt::Display for ParticipantKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Institution => "institution",
            Self::Bank => "bank",
        })
    }
}

/// One participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// The number that stands for it in payments and journal; 0 to 65,534, never given to another one.
    pub index: u16,
    /// Its institution id.
    pub id: InstitutionId,
    /// Bank or institution.
    pub kind: ParticipantKind,
    /// A name for people.
    pub name: String,
    /// The DNS name in its certificate, which it proves as a client and as a server. Default
    /// `<id in lower case>.participant.internal` (ours). Its own.
    pub tls_name: String,
    /// Where the node posts legs, queries and notices; 1 to 16, at least one of them active or shared.
    pub links: Vec<LinkConfig>,
    /// How its links are asked whether they work; `None`: as `[links]` says.
    pub probe: Option<LinkProbe>,
    /// When an active link that has come back takes over again; `None`: as `[links]` says.
    pub switch_back: Option<LinkSwitchBack>,
    /// Payments of it (institution) or requests to it (bank) in flight at once; more are refused with PS500001.
    pub in_flight_max: u32,
    /// Connections of each worker to it.
    pub connections_max: u16,
    /// Deadline of a debit leg to it, in milliseconds.
    pub leg1_deadline_ms: u64,
    /// Deadline of a credit leg to it, in milliseconds.
    pub leg2_deadline_ms: u64,
    /// What it may do; can be changed while the node runs.
    pub admission: AdmissionRules,
    /// Limits of a bank for all institutions together; can be changed while the node runs.
    pub limits: LimitTable,
    /// Limits of each card of a bank; can be changed while the node runs.
    pub card_limits: LimitTable,
    /// Path on its host that takes the statistics and announcements of joint operations; `None`: it gets none.
    pub operations_path: Option<String>,
    /// The bank into which an indirect bank clears; `None`: it clears for itself.
    pub clearing_bank: Option<InstitutionId>,
}

impl Participant {
    /// The DNS name in the certificate of the participant `id`, unless it has another.
    #[must_use]
    pub fn default_tls_name(id: &InstitutionId) -> String {
        format!("{}.participant.internal", id.as_str().to_ascii_lowercase())
    }

    /// The address of its first link: where it is reached for what is not a message of the wire.
    ///
    /// # Panics
    /// When it has no link, which [`Participants::new`] refuses.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        self.links.first().map(|link| &link.endpoint).expect("a participant has a link")
    }

    /// A participant with one active link and the default limits and deadlines.
    #[must_use]
    pub fn new(index: u16, id: InstitutionId, kind: ParticipantKind, endpoint: Endpoint) -> Self {
        let (limits, timing) = (LimitsSection::default(), TimingSection::default());
        Self {
            index,
            id,
            kind,
            name: id.as_str().to_owned(),
            tls_name: Self::default_tls_name(&id),
            links: vec![LinkConfig::main(endpoint)],
            probe: None,
            switch_back: None,
            in_flight_max: limits.in_flight_per_participant_max,
            connections_max: limits.connections_per_participant_max,
            leg1_deadline_ms: timing.leg1_deadline_ms,
            leg2_deadline_ms: timing.leg2_deadline_ms,
            admission: AdmissionRules::default(),
            limits: LimitTable::default(),
            card_limits: LimitTable::default(),
            operations_path: None,
            clearing_bank: None,
        }
    }
}

/// All participants: an immutable snapshot, cheap to clone.
#[derive(Clone)]
pub struct Participants {
    list: Arc<List>,
}

struct List {
    /// By index; `None` where an index is not in use.
    places: Vec<Option<Participant>>,
    indexes: HashMap<InstitutionId, u16, FixedState>,
    /// The clearing bank of each index.
    clearing: Vec<u16>,
}

impl List {
    /// Every bank clears for itself or through a bank that does.
    fn resolve_clearing(&mut self) -> Result<(), Error> {
        let mut clearing = Vec::with_capacity(self.places.len());
        for (index, place) in (0_u16..).zip(&self.places) {
            clearing.push(match place.as_ref().and_then(|bank| Some((bank, bank.clearing_bank.as_ref()?))) {
                None => index,
                Some((bank, named)) => self.clearing_bank(bank, named)?,
            });
        }
        self.clearing = clearing;
        Ok(())
    }

    fn clearing_bank(&self, indirect: &Participant, named: &InstitutionId) -> Result<u16, Error> {
        let index = self.indexes.get(named).copied();
        let bank = index.and_then(|index| self.places.get(usize::from(index))?.as_ref());
        let key = "clearing_bank";
        match (index, bank) {
            _ if indirect.kind != ParticipantKind::Bank => Err(fault(indirect, key, "is that of a bank; this is none")),
            (Some(index), Some(bank)) if bank.kind == ParticipantKind::Bank && bank.clearing_bank.is_none() => {
                Ok(index)
            }
            _ => Err(fault(indirect, key, &format!("{named} is no bank that clears for itself"))),
        }
    }
}

impl Participants {
    /// Takes the participants in any order.
    ///
    /// # Errors
    /// Two with the same id, index or TLS name, an index of 65,535, a deadline or quota of zero, rules or limits out of range.
    pub fn new(participants: Vec<Participant>) -> Result<Self, Error> {
        let size = participants.iter().map(|participant| usize::from(participant.index) + 1).max().unwrap_or(0);
        let mut list = List { places: vec![None; size], indexes: HashMap::default(), clearing: Vec::new() };
        let mut names = HashSet::with_capacity_and_hasher(participants.len(), FixedState::default());
        for participant in participants {
            check(&participant)?;
            let (index, id) = (participant.index, participant.id);
            if list.indexes.insert(id, index).is_some() {
                return Err(fault(&participant, "id", "is there twice"));
            }
            if !names.insert(participant.tls_name.to_ascii_lowercase()) {
                return Err(fault(&participant, "tls_name", "belongs to another participant"));
            }
            if let Some(place) = list.places.get_mut(usize::from(index)) {
                if let Some(other) = place {
                    return Err(fault(&participant, "index", &format!("{index} belongs to {} already", other.id)));
                }
                *place = Some(participant);
            }
        }
        list.resolve_clearing()?;
        Ok(Self { list: Arc::new(list) })
    }

    /// The index of `id`.
    #[inline]
    #[must_use]
    pub fn index_of(&self, id: &InstitutionId) -> Option<u16> {
        self.list.indexes.get(id).copied()
    }

    /// The participant with this id.
    #[inline]
    #[must_use]
    pub fn find(&self, id: &InstitutionId) -> Option<&Participant> {
        self.get(self.index_of(id)?)
    }

    /// The participant with this index.
    #[inline]
    #[must_use]
    pub fn get(&self, index: u16) -> Option<&Participant> {
        self.list.places.get(usize::from(index))?.as_ref()
    }

    /// The bank into which a bank clears: itself, unless it is an indirect one. An index that is not in use is its own.
    #[must_use]
    pub fn clearing_bank_of(&self, index: u16) -> u16 {
        self.list.clearing.get(usize::from(index)).copied().unwrap_or(index)
    }

    /// All, in the order of their indexes.
    pub fn iter(&self) -> impl Iterator<Item = &Participant> {
        self.list.places.iter().flatten()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.indexes.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.indexes.is_empty()
    }

    /// Names by index for [`crate::metrics::Metrics::new`]; empty where an index is not in use.
    #[must_use]
    pub fn metric_names(&self) -> Vec<String> {
        self.list
            .places
            .iter()
            .map(|place| place.as_ref().map_or_else(String::new, |participant| participant.id.as_str().to_owned()))
            .collect()
    }
}

impl fmt::Debug for Participants {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter().map(|participant| (participant.index, participant.id))).finish()
    }
}

fn check(participant: &Participant) -> Result<(), Error> {
    let deadlines =
        [("leg1_deadline_ms", participant.leg1_deadline_ms), ("leg2_deadline_ms", participant.leg2_deadline_ms)];
    if usize::from(participant.index) >= PARTICIPANTS_MAX {
        return Err(fault(participant, "index", "must be 0 to 65534"));
    }
    if participant.in_flight_max == 0 {
        return Err(fault(participant, "in_flight_max", "must be at least 1"));
    }
    if participant.connections_max == 0 {
        return Err(fault(participant, "connections_max", "must be at least 1"));
    }
    for (key, deadline_ms) in deadlines {
        if deadline_ms == 0 || deadline_ms > crate::constants::TIMEOUT_MS_MAX {
            return Err(fault(participant, key, "must be 1 to 3600000 milliseconds"));
        }
    }
    if !is_dns_name(&participant.tls_name) {
        return Err(fault(participant, "tls_name", "is no DNS name"));
    }
    check_links(&participant.links).map_err(|(key, what)| fault(participant, key, &what))?;
    check_admission(participant).map_err(|found| fault(participant, found.key, &found.what))
}

fn is_dns_name(name: &str) -> bool {
    matches!(ServerName::try_from(name), Ok(ServerName::DnsName(_)))
}

fn check_admission(participant: &Participant) -> Result<(), admission::AdmissionFault> {
    participant.admission.check(participant.kind)?;
    for limit in [&participant.limits, &participant.card_limits] {
        if !limit.is_empty() && participant.kind != ParticipantKind::Bank {
            let what = "are those of a bank; an institution has one for each bank, in [[limit]]".to_owned();
            return Err(admission::AdmissionFault { key: "limits", what });
        }
        limit.check()?;
    }
    participant.operations_path.as_deref().map_or(Ok(()), admission::check_operations_path)
}

fn fault(participant: &Participant, key: &str, what: &str) -> Error {
    Error::new(Fault::Configuration, what).at(format!("participant {}: {key}", participant.id))
}
