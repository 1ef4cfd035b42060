//! The links of participants: how each is reached, and when one counts as down.

use serde::Deserialize;

use super::endpoint::Endpoint;
use crate::constants::{self, LINK_NAME_CHARS_MAX, LINKS_MAX};

/// The name of the only link of a participant that has but a `url`.
const MAIN: &str = "main";

/// What a link is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkRole {
    /// `active`: takes everything while it works; of several, one at a time. The default.
    #[default]
    Active,
    /// `standby`: takes everything while no active or shared link works; one at a time.
    Standby,
    /// `shared`: takes its share beside the other shared links.
    Shared,
}

impl LinkRole {
    /// Its name in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Standby => "standby",
            Self::Shared => "shared",
        }
    }
}

/// One link of a participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkConfig {
    /// `name`: 1 to 32 letters, digits, `-` and `_`; its own among the participant's links.
    pub name: String,
    /// `url`: where the node posts legs, queries and notices.
    pub endpoint: Endpoint,
    /// `role`: default active.
    pub role: LinkRole,
    /// `weight`: share among shared links; of several active or standby ones the heaviest comes first. 1 to 1,000, default 1.
    pub weight: u16,
    /// `centre`: the centre that owns the link, for people; empty when nothing is said.
    pub centre: String,
    /// `connections_max`: connections of each worker over it; default that of the participant.
    pub connections_max: Option<u16>,
    /// `in_flight_max`: requests of all workers that are out over it at once; none: as many as there are connections.
    pub in_flight_max: Option<u32>,
}

impl LinkConfig {
    /// The one active link of a participant that says no more than its address.
    #[must_use]
    pub fn main(endpoint: Endpoint) -> Self {
        Self {
            name: MAIN.to_owned(),
            endpoint,
            role: LinkRole::Active,
            weight: 1,
            centre: String::new(),
            connections_max: None,
            in_flight_max: None,
        }
    }

    /// Its own ranges: the key that is wrong, and why.
    fn check(&self) -> Result<(), (&'static str, String)> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let fits = |text: &str| text.len() <= LINK_NAME_CHARS_MAX && text.chars().all(is_plain);
        if self.name.is_empty() || !fits(&self.name) {
            return Err((
                "link.name",
                format!("{:?} is not 1 to {LINK_NAME_CHARS_MAX} letters, digits, - and _", self.name),
            ));
        }
        let place = |what: &str| format!("{}: {what}", self.name);
        if !fits(&self.centre) {
            return Err((
                "link.centre",
                place(&format!("is not up to {LINK_NAME_CHARS_MAX} letters, digits, - and _")),
            ));
        }
        if !(1..=constants::LINK_WEIGHT_MAX).contains(&self.weight) {
            return Err(("link.weight", place(&format!("must be 1 to {}", constants::LINK_WEIGHT_MAX))));
        }
        if self.connections_max == Some(0) {
            return Err(("link.connections_max", place("must be at least 1")));
        }
        if self.in_flight_max == Some(0) {
            return Err(("link.in_flight_max", place("must be at least 1")));
        }
        Ok(())
    }
}

/// Checks the links of one participant: the key that is wrong, and why.
pub(super) fn check_links(links: &[LinkConfig]) -> Result<(), (&'static str, String)> {
    if links.is_empty() || links.len() > LINKS_MAX {
        return Err(("link", format!("{} links; there must be 1 to {LINKS_MAX}", links.len())));
    }
    for (place, link) in links.iter().enumerate() {
        link.check()?;
        if links.iter().take(place).any(|other| other.name == link.name) {
            return Err(("link.name", format!("{:?} is there twice", link.name)));
        }
    }
    if links.iter().any(|link| link.endpoint.is_tls() != links[0].endpoint.is_tls()) {
        return Err((
            "link.url",
            "some links are https and some http: what protects one has to protect all".to_owned(),
        ));
    }
    let has = |role| links.iter().any(|link| link.role == role);
    if has(LinkRole::Active) && has(LinkRole::Shared) {
        return Err((
            "link.role",
            "active and shared links cannot stand side by side: one is wanted, or all".to_owned(),
        ));
    }
    if !has(LinkRole::Active) && !has(LinkRole::Shared) {
        return Err(("link.role", "there are standby links alone; make one of them active".to_owned()));
    }
    Ok(())
}

/// How a participant's links are asked whether they work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkProbe {
    /// `message`: by 991, which the participant's program answers. The default.
    #[default]
    Message,
    /// `connect`: by opening a connection.
    Connect,
    /// `none`: not at all.
    None,
}

/// When an active link that has come back takes over again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkSwitchBack {
    /// `auto`: once it has been usable for `switch_back_after_ms`. The default.
    #[default]
    Auto,
    /// `manual`: when the operator says so.
    Manual,
}

/// `[links]`: when a link counts as down, and as up again. All defaults are ours.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinksSection {
    /// `plain_http`: `true` lets links have `http` addresses, where anybody on the line can read and write. Default false:
    /// they have `https` ones, and both sides prove who they are.
    pub plain_http: bool,
    /// `probe`: `message` (default), `connect` or `none`; a participant may have its own.
    pub probe: LinkProbe,
    /// `suspect_after_ms`: a link is asked at once when an answer is out for so long and nothing came. Default 300.
    pub suspect_after_ms: u64,
    /// `probe_fast_ms`: from one probe to the next where there is doubt. Default 150.
    pub probe_fast_ms: u64,
    /// `probe_timeout_ms`: time of a probe, connection and all. Default 300.
    pub probe_timeout_ms: u64,
    /// `probe_interval_ms`: from one probe to the next of a quiet link; longer where there are so many links that they would be asked
    /// more than 50 times a second. Default 5,000.
    pub probe_interval_ms: u64,
    /// `down_after`: failures in a row that bring a link down, 1 to 100. Default 2.
    pub down_after: u32,
    /// `hold_down_ms`: how long a link that went down is left alone. Default 2,000.
    pub hold_down_ms: u64,
    /// `hold_down_max_ms`: the same at most; it doubles with every time. Default 60,000.
    pub hold_down_max_ms: u64,
    /// `flap_half_life_ms`: in this time half of a link's falls are forgotten. Default 300,000.
    pub flap_half_life_ms: u64,
    /// `up_after`: good probes in a row before a link that was down is tried, 1 to 100. Default 3.
    pub up_after: u32,
    /// `trial_messages`: real messages that decide whether it is up, 1 to 1,000. Default 3.
    pub trial_messages: u32,
    /// `trial_ms`: a trial without a failure ends well after so long, slow answers or not. Default 1,000.
    pub trial_ms: u64,
    /// `errors_in_row_max`: HTTP errors and bad signatures in a row that bring a link down; 0: never. Default 100.
    pub errors_in_row_max: u32,
    /// `silent_ms`: without 991, an answer out and silence for so long is a failure. Default 8,000, as long as a leg may take.
    pub silent_ms: u64,
    /// `switch_back`: `auto` (default) or `manual`; a participant may have its own.
    pub switch_back: LinkSwitchBack,
    /// `switch_back_after_ms`: default 10,000.
    pub switch_back_after_ms: u64,
}

impl Default for LinksSection {
    fn default() -> Self {
        Self {
            plain_http: false,
            probe: LinkProbe::Message,
            suspect_after_ms: 300,
            probe_fast_ms: 150,
            probe_timeout_ms: 300,
            probe_interval_ms: 5_000,
            down_after: 2,
            hold_down_ms: 2_000,
            hold_down_max_ms: 60_000,
            flap_half_life_ms: 300_000,
            up_after: 3,
            trial_messages: 3,
            trial_ms: 1_000,
            errors_in_row_max: 100,
            silent_ms: constants::LEG1_DEADLINE_MS,
            switch_back: LinkSwitchBack::Auto,
            switch_back_after_ms: 10_000,
        }
    }
}

impl LinksSection {
    /// Every range, as (key, value, least, most).
    pub(super) fn ranges(&self) -> [(&'static str, u64, u64, u64); 14] {
        let most = constants::TIMEOUT_MS_MAX;
        [
            ("links.suspect_after_ms", self.suspect_after_ms, 1, most),
            ("links.probe_fast_ms", self.probe_fast_ms, 1, most),
            ("links.probe_timeout_ms", self.probe_timeout_ms, 1, most),
            ("links.probe_interval_ms", self.probe_interval_ms, 1, most),
            ("links.down_after", self.down_after.into(), 1, 100),
            ("links.hold_down_ms", self.hold_down_ms, 1, most),
            ("links.hold_down_max_ms", self.hold_down_max_ms, self.hold_down_ms, most),
            ("links.flap_half_life_ms", self.flap_half_life_ms, 1, most),
            ("links.up_after", self.up_after.into(), 1, 100),
            ("links.trial_messages", self.trial_messages.into(), 1, 1_000),
            ("links.trial_ms", self.trial_ms, 1, most),
            ("links.errors_in_row_max", self.errors_in_row_max.into(), 0, 1_000_000),
            ("links.silent_ms", self.silent_ms, 1, most),
            ("links.switch_back_after_ms", self.switch_back_after_ms, 0, most),
        ]
    }
}
