//! A view in one line.

use super::view::View;

/// What a log wants to hold of a run in progress.
pub fn line(view: &View) -> String {
    let (seen, rates) = (&view.seen, view.rates());
    let mut line = format!(
        "{:>5.0} s of {:.0}: offered {:.0}/s, final {:.0}/s; sent {}, final {}, refused {}, unknown {}, late {}, \
         dropped {}, in flight {}",
        seen.elapsed.as_secs_f64(),
        view.length.as_secs_f64(),
        rates.scheduled,
        rates.finals,
        seen.sent,
        seen.finals,
        seen.refused,
        seen.failed,
        seen.late,
        seen.dropped,
        view.in_flight()
    );
    if let Some(slice) = view.slices.back() {
        let response = &slice.response_us;
        line += &format!("; p50 {} us, p99 {} us, max {} us", response.p50, response.p99, response.max);
    }
    if let Some(doubt) = view.doubt() {
        line += &format!("; INVALID so far: {doubt}");
    }
    line
}
