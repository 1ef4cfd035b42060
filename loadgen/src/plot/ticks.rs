//! Where an axis is marked: round numbers, as many as there is room for.

use super::axis::{Axis, Scale};
use super::unit::Unit;

/// The ends of an axis, in units of its scale, and its marks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ticks {
    pub(super) from: f64,
    pub(super) to: f64,
    /// Place in units of the scale, and its text; an empty text is a faint line only.
    pub(super) marks: Vec<(f64, String)>,
}

/// Marks an axis over values; `room` is how many texts fit.
pub(super) fn ticks(axis: &Axis, values: &[f64], room: usize) -> Ticks {
    let placed: Vec<f64> = values.iter().filter_map(|value| axis.scale.place(*value)).collect();
    let low = placed.iter().copied().fold(f64::INFINITY, f64::min);
    let high = placed.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
    let given = |end: Option<f64>| end.and_then(|end| axis.scale.place(end));
    match axis.scale {
        Scale::Linear => linear(axis, (low, high), (given(axis.min), given(axis.max)), room),
        Scale::Log => logarithmic(axis, (low, high), (given(axis.min), given(axis.max)), room),
        Scale::Percentile => percentiles((given(axis.min).unwrap_or(0.0), given(axis.max).unwrap_or(high)), room),
    }
}

fn linear(axis: &Axis, (low, high): (f64, f64), given: (Option<f64>, Option<f64>), room: usize) -> Ticks {
    let low = given.0.unwrap_or_else(|| low.min(0.0));
    let high = given.1.unwrap_or(if high > low { high } else { low + 1.0 });
    let step = step_of(axis.unit, (high - low) / room.max(1) as f64);
    let from = given.0.unwrap_or_else(|| (low / step).floor() * step);
    // A little more than the largest value, so that no line runs along the edge.
    let to = given
        .1
        .unwrap_or_else(|| if high <= 0.0 { 0.0 } else { ((high / step + 0.02).ceil() * step).max(from + step) });
    let first = (from / step - 1e-9).ceil();
    let count = ((to / step + 1e-9).floor() - first).max(0.0) as usize;
    let at = |index: usize| (first + index as f64) * step;
    let marks = (0..=count).map(|index| (at(index), axis.unit.short(at(index)))).collect();
    Ticks { from, to, marks }
}

/// The smallest round step that is not below `least`.
fn step_of(unit: Unit, least: f64) -> f64 {
    const CLOCK: [f64; 9] = [15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0, 7_200.0];
    if let (Unit::Seconds, true) = (unit, least > 10.0)
        && let Some(step) = CLOCK.into_iter().find(|step| *step >= least)
    {
        return step;
    }
    if !least.is_normal() {
        return 1.0;
    }
    let decade = 10f64.powf(least.log10().floor());
    let step = [1.0, 2.0, 5.0].into_iter().map(|digit| digit * decade).find(|step| *step >= least * (1.0 - 1e-9));
    let step = step.unwrap_or(decade * 10.0);
    if matches!(unit, Unit::Count | Unit::Months) { step.max(1.0) } else { step }
}

/// Ends at 1, 2 or 5 times a power of ten; texts there while there is room, else at powers only.
fn logarithmic(axis: &Axis, (low, high): (f64, f64), given: (Option<f64>, Option<f64>), room: usize) -> Ticks {
    let (low, high) = (given.0.unwrap_or(low), given.1.unwrap_or(high));
    let all = rungs(low, high);
    let below = || all.iter().rev().map(|rung| rung.0).find(|place| *place <= low + 1e-9);
    let from = given.0.or_else(below).unwrap_or(low);
    // Never so short that it is no scale any more.
    let least = high.max(from + 0.2);
    let above = || all.iter().map(|rung| rung.0).find(|place| *place >= least - 1e-9);
    let to = given.1.filter(|to| *to > from).or_else(above).unwrap_or_else(|| least.ceil());
    let is_within = |rung: &(f64, f64)| (from - 1e-9..=to + 1e-9).contains(&rung.0);
    let within: Vec<_> = rungs(from, to).into_iter().filter(is_within).collect();
    let every = (((to - from) / room.max(1) as f64).ceil() as i32).max(1);
    let text = |(place, digit): (f64, f64)| {
        let decade = (place - digit.log10()).round() as i32;
        let is_told = within.len() <= room + 1 || (digit == 1.0 && decade.rem_euclid(every) == 0);
        if is_told { axis.unit.short(digit * 10f64.powi(decade)) } else { String::new() }
    };
    Ticks { from, to, marks: within.iter().map(|rung| (rung.0, text(*rung))).collect() }
}

/// Logarithms of 1, 2 and 5 times the powers of ten around a span, each with its digit.
fn rungs(from: f64, to: f64) -> Vec<(f64, f64)> {
    const DIGITS: [f64; 3] = [1.0, 2.0, 5.0];
    let decades = from.floor() as i32..=to.ceil() as i32;
    decades.flat_map(|decade| DIGITS.map(|digit| (f64::from(decade) + digit.log10(), digit))).collect()
}

/// 0, 50 and 90 %, then one more nine each.
fn percentiles((from, to): (f64, f64), room: usize) -> Ticks {
    let to = to.max(2.0);
    let nines = (1..=to.floor() as i32).map(|nines| 1.0 - 10f64.powi(-nines));
    let quantiles: Vec<f64> = [0.0, 0.5].into_iter().chain(nines).collect();
    let place = |quantile: f64| Scale::Percentile.place(quantile).unwrap_or(0.0);
    let told = quantiles.into_iter().filter(|quantile| place(*quantile) >= from);
    // p50 is close to the edge; where texts would run into each other it is told without its neighbours.
    let is_narrow = to / room.max(1) as f64 > 0.45;
    let text = |quantile: f64| match quantile {
        _ if quantile == 0.0 || (is_narrow && quantile == 0.5) => String::new(),
        _ => Unit::Quantile.short(quantile),
    };
    Ticks { from, to, marks: told.map(|quantile| (place(quantile), text(quantile))).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(axis: &Axis, values: &[f64], room: usize) -> Vec<String> {
        ticks(axis, values, room).marks.into_iter().map(|mark| mark.1).filter(|text| !text.is_empty()).collect()
    }

    #[test]
    fn linear_axes_begin_at_nought_and_end_above_the_data() {
        let axis = Axis::linear("rate", Unit::PerSecond);
        assert_eq!(texts(&axis, &[3.0, 950.0], 5), ["0/s", "200/s", "400/s", "600/s", "800/s", "1,000/s"]);
        assert_eq!(ticks(&axis, &[-40.0, 60.0], 5).from, -40.0);
        assert_eq!(ticks(&axis, &[-40.0, -10.0], 5).to, 0.0);
        let time = Axis::linear("time", Unit::Seconds);
        assert_eq!(texts(&time, &[0.0, 58.0], 4), ["0 s", "15 s", "30 s", "45 s", "60 s"]);
    }

    #[test]
    fn logarithmic_axes_end_at_round_numbers() {
        let axis = Axis::log("latency", Unit::Micros);
        let few = ticks(&axis, &[640.0, 4_100.0], 6);
        assert_eq!(texts(&axis, &[640.0, 4_100.0], 6), ["500 µs", "1 ms", "2 ms", "5 ms"]);
        assert!(few.from <= 640f64.log10() && few.to >= 4_100f64.log10());
        assert_eq!(texts(&axis, &[100.0, 10_000_000.0], 6), ["100 µs", "1 ms", "10 ms", "100 ms", "1 s", "10 s"]);
    }

    #[test]
    fn percentile_axes_count_nines() {
        let axis = Axis::percentile("percentile");
        assert_eq!(texts(&axis, &[0.0, 0.9999], 12), ["p50", "p90", "p99", "p99.9", "p99.99"]);
        assert_eq!(texts(&axis, &[0.0, 0.9999], 5), ["p90", "p99", "p99.9", "p99.99"]);
    }

    #[test]
    fn nothing_that_can_be_measured_breaks_an_axis() {
        let odd = [0.0, 1.0, -1.0, 1e-300, 1e300, f64::NAN, f64::INFINITY, 5.0, 1e9];
        let axes = [Axis::linear("", Unit::Number), Axis::log("", Unit::Micros), Axis::percentile("")];
        for axis in axes {
            for low in odd {
                for high in odd {
                    let ticks = ticks(&axis, &[low, high], 6);
                    assert!(ticks.from.is_finite() && ticks.from < ticks.to, "{axis:?} {low} {high}: {ticks:?}");
                    assert!(ticks.marks.len() < 2_000, "{axis:?} {low} {high}");
                }
            }
            assert!(ticks(&axis, &[], 6).from < ticks(&axis, &[], 6).to);
        }
    }
}
