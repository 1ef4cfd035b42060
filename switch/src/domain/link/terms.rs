//! What a group of links is told, and what it says.

use super::number::LinkNumber;
use super::rules::Role;
use super::trial::TrialNumber;

/// What is configured of one link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkSpec {
    /// What it is for.
    pub role: Role,
    /// Its share among shared links; which of several active or standby ones is the first. At least 1.
    pub weight: u16,
}

/// What the operator says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Nothing new over this link; what is out is finished.
    Drain(LinkNumber),
    /// The drain is taken back.
    Undrain(LinkNumber),
    /// Everything over this link as long as it works, until the next order to switch.
    Switch(LinkNumber),
    /// As configured again, at once.
    SwitchBack,
}

/// What the watch over a link's traffic knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// An answer is out, and for so long nothing came, microseconds; 0 when none is out.
    pub silent_us: u64,
    /// When anything last came from it, microseconds.
    pub heard_us: u64,
}

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Over this link, as a message of that trial if it is not 0.
    Link(LinkNumber, TrialNumber),
    /// The only link that could take it is in a trial, and all places are taken: ask again when something has changed.
    Wait,
    /// Nowhere.
    Nobody,
}
