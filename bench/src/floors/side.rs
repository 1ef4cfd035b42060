//! One of two nodes that take the same load in turn.

use clearway_crypto::Suite;

use super::Bench;
use super::node::payments;
use crate::error::Error;
use crate::rig::{Rig, Setup, Trial, modest_rate};

/// Share of a modest rate: what is compared is a cost, and waiting for a core is none.
const LOAD: f64 = 0.5;

/// One node and its runs.
pub(super) struct Side {
    pub(super) rig: Rig,
    pub(super) trials: Vec<Trial>,
}

impl Side {
    pub(super) fn start(bench: &Bench, setup: &Setup) -> Result<Self, Error> {
        Ok(Self { rig: Rig::start(setup, &bench.scratch, &bench.cores)?, trials: Vec::new() })
    }

    pub(super) fn run(&mut self, bench: &Bench, label: &str) -> Result<(), Error> {
        let (warm_up, measured) = bench.depth((2.0, 8.0), (1.0, 2.0));
        let rate = LOAD * modest_rate(Suite::EcdsaP256Sha256);
        self.trials.push(self.rig.run(&payments(label, rate, warm_up, measured, bench.arguments.seed))?);
        Ok(())
    }

    /// The trial with the median cost of a payment.
    pub(super) fn median(&mut self) -> Result<&Trial, Error> {
        let cost = |trial: &Trial| trial.window.cpu_us_per_payment();
        self.trials.sort_by(|one, other| cost(one).total_cmp(&cost(other)));
        let middle = self.trials.len().saturating_sub(1) / 2;
        self.trials.get(middle).ok_or_else(|| Error::Unsuited("no run of the node".into()))
    }
}
