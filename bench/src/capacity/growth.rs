//! Shares and growth as people write them: `70%`, `0.7`, `4%/month`, `60%/year`.

/// Months of a year.
const MONTHS: f64 = 12.0;

/// Growth from month to month of `4%/month` or `60%/year`; a year's growth is that of twelve equal months.
///
/// # Errors
/// What is wrong with it, for the command line.
pub(super) fn parse_growth(text: &str) -> Result<f64, String> {
    let (share, period) = text.split_once('/').ok_or("growth has a period: 4%/month or 60%/year")?;
    let share = parse_number(share)?;
    match period.trim() {
        "month" => Ok(share),
        "year" if share > -1.0 => Ok((1.0 + share).powf(1.0 / MONTHS) - 1.0),
        "year" => Err("nothing is left after a year of that".to_owned()),
        _ => Err(format!("{period:?} is neither month nor year")),
    }
}

/// The share that `70%` or `0.7` is.
///
/// # Errors
/// What is wrong with it, for the command line.
pub(super) fn parse_share(text: &str) -> Result<f64, String> {
    parse_number(text)
}

fn parse_number(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let (digits, whole) = text.strip_suffix('%').map_or((text, 1.0), |digits| (digits, 100.0));
    let number: f64 = digits.trim().parse().map_err(|_| format!("{text:?} is no share such as 4% or 0.04"))?;
    if number.is_finite() { Ok(number / whole) } else { Err(format!("{text:?} is no finite number")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_told_by_month_or_year() {
        for (text, expected) in [
            ("4%/month", 0.04),
            ("0.04/month", 0.04),
            ("-1%/month", -0.01),
            ("0%/year", 0.0),
            ("60%/year", 1.6_f64.powf(1.0 / 12.0) - 1.0),
        ] {
            assert!((parse_growth(text).unwrap() - expected).abs() < 1e-12, "{text}");
        }
        let year: f64 = (0..12).fold(1.0, |size, _| size * (1.0 + parse_growth("60%/year").unwrap()));
        assert!((year - 1.6).abs() < 1e-12);
        for wrong in ["4%", "4%/week", "x/month", "/month", "-100%/year", "inf/month", "nan%/month"] {
            assert!(parse_growth(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn shares_are_per_cent_or_plain() {
        assert_eq!([parse_share("70%"), parse_share("0.7"), parse_share(" 10 % ")], [Ok(0.7), Ok(0.7), Ok(0.1)]);
        assert!(parse_share("seventy").is_err());
    }
}
