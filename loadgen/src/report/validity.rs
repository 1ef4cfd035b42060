//! Why the figures of a run are not to be believed: the generator was the limit, not the target.

use super::Report;

/// 1 in 100 requests may leave as late as this after its instant, in microseconds.
const LATENESS_P99_MAX_US: u64 = 1_000;
/// The sending thread may use this share of a core: above it, its own queue shows in the latencies.
const BUSY_MAX: f64 = 0.8;
/// How far the rate of sending may be off the intended one.
const RATE_OFF_MAX: f64 = 0.001;
/// What every complaint about a late generator must say of the latencies beside it.
const CONSEQUENCE: &str = "target rate not sustained; corrected latency includes queueing at the generator";

/// The reasons, in words; empty = none.
pub(super) fn doubts(report: &Report) -> Vec<String> {
    [late(report), busy(report), dropped(report), off_rate(report)].into_iter().flatten().collect()
}

fn late(report: &Report) -> Option<String> {
    let p99 = report.lateness_us.p99;
    (p99 > LATENESS_P99_MAX_US).then(|| format!("generator late: p99 lateness {p99} us; {CONSEQUENCE}"))
}

fn busy(report: &Report) -> Option<String> {
    let percent = report.sender_busy * 100.0;
    is_busy(report).then(|| format!("generator busy: sending thread used {percent:.0} % of a core"))
}

pub(super) fn is_busy(report: &Report) -> bool {
    report.sender_busy > BUSY_MAX
}

fn dropped(report: &Report) -> Option<String> {
    let dropped = report.dropped;
    // A run that ended itself has dropped what was waiting then: the target's doing, and said elsewhere.
    (dropped > 0 && report.aborted.is_none())
        .then(|| format!("{dropped} requests dropped, no connection was free; {CONSEQUENCE}"))
}

/// Requests that are allowed to be late may fall beyond the edge of the window: so many are no deviation.
fn off_rate(report: &Report) -> Option<String> {
    let Report { offered_per_s, achieved_per_s, window_seconds, .. } = report;
    let at_the_edge = (offered_per_s * LATENESS_P99_MAX_US as f64 / 1e6).max(1.0);
    let off = (achieved_per_s - offered_per_s).abs() * window_seconds;
    let is_off = off > (offered_per_s * window_seconds * RATE_OFF_MAX).max(at_the_edge) + 1e-6;
    is_off.then(|| {
        let percent = (achieved_per_s / offered_per_s.max(1e-9) - 1.0) * 100.0;
        format!(
            "sent {achieved_per_s:.1}/s where {offered_per_s:.1}/s were due, {percent:+.2} %: more than 0.1 % off the intended rate"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::histogram::Quantiles;

    fn report() -> Report {
        Report { offered_per_s: 5_000.0, achieved_per_s: 5_000.0, window_seconds: 20.0, ..Report::default() }
    }

    #[test]
    fn each_limit_has_its_two_sides() {
        let late = |p99| Report { lateness_us: Quantiles { p99, ..Quantiles::default() }, ..report() };
        let busy = |sender_busy| Report { sender_busy, ..report() };
        let achieved = |achieved_per_s| Report { achieved_per_s, ..report() };
        let cases = [
            (late(1_000), None),
            (late(1_001), Some("p99 lateness 1001 us; target rate not sustained")),
            (busy(0.8), None),
            (busy(0.81), Some("81 % of a core")),
            (Report { dropped: 3, ..report() }, Some("3 requests dropped")),
            (achieved(4_995.0), None),
            (achieved(4_994.0), Some("-0.12 %")),
            (achieved(5_006.0), Some("+0.12 %")),
        ];
        for (report, expected) in cases {
            let doubts = doubts(&report);
            assert_eq!(doubts.len(), usize::from(expected.is_some()), "{doubts:?}");
            assert!(doubts.iter().all(|doubt| doubt.contains(expected.unwrap())), "{doubts:?}");
        }
    }

    #[test]
    fn few_requests_may_miss_the_edge_of_a_short_window() {
        let sent =
            |sent: f64| Report { offered_per_s: 100.0, achieved_per_s: sent, window_seconds: 1.0, ..Report::default() };
        assert!(doubts(&sent(99.0)).is_empty(), "one request a millisecond late");
        assert_eq!(doubts(&sent(98.0)).len(), 1);
        assert!(doubts(&Report::default()).is_empty(), "nothing was due");
    }
}
