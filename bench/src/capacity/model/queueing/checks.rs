//! The formulas beside what was measured, step by step.

use super::{Service, erlang_c, little_in_flight, mg1_wait, mmc_wait};
use crate::capacity::model::answer::{LittleCheck, QueueCheck};
use crate::capacity::model::measurements::{Measurements, Step};

/// Little's law at each valid step: rate x mean service time beside the number counted under way.
pub(crate) fn little(steps: &[Step]) -> Vec<LittleCheck> {
    let usable = |step: &&Step| step.is_valid() && step.in_flight_mean > 0.0;
    let check = |step: &Step| {
        // The schedule's rate, because queries and refusals are under way like everything else.
        let computed = little_in_flight(step.offered_per_s, step.service_us.mean * 1e-6);
        let ratio = computed / step.in_flight_mean;
        LittleCheck { step: step.name.clone(), computed, counted: step.in_flight_mean, ratio }
    };
    steps.iter().filter(usable).map(check).collect()
}

/// Cores as M/M/c and journal as M/G/1 at each valid step.
pub(crate) fn queues(measurements: &Measurements) -> Vec<QueueCheck> {
    let cores = measurements.machine.node_cores.max(1);
    let valid = measurements.steps.iter().filter(|step| step.is_valid() && step.achieved_per_s > 0.0);
    valid.flat_map(|step| [of_cores(step, cores), of_journal(step)]).collect()
}

fn of_cores(step: &Step, cores: u32) -> QueueCheck {
    let cpu_us = step.usage.cpu_us_per_payment;
    let rate_per_us = step.achieved_per_s * 1e-6;
    QueueCheck {
        step: step.name.clone(),
        model: "M/M/c".to_owned(),
        station: format!("payments for {cores} core(s) of the node"),
        utilisation: rate_per_us * cpu_us / f64::from(cores),
        wait_us: mmc_wait(cores, rate_per_us, cpu_us),
        wait_probability: erlang_c(cores, rate_per_us * cpu_us),
        measured_us: step.internal_us.mean,
        remark:
            "one visit for all of a payment's CPU, exponential: the switch takes it in several shorter ones, and in \
                 bursts"
                .to_owned(),
    }
}

fn of_journal(step: &Step) -> QueueCheck {
    let sync = Service::of_quantiles(step.usage.sync_us.p50, step.usage.sync_us.p99);
    let groups_per_us = step.achieved_per_s * step.usage.syncs_per_payment * 1e-6;
    QueueCheck {
        step: step.name.clone(),
        model: "M/G/1".to_owned(),
        station: "groups for the journal's disk".to_owned(),
        utilisation: groups_per_us * sync.mean,
        wait_us: mg1_wait(groups_per_us, sync),
        wait_probability: None,
        measured_us: step.internal_us.mean,
        remark: "groups as if they came at random: they form while the disk is busy, so this is an upper bound; the \
                 spread of syncs from p50 and p99 as log-normal"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::model::measurements::{MachineFacts, SyncTimes, Usage};
    use clearway_loadgen::histogram::Quantiles;

    fn step(rate: f64, cpu_us: f64) -> Step {
        let sync_us = SyncTimes { p50: 100.0, p99: 100.0, max: 100.0 };
        let usage = Usage { cpu_us_per_payment: cpu_us, syncs_per_payment: 0.5, sync_us, ..Usage::default() };
        Step {
            name: format!("step-{rate}"),
            offered_per_s: rate,
            achieved_per_s: rate,
            service_us: Quantiles { mean: 2_000.0, ..Quantiles::default() },
            in_flight_mean: rate * 0.002,
            usage,
            ..Step::default()
        }
    }

    #[test]
    fn each_valid_step_is_set_beside_the_formulas() {
        let invalid = Step { invalid: vec!["late".into()], ..step(2_000.0, 200.0) };
        let measurements = Measurements {
            machine: MachineFacts { node_cores: 1, ..MachineFacts::default() },
            steps: vec![step(1_000.0, 200.0), invalid, step(6_000.0, 200.0)],
            ..Measurements::default()
        };
        let found = queues(&measurements);
        assert_eq!(found.len(), 4);
        // M/M/1 at 20 %: wait = rho / (1 - rho) x service = 50 us.
        assert!((found[0].wait_us.unwrap() - 50.0).abs() < 1e-9 && (found[0].utilisation - 0.2).abs() < 1e-12);
        // M/D/1 at 5 %: rho / 2 (1 - rho) x service.
        assert!((found[1].wait_us.unwrap() - 0.05 / 1.9 * 100.0).abs() < 1e-9);
        assert_eq!((found[2].wait_us, found[2].utilisation > 1.0), (None, true));
        let little = little(&measurements.steps);
        assert!(little.len() == 2 && little.iter().all(|check| (check.ratio - 1.0).abs() < 1e-9));
    }
}
