//! A sweep from its first load to its record.

use super::plan::{OverloadPlan, Stage};
use super::record::{End, OverloadRecord, Step};
use super::recovery::Recovery;
use crate::error::Error;
use crate::record::RunRecord;

/// Where a sweep makes its runs, and who looks on.
pub trait Site {
    /// What can stop the sweep itself.
    type Error: From<Error>;

    /// Makes the run of a stage, after its cool-down; `None` when somebody stopped it.
    ///
    /// # Errors
    /// The run cannot be made. That the target does badly is no error.
    fn run(&mut self, stage: &Stage) -> Result<Option<RunRecord>, Self::Error>;

    /// A load is over.
    fn tell(&mut self, _step: &Step) {}
}

/// Offers every load of `plan` in turn.
///
/// A run that the oracle has judged and found unsafe ends the sweep, and so does one that got no answer at all.
///
/// # Errors
/// [`Error::Plan`], and what [`Site::run`] says.
pub fn carry_out<S: Site>(plan: OverloadPlan, site: &mut S) -> Result<OverloadRecord, S::Error> {
    plan.check()?;
    let (mut steps, mut recovery, mut end) = (Vec::new(), None, End::Complete);
    for stage in plan.stages() {
        let Some(record) = site.run(&stage)? else {
            end = End::Stopped;
            break;
        };
        let early = early_end(&record);
        if stage.is_recovery {
            recovery = judge_recovery(&plan, &steps, &record);
        } else {
            let step = Step::new(stage.factor, record.report);
            site.tell(&step);
            steps.push(step);
        }
        if let Some(early) = early {
            end = early;
            break;
        }
    }
    Ok(OverloadRecord::new(plan, end, steps, recovery))
}

fn judge_recovery(plan: &OverloadPlan, steps: &[Step], record: &RunRecord) -> Option<Recovery> {
    let before = steps.iter().find(|step| step.factor == plan.recovery_factor)?;
    let begins_s = plan.recovery_begins().as_secs_f64();
    let span = [begins_s, begins_s + plan.recovery.as_secs_f64()];
    Some(Recovery::judge(plan.recovery_factor, before.goodput_per_s, &record.slices, span))
}

fn early_end(record: &RunRecord) -> Option<End> {
    let is_unsafe = record.verdict.as_ref().is_some_and(|verdict| !verdict.is_safe());
    match (is_unsafe, record.report.is_unanswered()) {
        (true, _) => Some(End::Unsafe),
        (false, true) => Some(End::TargetDown),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Recording, Slice};
    use crate::report::Report;
    use std::time::Duration;

    /// A target that does `capacity_per_s` at most, and a share of it when it is asked for more.
    struct Simulated {
        capacity_per_s: f64,
        kept: f64,
        recovers_after_s: f64,
        runs_max: usize,
        told: Vec<String>,
    }

    impl Site for Simulated {
        type Error = Error;

        fn run(&mut self, stage: &Stage) -> Result<Option<RunRecord>, Error> {
            if self.told.len() >= self.runs_max {
                return Ok(None);
            }
            let offered_per_s = stage.profile.mean_per_s(stage.duration);
            let is_over = offered_per_s > self.capacity_per_s;
            let goodput_per_s = if is_over { self.kept * self.capacity_per_s } else { offered_per_s };
            let report = Report {
                scheduled: 1_000,
                offered_per_s,
                achieved_per_s: offered_per_s,
                goodput_per_s,
                ..Report::default()
            };
            let slice = |at: u32| {
                let at_s = f64::from(at);
                let is_well = at_s >= 10.0 + self.recovers_after_s;
                Slice { at_s, seconds: 1.0, in_time: if is_well { 1_000 } else { 3 }, ..Slice::default() }
            };
            let recording = Recording { slices: (0..25).map(slice).collect(), ..Recording::default() };
            Ok(Some(RunRecord::new(report, &recording)))
        }

        fn tell(&mut self, step: &Step) {
            self.told.push(step.to_string());
        }
    }

    fn sweep(kept: f64, recovers_after_s: f64, runs_max: usize) -> OverloadRecord {
        let mut site = Simulated { capacity_per_s: 2_000.0, kept, recovers_after_s, runs_max, told: Vec::new() };
        let plan = OverloadPlan { capacity_per_s: 2_000.0, ..OverloadPlan::default() };
        let record = carry_out(plan, &mut site).unwrap();
        assert_eq!(site.told.len(), record.steps.len());
        let json = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<OverloadRecord>(&json).unwrap(), record);
        record
    }

    #[test]
    fn goodput_is_told_as_a_share_of_that_at_the_capacity() {
        let record = sweep(0.93, 2.0, usize::MAX);
        assert_eq!((record.end, record.steps.len()), (End::Complete, 9));
        assert!((record.goodput_at_3x.unwrap() - 0.93).abs() < 1e-9);
        assert_eq!(record.recovery.as_ref().unwrap().seconds, Some(2.0));
        assert!(record.is_offered());
        assert!(record.to_string().contains("goodput_at_3x 0.930, capacity 2000.0/s"), "{record}");
        assert!(record.to_string().contains("recovered 2 s after"), "{record}");
    }

    #[test]
    fn a_target_that_keeps_up_was_not_overloaded() {
        let record = sweep(3.0, 0.0, usize::MAX);
        assert!(record.has_kept_up() && record.to_string().contains("higher than 2000.0/s"), "{record}");
        assert!(!sweep(1.0, 0.0, usize::MAX).has_kept_up());
    }

    #[test]
    fn a_target_that_stays_down_is_told_so() {
        let record = sweep(0.1, 99.0, usize::MAX);
        assert!(!record.recovery.as_ref().unwrap().is_recovered());
        assert!(record.to_string().contains("did NOT recover within 15 s at 0.5 x"), "{record}");
    }

    #[test]
    fn a_sweep_that_was_stopped_says_what_it_has() {
        let record = sweep(0.9, 0.0, 4);
        assert_eq!((record.end, record.steps.len()), (End::Stopped, 4));
        assert_eq!((record.goodput_at_3x, record.recovery), (None, None));
    }

    #[test]
    fn a_load_that_did_not_leave_proves_nothing() {
        let report = |achieved_per_s, connections, sender_busy| {
            let mut report =
                Report { offered_per_s: 100.0, achieved_per_s, connections, sender_busy, ..Report::default() };
            report.plan.connections_max = 10;
            report.plan.duration = Duration::from_secs(1);
            Step::new(3.0, report).is_offered
        };
        assert!(report(95.0, 3, 0.1), "all of it left");
        assert!(report(40.0, 10, 0.1), "the target held it up");
        assert!(!report(40.0, 3, 0.1), "it did not leave for another reason");
        assert!(!report(95.0, 3, 0.95), "the sending thread was busy");
    }
}
