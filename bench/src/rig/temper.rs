//! How the world around the node behaves: well, or each bank badly in its own way.
//!
//! ```text
//! bank 1 slow   2 silent   3 refusing   4 late   5 garbage   6 forgetful, tells everything twice   7 slow again ...
//! ```
//!
//! Every bank keeps to its manner in a few answers of a hundred, all of them fail in some queries (the silent one in most), and customers
//! refuse or walk away.

use std::collections::BTreeMap;

use clearway::config::TimingSection;
use clearway_loadgen::bank::{Behaviour, Behaviours, Customer, Delay, Fault, NewsFault};
use clearway_loadgen::{Config as LoadConfig, InstitutionBehaviour};

/// The manner of the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Temper {
    /// Everybody answers at once.
    #[default]
    Healthy,
    /// Every sort of fault, and deadlines short enough to see all of it end within seconds.
    Faulty,
}

impl Temper {
    /// How each participant behaves.
    pub fn behaviours(self, config: &LoadConfig, seed: u64) -> Behaviours {
        if self == Self::Healthy {
            return Behaviours { seed, ..Behaviours::healthy() };
        }
        let ids = config.banks.iter().map(|bank| bank.identity.id.to_string());
        let bank: BTreeMap<String, Behaviour> = ids.enumerate().map(|(place, id)| (id, bad_bank(place))).collect();
        let institutions = InstitutionBehaviour { deaf_times: 1, refuses: 0.3, silent: 0.2 };
        Behaviours { seed, bank, institutions, ..Behaviours::healthy() }
    }

    /// Deadlines and schedules of the node.
    pub fn timing(self) -> TimingSection {
        match self {
            Self::Healthy => TimingSection::default(),
            Self::Faulty => TimingSection {
                leg1_deadline_ms: 1_500,
                leg2_deadline_ms: 1_500,
                receipt_deadline_ms: 4_000,
                answer_timeout_ms: 10_000,
                query_schedule_ms: vec![150, 400, 800, 1_500, 2_500, 4_000],
                notice_schedule_ms: vec![200, 500, 1_000, 2_000, 4_000, 8_000],
                ..TimingSection::default()
            },
        }
    }
}

fn bad_bank(place: usize) -> Behaviour {
    let usual = Behaviour {
        customer: customers(),
        ends_per_s: 0.5,
        mandate_ends_per_s: 0.2,
        late_ms: 2_500.0,
        ..Behaviour::default()
    };
    let usual = usual
        .with_query_fault(Fault::NonOk, 0.02)
        .with_query_fault(Fault::Garbage, 0.02)
        .with_query_fault(Fault::BadSignature, 0.02);
    match place % 6 {
        0 => Behaviour { delay: Delay::Exponential { mean_ms: 60.0 }, ..usual },
        // Seldom to be had, so that some of its legs are presumed.
        1 => usual.with_fault(Fault::NeverAnswers, 0.03).with_query_fault(Fault::NonOk, 0.75),
        2 => Behaviour { refuses: 0.08, ..usual },
        3 => usual.with_fault(Fault::Late, 0.03),
        4 => usual
            .with_fault(Fault::Garbage, 0.02)
            .with_fault(Fault::BadSignature, 0.02)
            .with_fault(Fault::WrongTransaction, 0.02)
            .with_fault(Fault::ClosesMidAnswer, 0.02)
            .with_fault(Fault::NonOk, 0.02),
        _ => Behaviour {
            loses: 0.05,
            customer: customers().with_fault(NewsFault::Twice, 0.5),
            ..usual.with_fault(Fault::NonOk, 0.04)
        },
    }
}

fn customers() -> Customer {
    let customers = Customer {
        refuses: 0.05,
        abandons: 0.1,
        delay: Delay::Uniform { from_ms: 20.0, to_ms: 400.0 },
        late_ms: 1_000.0,
        ..Customer::default()
    };
    NewsFault::ALL.into_iter().fold(customers, |customers, fault| customers.with_fault(fault, 0.05))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_bank_is_possible_and_bad_in_its_own_way() {
        let banks: Vec<_> = (0..6).map(bad_bank).collect();
        for (place, bank) in banks.iter().enumerate() {
            bank.check().unwrap();
            assert!(banks[..place].iter().all(|other| other != bank));
        }
        let shown = |fault| banks.iter().any(|bank| bank.faults.contains_key(fault));
        assert!(Fault::ALL.iter().all(shown));
    }

    #[test]
    fn a_late_answer_comes_after_the_deadline_and_before_the_last_query() {
        let timing = Temper::Faulty.timing();
        let late_ms = bad_bank(3).late_ms as u64;
        assert!(late_ms > timing.leg1_deadline_ms && late_ms > timing.leg2_deadline_ms);
        assert!(late_ms < timing.leg1_deadline_ms + timing.query_schedule_ms[5]);
    }
}
