//! Orders to the large-value system, and what may become of one: the table that keeps money from moving twice.
//!
//! ```text
//!              RELEASE         WRITTEN       ACCEPTED              REFUSED          REMAKE
//!  waiting ------------> made ---------> sent ----------> acknowledged
//!  (pays out)             ^                |------------------------------> rejected --.
//!                         '---------------------- next attempt, next MsgId ------------'
//!  contested: the large-value system accepted what it had refused; a person judges
//! ```
//!
//! Invariant: at most one attempt of an order can still be accepted: a new one is made only of a rejected one, and a word of the
//! large-value system against its own earlier word stops the order until a person has judged. Pure and total: every state knows what
//! every event does.

use std::fmt;
use std::str::FromStr;

use clearway_codec::value::Date;
use serde::{Deserialize, Serialize};

use super::session::{Opening, SessionName};

/// Most attempts of one order (ours; MsgId has two digits for them).
pub const ATTEMPTS_MAX: u32 = 99;
const BANK_BITS: u32 = 16;
const OCCASION_BITS: u32 = 2;

/// What an order is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Occasion {
    /// The net position of a session.
    Session(Opening),
    /// The interest of a working day.
    Interest,
}

impl Occasion {
    const ALL: [Self; 3] = [Self::Session(Opening::Morning), Self::Session(Opening::Afternoon), Self::Interest];

    const fn number(self) -> u64 {
        match self {
            Self::Session(opening) => opening as u64,
            Self::Interest => 2,
        }
    }
}

/// One set of orders: those of a session, or of a day's interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderSet {
    /// The working day.
    pub day: Date,
    /// What for.
    pub occasion: Occasion,
}

impl OrderSet {
    /// The orders of a session.
    #[must_use]
    pub const fn of_session(session: SessionName) -> Self {
        Self { day: session.day, occasion: Occasion::Session(session.opening) }
    }

    /// Its session, unless it is of interest.
    #[must_use]
    pub const fn session(self) -> Option<SessionName> {
        match self.occasion {
            Occasion::Session(opening) => Some(SessionName { day: self.day, opening }),
            Occasion::Interest => None,
        }
    }
}

/// One order; all attempts of it.
///
/// ```text
/// number   days since 1970 | occasion (2 bits) | bank (16 bits)
/// MsgId    20261120 1 00042 01      day, occasion + 1, participant index of the bank, attempt
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderName {
    /// What it belongs to.
    pub set: OrderSet,
    /// Participant index of the clearing bank.
    pub bank: u16,
}

impl OrderName {
    /// A number for it, below 2^40, in the order of time.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        let set = (self.set.day.days() as u64) << OCCASION_BITS | self.set.occasion.number();
        set << BANK_BITS | self.bank as u64
    }

    /// The order with this number.
    #[must_use]
    pub fn from_u64(number: u64) -> Option<Self> {
        let set = number >> BANK_BITS;
        let day = Date::from_days(i32::try_from(set >> OCCASION_BITS).ok()?)?;
        let occasion = *Occasion::ALL.get((set & ((1 << OCCASION_BITS) - 1)) as usize)?;
        Some(Self { set: OrderSet { day, occasion }, bank: number as u16 })
    }

    /// The MsgId of an attempt, from 1 to [`ATTEMPTS_MAX`].
    #[must_use]
    pub const fn attempt(self, attempt: u32) -> MsgId {
        MsgId { order: self, attempt }
    }
}

/// As in a MsgId, without the attempt.
impl fmt::Display for OrderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{:05}", self.set.day, self.set.occasion.number() + 1, self.bank)
    }
}

/// No order, or no MsgId of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not of the form yyyymmdd, occasion 1 to 3, bank (5 digits), for a MsgId also the attempt (2 digits)")]
pub struct NoOrder;

impl FromStr for OrderName {
    type Err = NoOrder;

    fn from_str(text: &str) -> Result<Self, NoOrder> {
        if text.len() != 14 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NoOrder);
        }
        let day = Date::parse(&text.as_bytes()[..8]).map_err(|_| NoOrder)?;
        let occasion = usize::from(text.as_bytes()[8] - b'0').checked_sub(1).ok_or(NoOrder)?;
        let occasion = *Occasion::ALL.get(occasion).ok_or(NoOrder)?;
        let bank = text[9..].parse().map_err(|_| NoOrder)?;
        Ok(Self { set: OrderSet { day, occasion }, bank })
    }
}

/// What the large-value system tells messages apart by: sixteen digits, one for each attempt of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MsgId {
    /// Which order.
    pub order: OrderName,
    /// Which attempt, from 1 to [`ATTEMPTS_MAX`].
    pub attempt: u32,
}

impl fmt::Display for MsgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:02}", self.order, self.attempt)
    }
}

impl FromStr for MsgId {
    type Err = NoOrder;

    fn from_str(text: &str) -> Result<Self, NoOrder> {
        let (order, attempt) = text.split_at_checked(14).ok_or(NoOrder)?;
        let digits = attempt.len() == 2 && attempt.bytes().all(|byte| byte.is_ascii_digit());
        let attempt = attempt.parse().ok().filter(|attempt| digits && *attempt > 0).ok_or(NoOrder)?;
        Ok(Self { order: order.parse()?, attempt })
    }
}

/// Where an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderState {
    /// It pays out, and waits until everything that its set collects is there. No byte of it has left.
    Waiting,
    /// It is recorded and may leave, or has left if the process stopped then.
    Made,
    /// Its file is there for the large-value system; no answer yet.
    Sent,
    /// The money has moved.
    Acknowledged,
    /// The money has not moved and will not by this attempt.
    Rejected,
    /// What the large-value system said contradicts itself: a person must judge whether the money moved.
    Contested,
}

impl OrderState {
    /// All.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Made, Self::Sent, Self::Acknowledged, Self::Rejected, Self::Contested];

    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Made => "made",
            Self::Sent => "sent",
            Self::Acknowledged => "acknowledged",
            Self::Rejected => "rejected",
            Self::Contested => "contested",
        }
    }
}

/// What happens to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderEvent {
    /// Everything that its set collects is there.
    Release,
    /// Its file has its name.
    Written,
    /// The large-value system accepted the present attempt.
    Accepted,
    /// It refused the present attempt.
    Refused,
    /// It accepted an attempt before the present one.
    EarlierAccepted,
    /// It refused an attempt before the present one.
    EarlierRefused,
    /// A new attempt is wanted.
    Remake,
    /// A person knows that the money has moved.
    JudgedMoved,
    /// A person knows that no attempt has moved the money or will.
    JudgedNotMoved,
}

impl OrderEvent {
    /// All.
    pub const ALL: [Self; 9] = [
        Self::Release,
        Self::Written,
        Self::Accepted,
        Self::Refused,
        Self::EarlierAccepted,
        Self::EarlierRefused,
        Self::Remake,
        Self::JudgedMoved,
        Self::JudgedNotMoved,
    ];
}

/// What an event does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderStep {
    /// It becomes this.
    Become(OrderState),
    /// Nothing: it is known already, or no longer matters.
    Stay,
    /// It stays, and somebody should look: what was said contradicts what is known.
    Contradiction,
    /// Whoever asks for this is refused.
    Forbidden,
}

impl OrderState {
    /// What `event` does to an order in this state.
    #[must_use]
    pub const fn on(self, event: OrderEvent) -> OrderStep {
        use OrderEvent as E;
        use OrderStep::{Become, Contradiction, Forbidden, Stay};
        match (self, event) {
            (Self::Waiting, E::Release) => Become(Self::Made),
            (Self::Waiting, E::Accepted | E::Refused | E::EarlierAccepted | E::EarlierRefused) => Contradiction,
            (Self::Waiting, E::Written | E::Remake | E::JudgedMoved | E::JudgedNotMoved) => Forbidden,
            (Self::Made, E::Written) => Become(Self::Sent),
            (Self::Made, E::JudgedMoved | E::JudgedNotMoved) => Forbidden,
            // The process may have stopped when the file was there and its entry was not.
            (Self::Made | Self::Sent, E::Accepted) => Become(Self::Acknowledged),
            (Self::Made | Self::Sent, E::Refused) => Become(Self::Rejected),
            (Self::Made | Self::Sent, E::EarlierAccepted) => Become(Self::Contested),
            (Self::Made | Self::Sent, E::Remake) => Forbidden,
            (Self::Sent, E::JudgedMoved) => Become(Self::Acknowledged),
            (Self::Sent, E::JudgedNotMoved) => Become(Self::Rejected),
            (Self::Acknowledged, E::Refused | E::EarlierAccepted) => Contradiction,
            (Self::Acknowledged, E::Remake | E::JudgedNotMoved) => Forbidden,
            (Self::Rejected, E::Accepted | E::EarlierAccepted) => Become(Self::Contested),
            (Self::Rejected, E::Remake) => Become(Self::Made),
            (Self::Rejected | Self::Contested, E::JudgedMoved) => Become(Self::Acknowledged),
            (Self::Contested, E::JudgedNotMoved) => Become(Self::Rejected),
            (Self::Contested, E::Remake) => Forbidden,
            (
                Self::Made | Self::Sent | Self::Acknowledged | Self::Rejected | Self::Contested,
                E::Release | E::EarlierRefused,
            )
            | (Self::Sent | Self::Acknowledged | Self::Rejected | Self::Contested, E::Written)
            | (Self::Acknowledged, E::Accepted | E::JudgedMoved)
            | (Self::Rejected, E::Refused | E::JudgedNotMoved)
            | (Self::Contested, E::Accepted | E::Refused | E::EarlierAccepted) => Stay,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table as people read it: capital letter: becomes that state, `.` stays, `!` contradiction, `x` forbidden.
    const TABLE: &str = "
                     release written accepted refused e-accepted e-refused remake j-moved j-not
        waiting      M       x       !        !       !          !         x      x       x
        made         .       S       A        R       C          .         x      x       x
        sent         .       .       A        R       C          .         x      A       R
        acknowledged .       .       .        !       !          .         x      .       x
        rejected     .       .       C        .       C          .         M      A       .
        contested    .       .       .        .       .          .         x      A       R";

    #[test]
    fn every_state_knows_what_every_event_does() {
        let rows = TABLE.lines().skip(2);
        assert_eq!(rows.clone().count(), OrderState::ALL.len());
        for (row, state) in rows.zip(OrderState::ALL) {
            let mut cells = row.split_whitespace();
            assert_eq!(cells.next(), Some(state.name()));
            assert_eq!(cells.clone().count(), OrderEvent::ALL.len());
            for (cell, event) in cells.zip(OrderEvent::ALL) {
                let wanted = match cell {
                    "." => OrderStep::Stay,
                    "!" => OrderStep::Contradiction,
                    "x" => OrderStep::Forbidden,
                    letter => {
                        let state =
                            OrderState::ALL.into_iter().find(|one| one.name().starts_with(&letter.to_lowercase()));
                        OrderStep::Become(state.expect("a state's letter"))
                    }
                };
                assert_eq!(state.on(event), wanted, "{state:?} {event:?}");
            }
        }
    }

    #[test]
    fn names_read_back_in_the_order_of_time() {
        let day = |text: &str| Date::parse(text.as_bytes()).expect("a day");
        let mut names = Vec::new();
        for date in ["19700101", "20261120", "99991231"] {
            for occasion in Occasion::ALL {
                names
                    .extend([0, 42, 65_534].map(|bank| OrderName { set: OrderSet { day: day(date), occasion }, bank }));
            }
        }
        assert!(names.is_sorted() && names.iter().map(|name| name.as_u64()).is_sorted());
        for name in names {
            assert!(name.as_u64() < 1 << 40);
            assert_eq!(OrderName::from_u64(name.as_u64()), Some(name));
            assert_eq!(name.to_string().parse(), Ok(name));
            for attempt in [1, 10, ATTEMPTS_MAX] {
                let text = name.attempt(attempt).to_string();
                assert_eq!((text.len(), text.parse()), (16, Ok(name.attempt(attempt))));
            }
        }
        for text in
            ["", "2026112010004201x", "2026112000004201", "2026112040004201", "2026112010004200", "20261120100042+1"]
        {
            assert_eq!(text.parse::<MsgId>(), Err(NoOrder), "{text}");
        }
        assert_eq!("20261120199999".parse::<OrderName>(), Err(NoOrder), "no such index");
    }
}
