//! From the configuration to the rules of the machines.

use crate::config::{LinkProbe, LinkRole, LinkSwitchBack, LinksSection, Participant};
use crate::domain::link::{LinkRules, LinkSpec, ProbeKind, Role, SwitchBack};

const _: () = assert!(crate::constants::LINKS_MAX == crate::domain::link::LINKS_MAX);

/// Quiet links are asked at most 50 times a second, all together: each probe is a connection and two signatures.
const QUIET_PROBE_US: u64 = 20_000;

/// The rules of a participant's links, on a board with so many.
pub(super) fn rules_of(section: &LinksSection, participant: &Participant, links: usize) -> LinkRules {
    let us = |ms: u64| ms.saturating_mul(1_000);
    LinkRules {
        probe: match participant.probe.unwrap_or(section.probe) {
            LinkProbe::Message => ProbeKind::Message,
            LinkProbe::Connect => ProbeKind::Connect,
            LinkProbe::None => ProbeKind::None,
        },
        suspect_after_us: us(section.suspect_after_ms),
        probe_fast_us: us(section.probe_fast_ms),
        probe_timeout_us: us(section.probe_timeout_ms),
        probe_interval_us: us(section.probe_interval_ms).max(links as u64 * QUIET_PROBE_US),
        down_after: section.down_after,
        hold_down_us: us(section.hold_down_ms),
        hold_down_max_us: us(section.hold_down_max_ms),
        flap_half_life_us: us(section.flap_half_life_ms),
        up_after: section.up_after,
        trial_messages: section.trial_messages,
        trial_us: us(section.trial_ms),
        errors_in_row_max: section.errors_in_row_max,
        silent_us: us(section.silent_ms),
        switch_back: match participant.switch_back.unwrap_or(section.switch_back) {
            LinkSwitchBack::Auto => SwitchBack::Auto { after_us: us(section.switch_back_after_ms) },
            LinkSwitchBack::Manual => SwitchBack::Manual,
        },
    }
}

/// What is configured of each link.
pub(super) fn specs_of(participant: &Participant) -> Vec<LinkSpec> {
    let role = |role| match role {
        LinkRole::Active => Role::Active,
        LinkRole::Standby => Role::Standby,
        LinkRole::Shared => Role::Shared,
    };
    participant.links.iter().map(|link| LinkSpec { role: role(link.role), weight: link.weight }).collect()
}
