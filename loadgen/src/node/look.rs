//! The node's account of its stages at one moment.

use crate::error::Error;
use crate::record::{Stage, StageBudget};
use serde::{Deserialize, Serialize};

/// Most stages that are read: a node has eleven.
const STAGES_MAX: usize = 64;

/// The part `stages` of a node's `/status`: sums since the node's start.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StageLook {
    /// Payments whose final receipt was delivered: their times are in the sums.
    payments_since_start: u64,
    /// Payments that became final: the CPU is shared by them.
    finals_since_start: u64,
    total: Sums,
    stages: Vec<Sums>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Sums {
    name: String,
    wall_sum_us: f64,
    cpu_sum_us: f64,
}

#[derive(Debug, Deserialize)]
struct Status {
    stages: StageLook,
}

impl StageLook {
    /// Reads a `/status` page, the JSON of which is `page`; `url` is named when it cannot be.
    ///
    /// # Errors
    /// It is no such page, or one of a node that keeps no account of stages.
    pub fn read(page: &[u8], url: &str) -> Result<Self, Error> {
        let status: Status =
            serde_json::from_slice(page).map_err(|error| Error::Node(url.into(), error.to_string()))?;
        if status.stages.stages.len() > STAGES_MAX {
            return Err(Error::Node(url.into(), format!("more than {STAGES_MAX} stages")));
        }
        Ok(status.stages)
    }

    /// What happened since `earlier`: means of a payment. A node that was started anew between both looks counts from its start.
    pub fn since(&self, earlier: &Self) -> StageBudget {
        let is_new = self.payments_since_start < earlier.payments_since_start
            || self.finals_since_start < earlier.finals_since_start;
        let from = |count: u64, then: u64| if is_new { count } else { count - then };
        let payments = from(self.payments_since_start, earlier.payments_since_start);
        let finals = from(self.finals_since_start, earlier.finals_since_start);
        let mean = |now: &Sums| {
            let then = earlier.sums_of(&now.name).filter(|_| !is_new);
            let wall_us = now.wall_sum_us - then.map_or(0.0, |then| then.wall_sum_us);
            let cpu_us = now.cpu_sum_us - then.map_or(0.0, |then| then.cpu_sum_us);
            (wall_us / payments.max(1) as f64, cpu_us / finals.max(1) as f64)
        };
        let stages = self.stages.iter().map(|stage| {
            let (wall_us, cpu_us) = mean(stage);
            Stage { name: stage.name.clone(), wall_us, cpu_us }
        });
        let (total_wall_us, total_cpu_us) = mean(&self.total);
        StageBudget { payments, stages: stages.collect(), total_wall_us, total_cpu_us }
    }

    fn sums_of(&self, name: &str) -> Option<&Sums> {
        self.stages.iter().chain([&self.total]).find(|sums| sums.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(payments: u64, finals: u64, verify: [f64; 2], total: [f64; 2]) -> String {
        format!(
            r#"{{"ready":true,"stages":{{"payments":3,"payments_since_start":{payments},"finals_since_start":{finals},
            "total":{{"name":"total","count":1,"wall_sum_us":{},"cpu_sum_us":{}}},
            "stages":[{{"name":"verify","wall_sum_us":{},"cpu_sum_us":{}}},
            {{"name":"bank-wait","wall_sum_us":{},"cpu_sum_us":0}}]}}}}"#,
            total[0],
            total[1],
            verify[0],
            verify[1],
            total[0] - verify[0]
        )
    }

    fn look(page: &str) -> StageLook {
        StageLook::read(page.as_bytes(), "http://node/status").unwrap()
    }

    #[test]
    fn two_looks_give_the_means_between_them() {
        let opening = look(&page(10, 20, [100.0, 60.0], [1_000.0, 900.0]));
        let closing = look(&page(14, 30, [140.0, 90.0], [1_800.0, 1_500.0]));
        let budget = closing.since(&opening);
        assert_eq!((budget.payments, budget.total_wall_us, budget.total_cpu_us), (4, 200.0, 60.0));
        let expected = Stage { name: "verify".into(), wall_us: 10.0, cpu_us: 3.0 };
        assert_eq!(budget.stages.first(), Some(&expected));
        assert_eq!((budget.residual_wall_us(), budget.residual_cpu_us()), (0.0, 57.0));
        assert_eq!(opening.since(&opening).total_wall_us, 0.0, "no payment, no time");
    }

    #[test]
    fn a_node_that_was_started_anew_counts_from_its_start() {
        let opening = look(&page(10, 20, [100.0, 60.0], [1_000.0, 900.0]));
        let anew = look(&page(2, 4, [30.0, 8.0], [50.0, 40.0]));
        let budget = anew.since(&opening);
        assert_eq!((budget.payments, budget.total_wall_us, budget.total_cpu_us), (2, 25.0, 10.0));
        assert_eq!(budget.stages[0].wall_us, 15.0);
    }

    #[test]
    fn other_pages_are_refused_with_their_address() {
        for broken in ["", "{}", "[]", r#"{"stages":{"stages":[]}}"#] {
            let error = StageLook::read(broken.as_bytes(), "http://node/status").unwrap_err();
            assert!(error.to_string().contains("http://node/status"), "{error}");
        }
        let line = r#"{"name":"x","wall_sum_us":0,"cpu_sum_us":0}"#;
        let many = vec![line; STAGES_MAX + 1].join(",");
        let page = format!(
            r#"{{"stages":{{"payments_since_start":0,"finals_since_start":0,"total":{line},"stages":[{many}]}}}}"#
        );
        assert!(StageLook::read(page.as_bytes(), "u").is_err());
    }
}
