//! How numbers are written, with their unit.

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// A number without a unit, three significant digits.
    #[default]
    Number,
    /// A whole number, written out: `12,345`.
    Count,
    /// Microseconds, written in the unit that suits: `640 µs`, `1.25 ms`, `3.1 s`.
    Micros,
    /// Seconds.
    Seconds,
    /// Events a second.
    PerSecond,
    /// A share, 0 to 1, written in per cent.
    Share,
    /// Bytes, in decimal multiples.
    Bytes,
    /// A quantile, 0 to 1, written as the percentile: `p99.9`.
    Quantile,
    /// Months from the beginning of a plan.
    Months,
}

impl Unit {
    /// The number with its unit, three significant digits, trailing zeroes kept: for tables.
    pub fn print(self, value: f64) -> String {
        self.written(value, false)
    }

    /// The number with its unit, as short as it goes: for axes and sentences.
    pub fn short(self, value: f64) -> String {
        self.written(value, true)
    }

    fn written(self, value: f64, short: bool) -> String {
        if !value.is_finite() {
            return "–".into();
        }
        let digits = |value: f64| significant(value, short);
        match self {
            Self::Count if value.abs() < 1e15 => grouped(&format!("{value:.0}")),
            Self::Number | Self::Months | Self::Count => digits(value),
            Self::Micros => {
                let (divisor, name) = multiple(value, &[(1e6, "s"), (1e3, "ms"), (1.0, "µs")]);
                format!("{} {name}", digits(value / divisor))
            }
            Self::Seconds => format!("{} s", digits(value)),
            Self::PerSecond => format!("{}/s", digits(value)),
            Self::Share => format!("{} %", digits(value * 100.0)),
            Self::Bytes => {
                const MULTIPLES: [(f64, &str); 6] =
                    [(1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B")];
                let (divisor, name) = multiple(value, &MULTIPLES);
                format!("{} {name}", digits(value / divisor))
            }
            Self::Quantile => format!("p{}", percentile(value)),
        }
    }
}

/// The largest multiple that leaves at least one whole, else the last. What three digits round up to the next multiple
/// takes that one: 999.9 µs are 1.00 ms.
fn multiple<'a>(value: f64, multiples: &[(f64, &'a str)]) -> (f64, &'a str) {
    let fits = |(divisor, _): &&(f64, &str)| value.abs() / divisor >= 0.9995;
    *multiples.iter().find(fits).or_else(|| multiples.last()).unwrap_or(&(1.0, ""))
}

/// Three significant digits, whole numbers in full; `short` leaves trailing zeroes out.
fn significant(value: f64, short: bool) -> String {
    let size = value.abs();
    if size >= 1e15 || (size > 0.0 && size < 1e-9) {
        return format!("{value:.2e}");
    }
    let decimals = match size {
        _ if size >= 99.95 || size == 0.0 => 0,
        _ if size >= 9.995 => 1,
        _ if size >= 0.9995 => 2,
        _ => (2 - size.log10().floor() as i32).clamp(3, 9) as usize,
    };
    let text = format!("{value:.decimals$}");
    let trimmed = if short && text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    grouped(if trimmed == "-0" { "0" } else { trimmed })
}

/// Thousands of a number in decimal digits, apart by commas.
pub(crate) fn grouped(text: &str) -> String {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |rest| ("−", rest));
    let mut out = String::from(sign);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A quantile in per cent, with as many digits as it needs.
fn percentile(quantile: f64) -> String {
    let text = format!("{:.7}", quantile * 100.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_with_three_digits_and_their_unit() {
        let table = [
            (Unit::Micros, 640.0, "640 µs"),
            (Unit::Micros, 1_250.0, "1.25 ms"),
            (Unit::Micros, 999.9, "1.00 ms"),
            (Unit::Micros, 0.0, "0 µs"),
            (Unit::Micros, 3_100_000.0, "3.10 s"),
            (Unit::Micros, -12_340.0, "−12.3 ms"),
            (Unit::Count, 1_234_567.0, "1,234,567"),
            (Unit::PerSecond, 5_312.4, "5,312/s"),
            (Unit::PerSecond, 99.96, "100/s"),
            (Unit::Share, 0.000_123, "0.0123 %"),
            (Unit::Share, 0.5, "50.0 %"),
            (Unit::Bytes, 1_500_000.0, "1.50 MB"),
            (Unit::Quantile, 0.9999, "p99.99"),
            (Unit::Quantile, 0.5, "p50"),
            (Unit::Number, f64::NAN, "–"),
            (Unit::Count, 1.5e300, "1.50e300"),
            (Unit::Number, 0.000_004_2, "0.00000420"),
        ];
        for (unit, value, text) in table {
            assert_eq!(unit.print(value), text, "{unit:?} of {value}");
        }
    }

    #[test]
    fn ticks_are_short() {
        let table = [(Unit::Micros, 20_000.0, "20 ms"), (Unit::Share, 0.25, "25 %"), (Unit::PerSecond, 0.0, "0/s")];
        for (unit, value, text) in table {
            assert_eq!(unit.short(value), text, "{unit:?} of {value}");
        }
    }
}
