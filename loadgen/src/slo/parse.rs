//! Reads one criterion.

use super::criterion::{Criterion, Figure, Measure, Quantile, Series, Unit};
use crate::error::Error;

/// Largest latency that may be asked for, in microseconds: a day.
const LATENCY_US_MAX: f64 = 86_400e6;

pub(super) fn parse_criterion(text: &str) -> Result<Criterion, Error> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if text.is_empty() {
        return Err(Error::Slo("a criterion is missing; for example p99<20ms".into()));
    }
    let fault = |why: &str| Error::Slo(format!("`{text}`: {why}"));
    let place = text.find(['<', '>']).ok_or_else(|| fault("no < or >; for example p99<20ms or errors<0.01%"))?;
    let (name, rest) = text.split_at(place);
    let measure = parse_measure(name).map_err(|why| fault(&why))?;
    if measure.is_ceiling() != rest.starts_with('<') {
        return Err(fault(&format!("{measure} is bounded by {}", if measure.is_ceiling() { "<" } else { ">" })));
    }
    let rest = &rest[1..];
    let amount = rest.strip_prefix('=').unwrap_or(rest);
    let limit = match measure.unit() {
        Unit::Micros => parse_micros(amount),
        Unit::Percent => parse_percent(amount),
    };
    let criterion =
        Criterion { measure, is_inclusive: amount.len() < rest.len(), limit: limit.map_err(|why| fault(&why))? };
    let is_possible = if measure.is_ceiling() { criterion.is_met_by(0.0) } else { criterion.is_met_by(100.0) };
    if is_possible { Ok(criterion) } else { Err(fault("no run can ever meet it")) }
}

fn parse_measure(name: &str) -> Result<Measure, String> {
    match name {
        "errors" => return Ok(Measure::Errors),
        "achieved" => return Ok(Measure::Achieved),
        _ => {}
    }
    let named = |series: &Series| name.strip_suffix(series.name()).and_then(|rest| rest.strip_suffix('.'));
    let found = Series::ALL.iter().find_map(|series| Some((named(series)?, *series)));
    let (figure, series) = found.unwrap_or((name, Series::Response));
    Ok(Measure::Latency { figure: parse_figure(figure)?, series })
}

fn parse_figure(name: &str) -> Result<Figure, String> {
    match name {
        "max" => return Ok(Figure::Max),
        "mean" => return Ok(Figure::Mean),
        _ => {}
    }
    let digits = name.strip_prefix('p').filter(|digits| is_plain_number(digits));
    let Some(digits) = digits else {
        return Err(format!(
            "`{name}` is no measure; there are p50, p99, p99.9 ..., max, mean (each with .service or .internal), \
             errors, achieved"
        ));
    };
    let quantile = digits.parse().ok().and_then(Quantile::from_percent);
    let quantile = quantile.ok_or("a percentile lies between 0 and 100 and has at most four decimals")?;
    Ok(Figure::Quantile(quantile))
}

fn parse_micros(amount: &str) -> Result<f64, String> {
    let units = [("us", 1.0), ("ms", 1e3), ("s", 1e6)];
    let found = units.iter().find_map(|(unit, factor)| Some((amount.strip_suffix(unit)?, *factor)));
    let (digits, factor) = found.ok_or("the limit of a latency needs a unit: us, ms or s")?;
    let micros = parse_number(digits)? * factor;
    if micros > LATENCY_US_MAX {
        return Err("longer than a day".into());
    }
    if (micros - micros.round()).abs() > 1e-3 {
        return Err("finer than a microsecond".into());
    }
    Ok(micros.round())
}

fn parse_percent(amount: &str) -> Result<f64, String> {
    let digits = amount.strip_suffix('%').ok_or("the limit of a share needs a unit: %")?;
    let percent = parse_number(digits)?;
    if percent <= 100.0 { Ok(percent) } else { Err("a share is at most 100%".into()) }
}

fn parse_number(digits: &str) -> Result<f64, String> {
    let number = digits.parse().ok().filter(|_| is_plain_number(digits));
    number.ok_or_else(|| format!("`{digits}` is no number"))
}

/// Digits with at most one point among them: no sign, no exponent, no `inf`.
fn is_plain_number(digits: &str) -> bool {
    let is_short = (1..=18).contains(&digits.len());
    let points = digits.bytes().filter(|byte| *byte == b'.').count();
    is_short
        && points <= 1
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.ends_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use crate::slo::Slo;

    fn parsed(text: &str) -> Result<String, String> {
        text.parse::<Slo>().map(|slo| slo.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_it_reads_it_writes_in_the_shortest_form() {
        let cases = [
            ("p99<20ms,errors<0.01%", "p99<20ms,errors<0.01%"),
            ("achieved>99.9%", "achieved>99.9%"),
            ("p99.9.internal<71ms", "p99.9.internal<71ms"),
            ("max.service<1s", "max.service<1s"),
            (" p50 <= 1500 us , mean.response < 0.5ms ", "p50<=1500us,mean<500us"),
            ("p99.response<2000ms", "p99<2s"),
            ("p99.9999<1.5s", "p99.9999<1500ms"),
            ("p99.90<0.020s,errors<=0%,achieved>=100%", "p99.9<20ms,errors<=0%,achieved>=100%"),
            ("p95.service<=0.001ms", "p95.service<=1us"),
        ];
        for (text, shown) in cases {
            assert_eq!(parsed(text).as_deref(), Ok(shown), "{text}");
            assert_eq!(parsed(shown).as_deref(), Ok(shown), "{shown}");
        }
    }

    #[test]
    fn what_it_does_not_understand_it_names() {
        let cases = [
            ("", "missing"),
            ("p99<20ms,", "missing"),
            ("p99", "no < or >"),
            ("p99=20ms", "no < or >"),
            ("<20ms", "no measure"),
            ("q99<20ms", "no measure"),
            ("p<20ms", "no measure"),
            ("p99.sideways<20ms", "no measure"),
            ("p-1<20ms", "no measure"),
            ("p0<20ms", "percentile"),
            ("p100<20ms", "percentile"),
            ("p99.99999<20ms", "percentile"),
            ("p99>20ms", "bounded by <"),
            ("errors>1%", "bounded by <"),
            ("achieved<1%", "bounded by >"),
            ("p99<20", "unit"),
            ("p99<20min", "unit"),
            ("errors<0.01", "unit"),
            ("errors<1ms", "unit"),
            ("p99<ms", "no number"),
            ("p99<-1ms", "no number"),
            ("p99<1e3ms", "no number"),
            ("p99<infs", "no number"),
            ("p99<1.2.3ms", "no number"),
            ("p99<==1ms", "no number"),
            ("p99<0.5us", "finer"),
            ("p99<90000s", "day"),
            ("errors<101%", "at most 100%"),
            ("errors<0%", "ever"),
            ("max<0ms", "ever"),
            ("achieved>100%", "ever"),
            ("p99<1ms,p99.0<2ms", "twice"),
        ];
        for (text, word) in cases {
            let fault = parsed(text).unwrap_err();
            assert!(fault.contains(word), "{text}: {fault}");
        }
        let many = vec!["errors<1%"; 17].join(",");
        assert!(parsed(&many).unwrap_err().contains("more than 16"));
    }

    /// Every objective that can be written down comes back as itself.
    #[test]
    fn display_and_parse_are_a_round_trip() {
        use rand::{RngExt, SeedableRng};
        let seed = 11;
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        for _ in 0..2_000 {
            let series = ["", ".response", ".service", ".internal"][random.random_range(0..4)];
            let percent = f64::from(random.random_range(1..1_000_000_u32)) / 1e4;
            let micros = random.random_range(1..20_000_000_u64);
            let share = f64::from(random.random_range(1..=100_000_u32)) / 1e3;
            let text = format!("p{percent}{series}<{micros}us,errors<{share}%,max{series}<={micros}us");
            let slo: Slo = text.parse().unwrap_or_else(|error| panic!("seed {seed}: {text}: {error}"));
            assert_eq!(slo.to_string().parse::<Slo>().unwrap(), slo, "seed {seed}: {text}");
            let json = serde_json::to_string(&slo).unwrap();
            assert_eq!(serde_json::from_str::<Slo>(&json).unwrap(), slo, "seed {seed}: {json}");
        }
    }
}
