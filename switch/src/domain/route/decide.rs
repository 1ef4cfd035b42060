//! The decision: table, leg and what is seen of each channel in, every step and the channel out.

use super::ask::Asked;
use super::channel::{Channel, ChannelKind};
use super::cutover::{SHARE_MAX, Traveller, Way, place_of};
use super::health::SwitchState;
use super::table::{BankRoutes, RouteTable};
use super::volume::VolumeBreach;
use super::why::{Candidate, Ground, Preference, Verdict, Why};

/// What is seen of a channel at the moment of the decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Some link of who is asked is up.
    pub is_reachable: bool,
    /// Who is asked takes part in nothing new.
    pub is_closed: bool,
    /// The leg could not be sent over it a moment ago.
    pub is_tried: bool,
    /// The bound of its volume that the leg would break.
    pub breach: Option<VolumeBreach>,
    /// Whether its failures have switched it off.
    pub switch: SwitchState,
}

/// Keeps the places of shares apart from those of the cut-over: whoever came first there must not all be on one channel.
const SHARES: u64 = 0x7368_6172_6573_0a0d;

/// Decides over which channel `asked` goes; `see` is asked about every channel of its bank. Total: for a bank that the table
/// does not have, it is the bank itself.
pub fn decide(table: &RouteTable, asked: &Asked, see: impl Fn(&Channel) -> Seen) -> Why {
    let plain;
    let routes = match table.bank(asked.bank) {
        Some(routes) => routes,
        None => {
            plain = BankRoutes::plain(asked.bank);
            &plain
        }
    };
    let (kind, ground) = kind_of(table, routes, asked);
    let preference = preference_of(routes, asked, kind, ground);
    let judge = |channel: &Channel| Candidate {
        number: channel.number,
        via: channel.via,
        priority: channel.priority,
        verdict: verdict_of(channel, asked, kind, &see(channel)),
    };
    let mut candidates: Vec<Candidate> = routes.channels.iter().map(judge).collect();
    candidates.sort_by_key(|one| rank(one, preference.number()));
    let fits = |one: &&Candidate| matches!(one.verdict, Verdict::Fits { .. });
    let chosen = candidates.first().filter(fits).map(|one| one.number);
    Why {
        table: table.version(),
        leg: asked.leg.number(),
        bank: asked.bank,
        kind,
        ground,
        preference,
        candidates,
        chosen,
    }
}

/// Configuration, first half: which world.
fn kind_of(table: &RouteTable, routes: &BankRoutes, asked: &Asked) -> (ChannelKind, Ground) {
    let kind_of = |number: u8| routes.channel(number).map(|channel| channel.kind);
    if asked.is_direct_refund {
        (ChannelKind::Direct, Ground::DirectRefund)
    } else if let Some(kind) = named(routes, asked).and_then(kind_of) {
        (kind, Ground::NamedCard)
    } else if let Some(kind) = asked.back.and_then(kind_of) {
        (kind, Ground::WayBack)
    } else if asked.is_customers_payment() {
        let Asked { institution, bank, customer, is_new, .. } = *asked;
        let decision = table.cutover().decide(&Traveller { institution, bank, customer, is_new });
        let kind = match decision.way {
            Way::Switch => ChannelKind::Switch,
            Way::Direct => ChannelKind::Direct,
        };
        (kind, Ground::CutOver(decision))
    } else {
        (ChannelKind::Switch, Ground::Always)
    }
}

fn named(routes: &BankRoutes, asked: &Asked) -> Option<u8> {
    if asked.card == 0 { None } else { routes.cards.get(&asked.card).copied() }
}

/// Configuration, second half: which channel is preferred.
fn preference_of(routes: &BankRoutes, asked: &Asked, kind: ChannelKind, ground: Ground) -> Preference {
    if ground == Ground::NamedCard
        && let Some(number) = named(routes, asked)
    {
        return Preference::Card(number);
    }
    if let Some(number) = asked.back.filter(|number| routes.channel(*number).is_some_and(|one| one.kind == kind)) {
        return Preference::WayBack(number);
    }
    let place = place_of(asked.customer ^ SHARES);
    let of_institution = || routes.preferred_of.get(&asked.institution).copied().map(Preference::Institution);
    let of_bank = || routes.preferred.map(Preference::Bank);
    let share = share_of(routes, kind, place).map(|number| Preference::Share { number, place });
    share.or_else(of_institution).or_else(of_bank).unwrap_or(Preference::Nothing)
}

/// The channel whose share has this place: shares lie in a row, by number. So growing one never sends anybody away from
/// it, nor from those before it.
fn share_of(routes: &BankRoutes, kind: ChannelKind, place: u16) -> Option<u8> {
    debug_assert!(place < SHARE_MAX, "a place is below {SHARE_MAX}");
    let mut end = 0_u32;
    routes.channels.iter().filter(|channel| channel.kind == kind).find_map(|channel| {
        end += u32::from(channel.share);
        (u32::from(place) < end).then_some(channel.number)
    })
}

/// Capabilities, then limits: the first thing that keeps a channel from taking the leg.
fn verdict_of(channel: &Channel, asked: &Asked, kind: ChannelKind, seen: &Seen) -> Verdict {
    if channel.kind != kind {
        Verdict::OtherKind
    } else if !channel.is_enabled {
        Verdict::Disabled
    } else if let Err(unfit) = channel.capabilities.check(asked) {
        Verdict::Cannot(unfit)
    } else if seen.is_tried {
        Verdict::Tried
    } else if seen.is_closed {
        Verdict::Closed
    } else if let Some(breach) = seen.breach {
        Verdict::Full(breach)
    } else {
        match seen.switch {
            SwitchState::Off { until_us } => Verdict::Off { until_us },
            SwitchState::Trial { left: 0 } => Verdict::OnTrial,
            SwitchState::On | SwitchState::Trial { .. } => Verdict::Fits { reachable: seen.is_reachable },
        }
    }
}

/// Priority: who can, then who can be reached, then the preferred one, then priority, then number.
fn rank(one: &Candidate, preferred: Option<u8>) -> (bool, bool, bool, u8, u8) {
    let (cannot, unreachable) = match one.verdict {
        Verdict::Fits { reachable } => (false, !reachable),
        _ => (true, false),
    };
    (cannot, unreachable, Some(one.number) != preferred, one.priority, one.number)
}
