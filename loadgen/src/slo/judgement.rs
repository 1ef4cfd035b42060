//! What an objective says of a run.

use super::criterion::Criterion;
use super::objective::Slo;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An objective, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// What was asked for.
    pub slo: Slo,
    /// Each criterion in its order.
    pub criteria: Vec<Judged>,
}

/// One criterion, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// The criterion as it was asked: `p99<20ms`.
    pub asked: String,
    /// What was measured, in microseconds for a latency and in per cent for a share; `None` = it was not measured, and
    /// so is not met.
    pub measured: Option<f64>,
    /// The measured value with its unit, for people: `17.4 ms`.
    pub shown: String,
    /// Whether it was met.
    pub is_met: bool,
}

impl Judged {
    pub(super) fn new(criterion: &Criterion, measured: Option<f64>) -> Self {
        let unit = criterion.measure.unit();
        Self {
            asked: criterion.to_string(),
            measured,
            shown: measured.map_or_else(|| "not measured".into(), |value| unit.show(value)),
            is_met: measured.is_some_and(|value| criterion.is_met_by(value)),
        }
    }
}

impl Judgement {
    /// Whether every criterion was met.
    pub fn is_met(&self) -> bool {
        self.criteria.iter().all(|judged| judged.is_met)
    }

    /// What was not met, in words; empty when all was.
    pub fn failures(&self) -> Vec<String> {
        let missed = self.criteria.iter().filter(|judged| !judged.is_met);
        missed.map(|judged| format!("{}: {}", judged.asked, judged.shown)).collect()
    }
}

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SLO {}", if self.is_met() { "met" } else { "NOT met" })?;
        for (place, Judged { asked, shown, is_met, .. }) in self.criteria.iter().enumerate() {
            let (link, mark) = (if place == 0 { ": " } else { ", " }, if *is_met { "" } else { " MISSED" });
            write!(f, "{link}{asked} {shown}{mark}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::histogram::{Latencies, Quantiles};
    use crate::record::{CurvePoint, Slice};
    use crate::report::Report;
    use crate::slo::Observed;

    fn quantiles() -> Quantiles {
        let mut latencies = Latencies::new();
        (1..=1_000).for_each(|value| latencies.record(value));
        latencies.quantiles()
    }

    /// 10 s with 2 s of warm-up; 1,000 scheduled, of which 10 went wrong.
    fn report() -> Report {
        let mut report = Report::default();
        (report.window_start_s, report.window_seconds) = (2.0, 8.0);
        (report.scheduled, report.errors) = (1_000, 10);
        (report.response_us, report.internal_us) = (quantiles(), quantiles());
        report
    }

    fn judge(text: &str, observed: &Observed<'_>) -> Judged {
        text.parse::<Slo>().unwrap().judge(observed).criteria.remove(0)
    }

    #[test]
    fn each_measure_is_judged_on_its_own_figure() {
        let report = report();
        let slice = |at_s: f64, completed| Slice { at_s, seconds: 1.0, scheduled: 100, completed, ..Slice::default() };
        let mut slices: Vec<Slice> = (0..10).map(|at| slice(f64::from(at), if at < 2 { 0 } else { 99 })).collect();
        // The drain does not count, and neither does what was given up.
        slices.push(slice(10.0, 5_000));
        slices[9].completed = 101;
        slices[9].unknown = 2;
        let point = |quantile, value_us| CurvePoint { quantile, value_us, count: value_us };
        let response_curve = [point(0.5, 500), point(0.94, 940), point(0.955, 960), point(1.0, 1_000)];
        let observed = Observed { slices: &slices, response_curve: &response_curve, ..Observed::from(&report) };
        let cases = [
            ("p99<991us", Some(990.0), true),
            ("p99<990us", Some(990.0), false),
            ("p99<=990us", Some(990.0), true),
            ("p94<1ms", Some(940.0), true),
            ("p95<1ms", Some(960.0), true),
            ("p96<1ms", Some(960.0), true),
            ("p99.99<=1ms", Some(1_000.0), true),
            ("max<1ms", Some(1_000.0), false),
            ("p99.9.internal<1ms", Some(999.0), true),
            ("max.service<1s", None, false),
            ("errors<1%", Some(1.0), false),
            ("errors<=1%", Some(1.0), true),
            ("achieved>98.9%", Some(99.0), true),
            ("achieved>99%", Some(99.0), false),
        ];
        for (text, measured, is_met) in cases {
            let judged = judge(text, &observed);
            assert_eq!((judged.measured, judged.is_met), (measured, is_met), "{text}: {}", judged.shown);
        }
    }

    #[test]
    fn what_was_not_measured_is_not_met() {
        let report = Report { response_us: quantiles(), ..Report::default() };
        let bare = Observed::from(&report);
        for text in ["p95<1s", "achieved>=0%", "errors<100%", "p99.service<1s"] {
            let judged = judge(text, &bare);
            assert_eq!(
                (judged.measured, judged.is_met, judged.shown.as_str()),
                (None, false, "not measured"),
                "{text}"
            );
        }
        assert!(judge("p99<1s", &bare).is_met);
    }

    #[test]
    fn a_judgement_says_asked_and_measured() {
        let report = report();
        let slo: Slo = "p99<20ms,errors<0.01%".parse().unwrap();
        let judgement = slo.judge(&Observed::from(&report));
        assert!(!judgement.is_met());
        assert_eq!(judgement.to_string(), "SLO NOT met: p99<20ms 990 us, errors<0.01% 1.00 % MISSED");
        assert_eq!(judgement.failures(), ["errors<0.01%: 1.00 %"]);
        let json = serde_json::to_string(&judgement).unwrap();
        assert_eq!(serde_json::from_str::<Judgement>(&json).unwrap(), judgement);
    }
}
