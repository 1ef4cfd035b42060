//! How a simulated bank behaves: delays, refusals and every way to answer badly, seeded.
//!
//! Invariant: what happens to a request depends on the seed, the bank, the transaction's sequence digits, the leg and
//! how often that leg was asked before, and on nothing else. The network's order does not matter, and the same seed
//! gives the same fates in every run. Decided once per request by the bank's server; changeable while the bank runs.

use crate::bank::customer::Customer;
use crate::bank::ledger::Leg;
use crate::error::Error;
use crate::institution::InstitutionBehaviour;
use crate::random::Draws;
use clearway_codec::TrxId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// Most that a bank may start by itself, per second.
const RATE_MAX: f64 = 1_000.0;

/// Time a bank takes before it answers.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Delay {
    /// As fast as it can. All others are rounded up to whole milliseconds by the runtime.
    #[default]
    None,
    /// Always the same.
    Fixed {
        /// Milliseconds.
        ms: f64,
    },
    /// Evenly between two bounds.
    Uniform {
        /// Least, milliseconds.
        from_ms: f64,
        /// Most, milliseconds.
        to_ms: f64,
    },
    /// Memoryless with this mean.
    Exponential {
        /// Mean, milliseconds.
        mean_ms: f64,
    },
}

impl Delay {
    pub(super) fn draw(self, draws: &mut Draws) -> Duration {
        let ms = match self {
            Self::None => 0.0,
            Self::Fixed { ms } => ms,
            Self::Uniform { from_ms, to_ms } => from_ms + (to_ms - from_ms) * draws.unit(),
            Self::Exponential { mean_ms } => -mean_ms * (1.0 - draws.unit()).ln(),
        };
        Duration::try_from_secs_f64(ms.max(0.0) / 1_000.0).unwrap_or(Duration::ZERO)
    }

    pub(super) fn check(self) -> Result<(), Error> {
        let (least, most) = match self {
            Self::None => (0.0, 0.0),
            Self::Fixed { ms } => (ms, ms),
            Self::Uniform { from_ms, to_ms } => (from_ms, to_ms),
            Self::Exponential { mean_ms } => (mean_ms, mean_ms),
        };
        if least >= 0.0 && most >= least && most.is_finite() {
            Ok(())
        } else {
            Err(Error::Behaviour(format!("{self:?} is no delay")))
        }
    }
}

/// A way to answer badly. Whether the money moved all the same is drawn apart, see
/// [`Behaviour::executes_when_failing`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Holds the connection open and says nothing.
    NeverAnswers,
    /// A correct answer, [`Behaviour::late_ms`] after it should have come.
    Late,
    /// 200 with bytes that are no message.
    Garbage,
    /// A correct, signed answer about another transaction.
    WrongTransaction,
    /// A correct answer whose signature does not verify.
    BadSignature,
    /// Half of the answer, then the connection closes.
    ClosesMidAnswer,
    /// HTTP 503 without a message.
    NonOk,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::NeverAnswers,
        Self::Late,
        Self::Garbage,
        Self::WrongTransaction,
        Self::BadSignature,
        Self::ClosesMidAnswer,
        Self::NonOk,
    ];
}

/// One bank's behaviour. The default is a healthy bank that answers at once.
///
/// ```
/// use clearway_loadgen::bank::{Behaviour, Delay, Fault};
///
/// let flaky = Behaviour { delay: Delay::Exponential { mean_ms: 20.0 }, refuses: 0.01, ..Behaviour::default() }
///     .with_fault(Fault::NeverAnswers, 0.002)
///     .with_fault(Fault::BadSignature, 0.001);
/// assert!(flaky.check().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// Time before any answer.
    pub delay: Delay,
    /// Probability of a business no to a leg, 0 to 1. Nothing is executed then.
    pub refuses: f64,
    /// Probability of each fault in the answer to a leg; together at most 1.
    pub faults: BTreeMap<Fault, f64>,
    /// How much later a late answer comes, in milliseconds.
    pub late_ms: f64,
    /// Probability that the money moved although the answer is bad: a bank may debit and then fail to say so.
    pub executes_when_failing: f64,
    /// Probability of each fault in the answer to a query, a notice or a probe; together at most 1.
    pub query_faults: BTreeMap<Fault, f64>,
    /// What customers do on the bank's page.
    pub customer: Customer,
    /// Agreements that the bank ends by itself (105), per second.
    pub ends_per_s: f64,
    /// Mandates that the bank asks to end (117), per second.
    pub mandate_ends_per_s: f64,
    /// Probability that a queried movement turns out to be lost: the bank takes it back and says that there is no such
    /// transaction.
    pub loses: f64,
    /// Takes legs for accounts of other banks too: an agent, or the adapter of an old direct channel.
    pub is_agent: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            delay: Delay::None,
            refuses: 0.0,
            faults: BTreeMap::new(),
            late_ms: 15_000.0,
            executes_when_failing: 0.5,
            query_faults: BTreeMap::new(),
            customer: Customer::default(),
            ends_per_s: 0.0,
            mandate_ends_per_s: 0.0,
            loses: 0.0,
            is_agent: false,
        }
    }
}

/// What a bank does with one leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conduct {
    /// Says a business no.
    pub refuses: bool,
    /// Moves the money.
    pub executes: bool,
    /// Time before the answer.
    pub delay: Duration,
    /// How the answer goes wrong.
    pub fault: Option<Fault>,
}

impl Behaviour {
    /// The same with one more fault in the answers to legs.
    #[must_use]
    pub fn with_fault(mut self, fault: Fault, probability: f64) -> Self {
        self.faults.insert(fault, probability);
        self
    }

    /// The same with one more fault in the answers to queries, notices and probes.
    #[must_use]
    pub fn with_query_fault(mut self, fault: Fault, probability: f64) -> Self {
        self.query_faults.insert(fault, probability);
        self
    }

    /// Checks ranges.
    ///
    /// # Errors
    /// [`Error::Behaviour`], naming what is out of range.
    pub fn check(&self) -> Result<(), Error> {
        self.delay.check()?;
        let sums = [("faults", self.faults.values().sum::<f64>()), ("query_faults", self.query_faults.values().sum())];
        self.customer.check()?;
        let single =
            [("refuses", self.refuses), ("executes_when_failing", self.executes_when_failing), ("loses", self.loses)];
        let rates = [self.ends_per_s, self.mandate_ends_per_s];
        if rates.iter().any(|rate| !(0.0..=RATE_MAX).contains(rate)) {
            return Err(Error::Behaviour(format!("rates must be within 0 and {RATE_MAX} a second")));
        }
        let negative = self.faults.values().chain(self.query_faults.values()).any(|share| *share < 0.0);
        let outside = sums.iter().chain(&single).find(|(_, value)| !(0.0..=1.0 + 1e-9).contains(value));
        match outside {
            Some((name, value)) => Err(Error::Behaviour(format!("{name} = {value}: must be within 0 and 1"))),
            None if negative || !(0.0..1e9).contains(&self.late_ms) => {
                Err(Error::Behaviour("negative probability or late_ms".into()))
            }
            None => Ok(()),
        }
    }

    /// What happens to one request for a leg; `attempt` counts earlier requests for the same leg.
    pub(crate) fn conduct(&self, draws: &mut Draws) -> Conduct {
        let delay = self.delay.draw(draws);
        let refuses = draws.chance(self.refuses);
        let fault = pick(&self.faults, draws.unit());
        let executes = draws.chance(self.executes_when_failing);
        // A late answer is a true one: the bank has done its work, only the answer is slow.
        let executes = !refuses && (executes || matches!(fault, None | Some(Fault::Late)));
        Conduct { refuses, executes, delay: delay + self.lateness(fault), fault }
    }

    /// What happens to a query, a notice or a probe: its delay and fault.
    pub(crate) fn conduct_query(&self, draws: &mut Draws) -> (Duration, Option<Fault>) {
        let delay = self.delay.draw(draws);
        let fault = pick(&self.query_faults, draws.unit());
        (delay + self.lateness(fault), fault)
    }

    fn lateness(&self, fault: Option<Fault>) -> Duration {
        match fault {
            Some(Fault::Late) => Duration::try_from_secs_f64(self.late_ms / 1_000.0).unwrap_or(Duration::ZERO),
            _ => Duration::ZERO,
        }
    }
}

pub(super) fn pick<F: Copy>(faults: &BTreeMap<F, f64>, unit: f64) -> Option<F> {
    let mut upper = 0.0;
    faults.iter().find_map(|(fault, share)| {
        upper += share;
        (unit < upper).then_some(*fault)
    })
}

/// Key of the draws for one request. Date and run number are left out of the transaction id: the sequence alone counts,
/// so that a run repeated tomorrow with the same seed meets the same fates.
pub(crate) fn draw_key(bank: usize, id: TrxId, step: Step, attempt: u16) -> u64 {
    const SEQUENCE_DIGITS: u128 = 100_000_000_000_000_000;
    let sequence = (id.as_u128() % SEQUENCE_DIGITS) as u64;
    let place = (bank as u64) << 32 | u64::from(step as u8) << 16 | u64::from(attempt);
    sequence.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ place
}

/// What a request is about, as far as draws care.
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
pub(crate) enum Step {
    Debit = 1,
    Credit = 2,
    DebitQuery = 3,
    CreditQuery = 4,
    Notice = 5,
    Entry = 6,
    EntryQuery = 7,
    Customer = 8,
    Spontaneous = 9,
}

impl Step {
    pub(crate) const fn leg(leg: Leg) -> Self {
        match leg {
            Leg::Debit => Self::Debit,
            Leg::Credit => Self::Credit,
            Leg::Entry | Leg::Check => Self::Entry,
        }
    }

    pub(crate) const fn query(leg: Leg) -> Self {
        match leg {
            Leg::Debit => Self::DebitQuery,
            Leg::Credit => Self::CreditQuery,
            Leg::Entry | Leg::Check => Self::EntryQuery,
        }
    }
}

/// Behaviours of all banks of a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviours {
    /// Seed of every draw.
    pub seed: u64,
    /// Of banks that are not named.
    pub default: Behaviour,
    /// By institution id of the bank.
    pub bank: BTreeMap<String, Behaviour>,
    /// Of all payment institutions, as receivers of notices.
    pub institutions: InstitutionBehaviour,
}

impl Behaviours {
    /// Healthy banks that answer at once.
    pub fn healthy() -> Self {
        Self::default()
    }

    /// The same behaviour for every bank.
    pub fn all(seed: u64, behaviour: Behaviour) -> Self {
        Self { seed, default: behaviour, ..Self::default() }
    }

    /// Of one bank.
    pub fn of(&self, bank: &str) -> &Behaviour {
        self.bank.get(bank).unwrap_or(&self.default)
    }

    /// Checks every behaviour.
    ///
    /// # Errors
    /// As [`Behaviour::check`].
    pub fn check(&self) -> Result<(), Error> {
        self.institutions.check()?;
        self.bank.values().chain([&self.default]).try_for_each(Behaviour::check)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conducts(behaviour: &Behaviour, seed: u64) -> Vec<Conduct> {
        (0..20_000).map(|key| behaviour.conduct(&mut Draws::new(seed, key))).collect()
    }

    fn share(conducts: &[Conduct], of: impl Fn(&Conduct) -> bool) -> f64 {
        conducts.iter().filter(|conduct| of(conduct)).count() as f64 / conducts.len() as f64
    }

    #[test]
    fn a_healthy_bank_executes_everything_at_once() {
        let healthy = Conduct { refuses: false, executes: true, delay: Duration::ZERO, fault: None };
        assert!(conducts(&Behaviour::default(), 1).iter().all(|conduct| *conduct == healthy));
    }

    #[test]
    fn shares_come_out_as_asked() {
        let mut behaviour = Behaviour { refuses: 0.1, executes_when_failing: 0.3, ..Behaviour::default() };
        for (rank, fault) in Fault::ALL.into_iter().enumerate() {
            behaviour = behaviour.with_fault(fault, 0.02 * (rank + 1) as f64);
        }
        let seen = conducts(&behaviour, 3);
        assert!((share(&seen, |conduct| conduct.refuses) - 0.1).abs() < 0.01);
        for (rank, fault) in Fault::ALL.into_iter().enumerate() {
            let of_fault = share(&seen, |conduct| conduct.fault == Some(fault));
            assert!((of_fault - 0.02 * (rank + 1) as f64).abs() < 0.01, "{fault:?} {of_fault}");
        }
        let failing: Vec<Conduct> = seen
            .into_iter()
            .filter(|conduct| !conduct.refuses && conduct.fault.is_some_and(|fault| fault != Fault::Late))
            .collect();
        assert!((share(&failing, |conduct| conduct.executes) - 0.3).abs() < 0.02);
    }

    #[test]
    fn a_refusal_never_moves_money_and_a_late_answer_always_did() {
        let behaviour =
            Behaviour { refuses: 0.5, late_ms: 3_000.0, ..Behaviour::default() }.with_fault(Fault::Late, 0.5);
        for conduct in conducts(&behaviour, 5) {
            assert_eq!(conduct.executes, !conduct.refuses);
            assert_eq!(conduct.delay, Duration::from_secs(if conduct.fault.is_some() { 3 } else { 0 }));
        }
    }

    #[test]
    fn delays_have_their_mean() {
        let table = [
            (Delay::Fixed { ms: 7.0 }, 7.0),
            (Delay::Uniform { from_ms: 10.0, to_ms: 30.0 }, 20.0),
            (Delay::Exponential { mean_ms: 50.0 }, 50.0),
        ];
        for (delay, mean_ms) in table {
            let seen = conducts(&Behaviour { delay, ..Behaviour::default() }, 7);
            let mean = seen.iter().map(|conduct| conduct.delay.as_secs_f64() * 1e3).sum::<f64>() / seen.len() as f64;
            assert!((mean / mean_ms - 1.0).abs() < 0.03, "{delay:?}: {mean}");
        }
    }

    #[test]
    fn the_draw_forgets_the_run_but_not_the_sequence_leg_bank_or_attempt() {
        let id = |text: &[u8]| TrxId::parse(text).unwrap();
        let today = id(b"2026112048291300000000420770101");
        let other_run = id(b"2026112100000100000000420770101");
        let key = |id, bank, step, attempt| draw_key(bank, id, step, attempt);
        let base = key(today, 1, Step::Debit, 0);
        assert_eq!(base, key(other_run, 1, Step::Debit, 0));
        let others = [
            key(id(b"2026112048291300000000430770101"), 1, Step::Debit, 0),
            key(today, 2, Step::Debit, 0),
            key(today, 1, Step::Credit, 0),
            key(today, 1, Step::Debit, 1),
        ];
        assert!(others.iter().all(|other| *other != base));
    }

    #[test]
    fn behaviours_out_of_range_are_refused() {
        let broken: [fn(Behaviour) -> Behaviour; 8] = [
            |b| Behaviour { refuses: 1.1, ..b },
            |b| Behaviour { loses: -0.1, ..b },
            |b| Behaviour { executes_when_failing: f64::NAN, ..b },
            |b| Behaviour { late_ms: -1.0, ..b },
            |b| Behaviour { delay: Delay::Uniform { from_ms: 5.0, to_ms: 1.0 }, ..b },
            |b| Behaviour { delay: Delay::Fixed { ms: f64::INFINITY }, ..b },
            |b| b.with_fault(Fault::Late, 0.6).with_fault(Fault::Garbage, 0.6),
            |b| b.with_query_fault(Fault::Late, -0.5).with_query_fault(Fault::Garbage, 0.6),
        ];
        assert!(Behaviour::default().check().is_ok());
        for (case, breakage) in broken.iter().enumerate() {
            assert!(breakage(Behaviour::default()).check().is_err(), "case {case}");
        }
    }

    #[test]
    fn behaviours_are_read_from_toml() {
        let text = r#"
            seed = 7
            [default]
            refuses = 0.01
            [bank.C1000111000015]
            delay = { kind = "exponential", mean_ms = 20.0 }
            faults = { never_answers = 0.01, bad_signature = 0.02 }
            loses = 0.1
        "#;
        let behaviours: Behaviours = toml::from_str(text).unwrap();
        assert!(behaviours.check().is_ok());
        assert_eq!(behaviours.of("C1000111000015").faults[&Fault::BadSignature], 0.02);
        assert_eq!(behaviours.of("C1000211000022").refuses, 0.01);
        assert!(toml::from_str::<Behaviours>("[default]\nspeed = 1").is_err());
    }
}
