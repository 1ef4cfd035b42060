//! Sheds load before costly work: how many new payments may the next burst admit?
//!
//! ```text
//!               loop > target for a whole interval, and not draining
//!      free  ---------------------------------------------------------->  limited
//!            <----------------------------------------------------------
//!               an interval below target in which nothing was refused
//! ```
//!
//! The time of one loop of the worker is what every message waits for, so it is the length of the standing queue. As in
//! CoDel a queue that stays above the target is overload, and a single stall is not: after a stall the loops get shorter
//! by themselves. While limited, payments are admitted at the rate that the measured cost of one payment allows, which
//! keeps the goodput at its height whatever the offered rate; the rate gives way while the queue stands nevertheless.
//!
//! Invariant: pure; at least one payment is admitted now and then, so the state can be left. Called by a worker's loop.

/// When a queue counts as standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverloadLimits {
    /// A loop this long is long, microseconds.
    pub target_us: u64,
    /// How long loops must be long before payments are refused, microseconds.
    pub interval_us: u64,
}

impl Default for OverloadLimits {
    /// 5 ms, 200 ms.
    fn default() -> Self {
        Self { target_us: 5_000, interval_us: 200_000 }
    }
}

/// One loop of the worker, told when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Now, microseconds.
    pub now_us: u64,
    /// How long the loop worked, without its sleep, microseconds.
    pub loop_us: u64,
    /// What one payment costs this worker altogether, nanoseconds of CPU; 0 when not known yet.
    pub cost_ns: u64,
    /// New payments admitted since the turn before.
    pub admitted: u32,
    /// New payments refused for overload since the turn before.
    pub refused: u32,
}

/// Until the first measurement a payment is taken to cost this much.
const COST_UNKNOWN_NS: u64 = 200_000;
/// Turns that must be long before the queue counts as standing.
const LONG_TURNS_MIN: u32 = 3;
/// Share of the computed rate, in thousandths: where limiting begins, and its bounds.
const SHARE_START: u64 = 900;
const SHARE_MIN: u64 = 50;
const SHARE_MAX: u64 = 1_500;
/// No credit is given for more time than this.
const CREDIT_US_MAX: u64 = 1_000_000;

/// The controller of one worker.
#[derive(Clone, Debug)]
pub struct Overload {
    limits: OverloadLimits,
    window: Option<Window>,
    limited: Option<Limited>,
}

/// Since when every turn has been long.
#[derive(Clone, Copy, Debug)]
struct Window {
    since_us: u64,
    first_loop_us: u64,
    turns: u32,
}

#[derive(Clone, Copy, Debug)]
struct Limited {
    turn_us: u64,
    period_us: u64,
    period_shortest_us: u64,
    period_refused: bool,
    share: u64,
    credit_milli: u64,
}

impl Overload {
    /// A controller that admits everything at first.
    pub const fn new(limits: OverloadLimits) -> Self {
        Self { limits, window: None, limited: None }
    }

    /// Whether new payments are being limited.
    pub const fn is_limited(&self) -> bool {
        self.limited.is_some()
    }

    /// Takes one turn into account; answers how many new payments may be admitted until the next one (`u32::MAX`:
    /// all of them).
    pub fn observe(&mut self, turn: Turn) -> u32 {
        let cost_ns = if turn.cost_ns == 0 { COST_UNKNOWN_NS } else { turn.cost_ns };
        match self.limited {
            None => {
                if self.queue_stands(turn) {
                    self.limited = Some(Limited::begin(turn));
                }
            }
            Some(mut limited) => {
                limited.earn(turn, cost_ns, self.limits);
                self.limited = limited.adapt(turn, self.limits).then_some(limited);
                self.window = None;
            }
        }
        self.limited.map_or(u32::MAX, |limited| limited.allowance())
    }

    /// Long turns for a whole interval, and the queue is not going away by itself.
    fn queue_stands(&mut self, turn: Turn) -> bool {
        if turn.loop_us <= self.limits.target_us {
            self.window = None;
            return false;
        }
        let begin = Window { since_us: turn.now_us, first_loop_us: turn.loop_us, turns: 0 };
        let window = self.window.get_or_insert(begin);
        window.turns += 1;
        let is_over = turn.now_us.saturating_sub(window.since_us) >= self.limits.interval_us;
        if !is_over || window.turns < LONG_TURNS_MIN {
            return false;
        }
        if turn.loop_us.saturating_mul(4) < window.first_loop_us.saturating_mul(3) {
            *window = begin;
            return false;
        }
        true
    }
}

impl Limited {
    const fn begin(turn: Turn) -> Self {
        Self {
            turn_us: turn.now_us,
            period_us: turn.now_us,
            period_shortest_us: u64::MAX,
            period_refused: true,
            share: SHARE_START,
            credit_milli: 1_000,
        }
    }

    /// Credit, in thousandths of a payment, for the time that passed; never more than fits into the target.
    fn earn(&mut self, turn: Turn, cost_ns: u64, limits: OverloadLimits) {
        let elapsed_us = turn.now_us.saturating_sub(self.turn_us).min(CREDIT_US_MAX);
        self.turn_us = turn.now_us;
        let spent = u64::from(turn.admitted) * 1_000;
        let earned = elapsed_us * 1_000 * self.share / cost_ns;
        let burst_max = (limits.target_us.saturating_mul(1_000_000) / cost_ns).max(1_000);
        self.credit_milli = (self.credit_milli.saturating_sub(spent) + earned).min(burst_max);
    }

    /// Once an interval: less while the queue stands, more while it does not. False when limiting is over.
    fn adapt(&mut self, turn: Turn, limits: OverloadLimits) -> bool {
        self.period_shortest_us = self.period_shortest_us.min(turn.loop_us);
        self.period_refused |= turn.refused > 0;
        if turn.now_us.saturating_sub(self.period_us) < limits.interval_us {
            return true;
        }
        let is_short = self.period_shortest_us <= limits.target_us;
        if is_short && !self.period_refused {
            return false;
        }
        self.share = match is_short {
            true => (self.share + 25).min(SHARE_MAX),
            false => (self.share * 4 / 5).max(SHARE_MIN),
        };
        self.period_us = turn.now_us;
        self.period_shortest_us = u64::MAX;
        self.period_refused = false;
        true
    }

    fn allowance(&self) -> u32 {
        u32::try_from(self.credit_milli / 1_000).unwrap_or(u32::MAX)
    }
}

/// A running average of what one payment costs a worker.
#[derive(Clone, Copy, Debug, Default)]
pub struct CostAverage {
    busy_ns: u64,
    payments: u64,
    average_ns: u64,
}

impl CostAverage {
    /// Payments that make one sample.
    const SAMPLE: u64 = 32;

    /// Adds the CPU time of one turn and the payments that became final in it.
    pub const fn add(&mut self, busy_ns: u64, payments: u64) {
        self.busy_ns = self.busy_ns.saturating_add(busy_ns);
        self.payments += payments;
        if self.payments < Self::SAMPLE {
            return;
        }
        let sample_ns = self.busy_ns / self.payments;
        self.average_ns = match self.average_ns {
            0 => sample_ns,
            average => average - average / 8 + sample_ns / 8,
        };
        self.busy_ns = 0;
        self.payments = 0;
    }

    /// Nanoseconds a payment; 0 before the first sample.
    pub const fn ns(&self) -> u64 {
        self.average_ns
    }
}

#[cfg(test)]
mod tests;
