//! What is configured of a participant's links, as the machines need it.

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Takes everything while it works. Of several active ones exactly one does.
    Active,
    /// Takes everything while no active or shared one works; one at a time.
    Standby,
    /// Takes its share, beside the other shared ones.
    Shared,
}

impl Role {
    /// The lower, the better: what the operator switched to, then active and shared links, then those that stand by.
    #[must_use]
    pub const fn rank(self, is_pinned: bool) -> u8 {
        match self {
            _ if is_pinned => 0,
            Self::Active | Self::Shared => 1,
            Self::Standby => 2,
        }
    }
}

/// How a link is asked whether it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeKind {
    /// By 991, answered with 992: the participant's program works.
    Message,
    /// By opening a connection: its front door works.
    Connect,
    /// Not at all: only traffic tells.
    None,
}

/// When a better link takes over again that has come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwitchBack {
    /// Once it has been usable for so long, microseconds.
    Auto {
        /// How long, microseconds.
        after_us: u64,
    },
    /// When the operator says so, or the present one fails.
    Manual,
}

/// The rules of one participant's links. Times in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkRules {
    /// How links are asked.
    pub probe: ProbeKind,
    /// A link is asked at once when an answer has been out for so long and nothing came from it meanwhile.
    pub suspect_after_us: u64,
    /// From one probe to the next where there is doubt.
    pub probe_fast_us: u64,
    /// Time of a probe, from its connection to the last byte of its answer.
    pub probe_timeout_us: u64,
    /// From one probe to the next of a link that is quiet and well.
    pub probe_interval_us: u64,
    /// Failures in a row that bring a link down, at least 1.
    pub down_after: u32,
    /// How long a link that went down is left alone, the first time.
    pub hold_down_us: u64,
    /// The same at most, however often it went down.
    pub hold_down_max_us: u64,
    /// In this time half of a link's flaps are forgotten.
    pub flap_half_life_us: u64,
    /// Good probes in a row before a link that was down is tried, at least 1.
    pub up_after: u32,
    /// Real messages of a trial; all must do well. At least 1.
    pub trial_messages: u32,
    /// A trial whose probes are good ends well after so long, although not all answers are there: slow is not down.
    pub trial_us: u64,
    /// HTTP errors and bad signatures in a row that bring a link down; 0: never.
    pub errors_in_row_max: u32,
    /// Without 991, silence of this length with an answer out is a failure.
    pub silent_us: u64,
    /// When a better link that has come back takes over.
    pub switch_back: SwitchBack,
}

impl LinkRules {
    /// How often a link that is down is asked.
    #[must_use]
    pub fn probe_down_us(&self) -> u64 {
        self.hold_down_us.min(self.probe_interval_us).max(self.probe_fast_us)
    }
}
