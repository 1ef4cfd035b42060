//! How a compared figure is written and which way it is better.

use crate::html::Tone;
use crate::plot::Unit;

/// Closer than this to the first run is no difference worth a colour: repeats of one program differ by more.
const NOISE: f64 = 0.1;

/// The unit of a figure, which its name ends in.
pub(super) fn unit(name: &str) -> Unit {
    let is_micros = name.contains("_us");
    match name {
        _ if name.ends_with("per_s") || name.ends_with("per_second") => Unit::PerSecond,
        _ if is_micros => Unit::Micros,
        _ => Unit::Count,
    }
}

/// Whether a ratio to the first run is a gain. What was offered is neither good nor bad; of other rates more is better,
/// of everything else less.
pub(super) fn tone(name: &str, ratio: f64) -> Tone {
    let gain = match unit(name) {
        Unit::PerSecond if name.starts_with("offered") => return Tone::Plain,
        Unit::PerSecond => ratio - 1.0,
        _ => 1.0 - ratio,
    };
    match gain {
        gain if gain > NOISE => Tone::Good,
        gain if gain < -NOISE => Tone::Bad,
        _ => Tone::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_stand_in_names() {
        let table = [
            ("payments_per_second", Unit::PerSecond),
            ("achieved_per_s", Unit::PerSecond),
            ("response_us.p999", Unit::Micros),
            ("sender_cpu_us_per_request", Unit::Micros),
            ("stages.total_cpu_us", Unit::Micros),
            ("errors", Unit::Count),
        ];
        for (name, expected) in table {
            assert_eq!(unit(name), expected, "{name}");
        }
    }

    #[test]
    fn a_difference_is_coloured_when_it_is_more_than_noise() {
        let table = [
            ("response_us.p99", 1.2, Tone::Bad),
            ("response_us.p99", 0.5, Tone::Good),
            ("response_us.p99", 0.95, Tone::Plain),
            ("payments_per_second", 1.2, Tone::Good),
            ("offered_per_s", 2.0, Tone::Plain),
            ("errors", 3.0, Tone::Bad),
        ];
        for (name, ratio, expected) in table {
            assert_eq!(tone(name, ratio), expected, "{name} x {ratio}");
        }
    }
}
