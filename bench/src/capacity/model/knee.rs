//! Where the latency curve bends, by named definitions, and what a node is rated at.
//!
//! Only valid steps count. Nothing is drawn beyond them: a definition that the measured range does not show has no rate.

use super::answer::{FirstBad, Knee};
use super::measurements::Step;

/// Share of the highest measured rate whose p99 is the measure of the first definition.
const QUIET_SHARE: f64 = 0.2;

/// The highest step that held with none below it broken, and the lowest broken one. A rate that was tried more than once has held if most of its
/// valid trials held: one stall of a shared machine is no limit of a node.
pub fn held(steps: &[Step]) -> (Option<&Step>, Option<&Step>) {
    let valid: Vec<&Step> = steps.iter().filter(|step| step.is_valid()).collect();
    let mut good = None;
    for trials in valid.chunk_by(|one, other| one.offered_per_s == other.offered_per_s) {
        let (held, broken): (Vec<&Step>, Vec<&Step>) = trials.iter().partition(|step| step.holds());
        if held.len() <= broken.len() {
            return (good, broken.first().copied());
        }
        good = held.last().copied();
    }
    (good, None)
}

/// Valid steps that broke the SLO at rates that count as held.
pub(super) fn outvoted(steps: &[Step]) -> usize {
    let highest = held(steps).0.map_or(0.0, |step| step.offered_per_s);
    steps.iter().filter(|step| step.is_valid() && !step.holds() && step.offered_per_s <= highest).count()
}

/// The broken step as the report tells it.
pub(super) fn first_bad(step: &Step) -> FirstBad {
    FirstBad { step: step.name.clone(), offered_per_s: step.offered_per_s, breaches: step.breaches.clone() }
}

/// All definitions, the SLO's last.
pub(super) fn knees(steps: &[Step], slo: &str) -> Vec<Knee> {
    let valid: Vec<&Step> = steps.iter().filter(|step| step.is_valid() && step.achieved_per_s > 0.0).collect();
    vec![doubling(&valid), power(&valid), crossing(steps, slo)]
}

fn doubling(valid: &[&Step]) -> Knee {
    let definition =
        "the rate at which p99 first exceeds twice its value at 20 % of the highest rate measured".to_owned();
    let most = valid.iter().fold(0.0_f64, |most, step| most.max(step.achieved_per_s));
    // The step nearest to a fifth; p99 of a quiet system changes little around it.
    let distance = |step: &Step| (step.achieved_per_s / (most * QUIET_SHARE)).ln().abs();
    let quiet = valid.iter().min_by(|one, other| distance(one).total_cmp(&distance(other)));
    let (rate_per_s, remark) = match quiet {
        None => (None, "no valid step".to_owned()),
        Some(quiet) => bend(valid, quiet),
    };
    Knee { name: "p99-doubles".to_owned(), definition, rate_per_s, remark }
}

/// Between which steps p99 comes to twice that of the quiet one, and where by a straight line.
fn bend(valid: &[&Step], quiet: &Step) -> (Option<f64>, String) {
    let bound = 2.0 * quiet.response_us.p99 as f64;
    let above = |step: &&Step| step.response_us.p99 as f64 > bound && step.achieved_per_s > quiet.achieved_per_s;
    let Some(place) = valid.iter().position(above) else {
        return (None, format!("p99 stays below {bound:.0} us (twice that of {}) in the measured range", quiet.name));
    };
    let after = valid[place];
    let before = valid[..place].last().copied().unwrap_or(quiet);
    let (low, high) = (before.response_us.p99 as f64, after.response_us.p99 as f64);
    let share = if high > low { ((bound - low) / (high - low)).clamp(0.0, 1.0) } else { 1.0 };
    let rate = before.achieved_per_s + share * (after.achieved_per_s - before.achieved_per_s);
    (Some(rate), format!("p99 passes {bound:.0} us between {} and {}, by a straight line", before.name, after.name))
}

fn power(valid: &[&Step]) -> Knee {
    let of = |step: &Step| step.achieved_per_s / step.response_us.mean.max(f64::MIN_POSITIVE);
    let best = valid.iter().max_by(|one, other| of(one).total_cmp(&of(other)));
    let is_last = best.is_some_and(|best| valid.last().is_some_and(|last| last.name == best.name));
    Knee {
        name: "power".to_owned(),
        definition: "the step with the most throughput / mean response time (L. Kleinrock's power)".to_owned(),
        rate_per_s: best.map(|step| step.achieved_per_s),
        remark: match best {
            None => "no valid step".to_owned(),
            Some(step) if is_last => format!("{}, the highest valid step: the maximum may lie beyond", step.name),
            Some(step) => format!("{}; as fine as the steps are", step.name),
        },
    }
}

fn crossing(steps: &[Step], slo: &str) -> Knee {
    let (good, bad) = held(steps);
    let remark = match (good, bad) {
        (Some(good), Some(bad)) => {
            format!("held at {}, broken at {} ({})", good.name, bad.name, bad.breaches.join("; "))
        }
        (Some(good), None) => format!("held at {}, the highest valid step: the limit was not reached", good.name),
        (None, Some(bad)) => format!("broken at {} already ({})", bad.name, bad.breaches.join("; ")),
        (None, None) => "no valid step".to_owned(),
    };
    Knee {
        name: "slo".to_owned(),
        definition: format!("the highest step that held {slo} with none below it broken"),
        rate_per_s: good.map(|step| step.achieved_per_s),
        remark,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearway_loadgen::histogram::Quantiles;

    fn step(rate: f64, p99: u64, mean: f64, breach: bool) -> Step {
        Step {
            name: format!("at-{rate}"),
            offered_per_s: rate,
            achieved_per_s: rate,
            response_us: Quantiles { p99, mean, ..Quantiles::default() },
            breaches: if breach { vec![format!("p99 {p99} us")] } else { Vec::new() },
            ..Step::default()
        }
    }

    fn curve() -> Vec<Step> {
        vec![
            step(500.0, 1_000, 500.0, false),
            step(1_000.0, 1_000, 510.0, false),
            step(2_000.0, 1_500, 600.0, false),
            step(4_000.0, 3_500, 1_000.0, false),
            step(5_000.0, 40_000, 9_000.0, true),
        ]
    }

    #[test]
    fn each_definition_has_its_own_rate() {
        let found = knees(&curve(), "p99<20ms");
        // 20 % of 5,000 is 1,000/s with 1,000 us; 2,000 us lies a quarter of the way from 1,500 to 3,500.
        assert_eq!(found[0].rate_per_s, Some(2_500.0), "{}", found[0].remark);
        // 4,000 / 1,000 us beats 2,000 / 600 us.
        assert_eq!((found[1].rate_per_s, found[2].rate_per_s), (Some(4_000.0), Some(4_000.0)));
        assert!(found[2].remark.contains("broken at at-5000"));
    }

    #[test]
    fn what_the_range_does_not_show_has_no_rate() {
        let flat: Vec<Step> = [100.0, 200.0, 400.0].map(|rate| step(rate, 900, 400.0, false)).into();
        let found = knees(&flat, "p99<20ms");
        assert_eq!(found[0].rate_per_s, None);
        assert!(found[1].remark.contains("may lie beyond") && found[2].remark.contains("not reached"));
        assert!(knees(&[], "p99<20ms").iter().all(|knee| knee.rate_per_s.is_none()));
    }

    #[test]
    fn invalid_steps_decide_nothing_and_a_hold_above_a_breach_neither() {
        let mut steps = curve();
        steps[2].breaches = vec!["errors".into()];
        assert_eq!(held(&steps).0.map(|step| step.achieved_per_s), Some(1_000.0));
        steps[2].invalid = vec!["late".into()];
        let (good, bad) = held(&steps);
        assert_eq!((good.unwrap().achieved_per_s, bad.unwrap().achieved_per_s), (4_000.0, 5_000.0));
    }

    #[test]
    fn most_trials_of_a_rate_decide() {
        let held = |rate| step(rate, 1_000, 500.0, false);
        let broken = |rate| step(rate, 90_000, 500.0, true);
        let decided = |steps: &[Step]| {
            let (good, bad) = super::held(steps);
            (good.map(|step| step.offered_per_s), bad.map(|step| step.offered_per_s))
        };
        let table: [(&[Step], _); 4] = [
            (&[held(1.0), broken(2.0), held(2.0), held(2.0), broken(3.0), broken(3.0)], (Some(2.0), Some(3.0))),
            (&[held(1.0), broken(2.0), held(2.0), held(3.0)], (Some(1.0), Some(2.0))),
            (&[broken(1.0), held(2.0)], (None, Some(1.0))),
            (&[held(1.0), held(2.0)], (Some(2.0), None)),
        ];
        for (case, (steps, expected)) in table.into_iter().enumerate() {
            assert_eq!(decided(steps), expected, "case {case}");
        }
        assert_eq!(outvoted(&[held(1.0), broken(2.0), held(2.0), held(2.0), broken(3.0), broken(3.0)]), 1);
    }
}
