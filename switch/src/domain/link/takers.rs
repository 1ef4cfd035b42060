//! Who takes new messages: the election among the links of one participant.

use super::number::{LINKS_MAX, LinkNumber};
use super::rules::{Role, SwitchBack};
use super::state::State;

/// A set of links.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Takers(u16);

impl Takers {
    /// No link.
    pub const NONE: Self = Self(0);

    /// This link alone; nobody for no link.
    #[must_use]
    pub const fn only(link: LinkNumber) -> Self {
        Self::NONE.with(link)
    }

    /// From its bits: the lowest is link 1.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits)
    }

    /// Its bits.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// These and `link`.
    #[must_use]
    pub const fn with(self, link: LinkNumber) -> Self {
        match link.place() {
            Some(place) => Self(self.0 | 1 << place),
            None => self,
        }
    }

    /// Those of these that are not among `others`.
    #[must_use]
    pub const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Whether `link` is one of them.
    #[must_use]
    pub const fn contains(self, link: LinkNumber) -> bool {
        match link.place() {
            Some(place) => self.0 & 1 << place != 0,
            None => false,
        }
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many there are.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// All of them, in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = LinkNumber> {
        (0..LINKS_MAX).filter(move |place| self.0 & 1 << place != 0).map(LinkNumber::at)
    }

    /// The first of them; no link when there is none.
    #[must_use]
    pub fn first(self) -> LinkNumber {
        if self.0 == 0 { LinkNumber::NONE } else { LinkNumber::at(self.0.trailing_zeros() as usize) }
    }
}

impl FromIterator<LinkNumber> for Takers {
    fn from_iter<I: IntoIterator<Item = LinkNumber>>(links: I) -> Self {
        links.into_iter().fold(Self::NONE, Self::with)
    }
}

/// Picks one of a set by weight. Successive turns are spread evenly: no run of turns favours a link by much.
#[derive(Clone, Copy, Debug)]
pub struct Pick<'a> {
    /// By place; a link that is not listed has none.
    pub weights: &'a [u16],
}

impl Pick<'_> {
    /// The link of `among` whose turn it is; no link when there is none.
    #[must_use]
    pub fn pick(self, among: Takers, turn: u32) -> LinkNumber {
        if among.len() <= 1 {
            return among.first();
        }
        let weight = |link: LinkNumber| {
            link.place().and_then(|place| self.weights.get(place)).map_or(0, |weight| u64::from(*weight))
        };
        let total: u64 = among.iter().map(weight).sum();
        // Multiples of the golden ratio fill the range without clusters.
        let mut place = (u64::from(turn.wrapping_mul(0x9e37_79b9)) * total) >> 32;
        for link in among.iter() {
            match place.checked_sub(weight(link)) {
                Some(rest) => place = rest,
                None => return link,
            }
        }
        among.first()
    }
}

/// A link as the election sees it.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// Its number.
    pub link: LinkNumber,
    /// What it is for.
    pub role: Role,
    /// Of two alike, the heavier one takes.
    pub weight: u16,
    /// What it is.
    pub state: State,
    /// Since when it may take messages, for its state and for the operator; none while it may not.
    pub usable_since_us: Option<u64>,
    /// Whether the operator switched to it.
    pub is_pinned: bool,
}

impl Candidate {
    const fn rank(&self) -> u8 {
        self.role.rank(self.is_pinned)
    }

    fn is_sound(&self) -> bool {
        self.usable_since_us.is_some() && self.state != State::Suspect
    }

    /// Whether it has been well for long enough to take over from a lesser one that works.
    fn has_settled(&self, switch_back: SwitchBack, now_us: u64) -> bool {
        let SwitchBack::Auto { after_us } = switch_back else { return false };
        let since_us = self.usable_since_us.filter(|_| self.is_sound());
        since_us.is_some_and(|since_us| now_us.saturating_sub(since_us) >= after_us)
    }
}

/// Why there is an election.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occasion {
    /// Time or a change of state: who takes goes on taking, unless there is a reason.
    Routine,
    /// The operator: the best takes.
    Command,
}

/// Who takes new messages from now on.
pub(super) fn elect(
    candidates: impl Iterator<Item = Candidate> + Clone,
    current: Takers,
    switch_back: SwitchBack,
    occasion: Occasion,
    now_us: u64,
) -> Takers {
    let usable = || candidates.clone().filter(|one| one.usable_since_us.is_some());
    let has_settled = |one: &Candidate| one.has_settled(switch_back, now_us);
    let sitting = usable().filter(|one| current.contains(one.link));
    let sitting_rank = sitting.map(|one| one.rank()).min().filter(|_| occasion == Occasion::Routine);
    let sound_rank = usable().filter(Candidate::is_sound).map(|one| one.rank()).min();
    let Some(best_rank) = sound_rank.or_else(|| usable().map(|one| one.rank()).min()) else { return Takers::NONE };
    let rank = match sitting_rank {
        Some(sitting_rank) if sitting_rank <= best_rank => sitting_rank,
        Some(_) if usable().any(|one| one.rank() == best_rank && has_settled(&one)) => best_rank,
        Some(sitting_rank) => sitting_rank,
        None => best_rank,
    };
    let tier = || usable().filter(|one| one.rank() == rank);
    if rank == 1 && tier().any(|one| one.role == Role::Shared) {
        // All shared links, those in doubt aside if there are others.
        let sound: Takers = tier().filter(Candidate::is_sound).map(|one| one.link).collect();
        return if sound.is_empty() { tier().map(|one| one.link).collect() } else { sound };
    }
    let stays = tier().find(|one| sitting_rank.is_some() && current.contains(one.link));
    let best = || tier().min_by_key(|one| (!has_settled(one) && sitting_rank.is_some(), merit(one)));
    stays.or_else(best).map_or(Takers::NONE, |one| Takers::only(one.link))
}

/// The least is the best.
fn merit(candidate: &Candidate) -> (bool, bool, u16, LinkNumber) {
    let lightness = u16::MAX - candidate.weight;
    (candidate.state == State::Suspect, candidate.state == State::Trial, lightness, candidate.link)
}
