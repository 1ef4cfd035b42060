//! What a planner asks for.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Target, growth, topology, limits and prices: the planner's side of a report. [`Request::default`] is 80,000 payments a
/// second from six centres in three cities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Payments a second at the peak that the whole network is to carry in the first month.
    pub target_per_s: f64,
    /// Growth of the target from month to month, compounded: 0.04 is 4 %.
    pub growth_per_month: f64,
    /// Months to look ahead.
    pub horizon_months: u32,
    /// First month of the plan.
    pub start: YearMonth,
    /// Centres of the network, all of them active.
    pub centres: u32,
    /// Cities that hold them, as evenly as possible.
    pub cities: u32,
    /// Service level objective, as `--slo` says it.
    pub slo: String,
    /// Share of its rated rate that a node is to be used to, above 0 to 1.
    pub utilisation: f64,
    /// Reserve on top of the target, 0.1 is 10 %: what growth may eat before somebody must act.
    pub buffer: f64,
    /// Months from an order to a node in service.
    pub lead_time_months: u32,
    /// Nodes that each centre has already; `None` = as many as the first month takes.
    pub installed_nodes_per_centre: Option<u32>,
    /// Cores of the plan's nodes; `None` = as many as the measured node had.
    pub node_cores: Option<u32>,
    /// Peak rate / mean rate of a day, at least 1.
    pub peak_to_mean: f64,
    /// How long a payment stays in a node's memory, in hours.
    pub memory_hours: f64,
    /// Memory of one of the plan's nodes, in bytes; `None` = the measured machine's.
    pub node_memory_bytes: Option<u64>,
    /// Network of one of the plan's nodes, in bits a second; `None` = not judged.
    pub node_network_bits_per_s: Option<f64>,
    /// How long each kind of file is kept.
    pub retention: Retention,
    /// Prices; `None` = no costs are computed.
    pub prices: Option<Prices>,
    /// A fitted law is not followed beyond this multiple of the largest load measured, at least 1.
    pub extrapolation_max: f64,
    /// Samples of the bootstrap.
    pub bootstrap_samples: u32,
}

/// How long files are kept, in days.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Retention {
    /// The journal.
    pub journal_days: f64,
    /// The archive of sealed batches.
    pub archive_days: f64,
    /// Statements.
    pub statement_days: f64,
}

impl Default for Retention {
    /// A week of journal, five years of archive, ninety days of statements.
    fn default() -> Self {
        Self { journal_days: 7.0, archive_days: 1_826.0, statement_days: 90.0 }
    }
}

/// What things cost. All in one currency; a price that is not given is 0.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Prices {
    /// Name of the currency, as the report prints it.
    pub currency: String,
    /// One node for a month: machine, power, rent, support.
    pub node_month: f64,
    /// 10^9 bytes on disk for a month.
    pub storage_gb_month: f64,
    /// 10^9 bytes between node and participants.
    pub traffic_gb: f64,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            target_per_s: 80_000.0,
            growth_per_month: 0.0,
            horizon_months: 12,
            start: YearMonth { year: 2026, month: 1 },
            centres: 6,
            cities: 3,
            slo: "p99<20ms,errors<0.01%".to_owned(),
            utilisation: 0.7,
            buffer: 0.1,
            lead_time_months: 3,
            installed_nodes_per_centre: None,
            node_cores: None,
            peak_to_mean: 6.8,
            memory_hours: 2.0,
            node_memory_bytes: None,
            node_network_bits_per_s: None,
            retention: Retention::default(),
            prices: None,
            extrapolation_max: 4.0,
            bootstrap_samples: 1_000,
        }
    }
}

/// Longest horizon, in months.
const HORIZON_MAX: u32 = 120;
/// Most samples of a bootstrap: more say nothing new.
const SAMPLES_MAX: u32 = 100_000;

impl Request {
    /// Checks that an answer can be given.
    ///
    /// # Errors
    /// [`Error::Unsuited`], naming what cannot be and what would do.
    pub fn check(&self) -> Result<(), Error> {
        let within = |value: f64, least: f64, most: f64| (least..=most).contains(&value);
        let prices = self.prices.clone().unwrap_or_default();
        let Retention { journal_days, archive_days, statement_days } = self.retention;
        let rules = [
            (within(self.target_per_s, 1.0, 1e9), "the target must be within 1 and 10^9 payments a second"),
            (within(self.growth_per_month, -0.5, 1.0), "growth must be within -50 % and 100 % a month"),
            (self.horizon_months <= HORIZON_MAX, "the horizon must be at most 120 months"),
            ((1..=12).contains(&self.start.month), "the start must be a month, as in 2026-11"),
            ((1..=1_000).contains(&self.centres), "there must be 1 to 1,000 centres"),
            ((1..=self.centres).contains(&self.cities), "there must be at least one city, and no more than centres"),
            (within(self.utilisation, 0.01, 1.0), "utilisation must be within 0.01 and 1"),
            (within(self.buffer, 0.0, 10.0), "the buffer must be within 0 and 10"),
            (self.lead_time_months <= HORIZON_MAX, "the lead time must be at most 120 months"),
            (self.installed_nodes_per_centre != Some(0), "an installation has at least one node in each centre"),
            (self.node_cores != Some(0), "a node has at least one core"),
            (within(self.peak_to_mean, 1.0, 1e4), "peak / mean must be within 1 and 10,000"),
            (within(self.memory_hours, 0.0, 1e4), "hours in memory must be within 0 and 10,000"),
            (
                [journal_days, archive_days, statement_days].iter().all(|days| within(*days, 0.0, 36_525.0)),
                "retention must be within 0 and 36,525 days",
            ),
            (within(self.extrapolation_max, 1.0, 100.0), "the limit of extrapolation must be within 1 and 100"),
            ((100..=SAMPLES_MAX).contains(&self.bootstrap_samples), "a bootstrap takes 100 to 100,000 samples"),
            (
                [prices.node_month, prices.storage_gb_month, prices.traffic_gb]
                    .iter()
                    .all(|price| within(*price, 0.0, 1e12)),
                "prices must be within 0 and 10^12",
            ),
        ];
        match rules.iter().find(|(kept, _)| !kept) {
            Some((_, rule)) => Err(Error::Unsuited(format!("the request cannot be answered: {rule}"))),
            None => Ok(()),
        }
    }
}

/// A month of the Gregorian calendar, written `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct YearMonth {
    /// Year, 1970 to 9999 where parsed.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u32,
}

impl YearMonth {
    /// The month so many months later, earlier when negative.
    #[must_use]
    pub fn plus(self, months: i64) -> Self {
        let total = i64::from(self.year) * 12 + i64::from(self.month) - 1 + months;
        let year = i32::try_from(total.div_euclid(12)).unwrap_or(i32::MAX);
        Self { year, month: u32::try_from(total.rem_euclid(12)).unwrap_or(0) + 1 }
    }
}

impl std::fmt::Display for YearMonth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl From<YearMonth> for String {
    fn from(month: YearMonth) -> Self {
        month.to_string()
    }
}

impl TryFrom<String> for YearMonth {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl std::str::FromStr for YearMonth {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_number =
            |part: &str, digits: usize| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        let parts = text.split_once('-').filter(|(year, month)| is_number(year, 4) && is_number(month, 2));
        let numbers = parts.and_then(|(year, month)| Some((year.parse::<u16>().ok()?, month.parse::<u8>().ok()?)));
        match numbers {
            Some((year @ 1970..=9999, month @ 1..=12)) => Ok(Self { year: year.into(), month: month.into() }),
            _ => Err(format!("{text:?} is not a month such as 2026-11")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_added_over_the_turn_of_years() {
        let start: YearMonth = "2026-11".parse().unwrap();
        for (months, expected) in [(0, "2026-11"), (1, "2026-12"), (2, "2027-01"), (18, "2028-05"), (-11, "2025-12")] {
            assert_eq!(start.plus(months).to_string(), expected);
        }
        for wrong in ["2026", "2026-13", "2026-00", "26-11", "2026-1", "0000-01", "2026-+1"] {
            assert!(wrong.parse::<YearMonth>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn each_impossible_request_is_refused() {
        assert!(Request::default().check().is_ok());
        let broken: [fn(&mut Request); 14] = [
            |request| request.target_per_s = 0.0,
            |request| request.target_per_s = f64::NAN,
            |request| request.growth_per_month = 1.5,
            |request| request.horizon_months = 121,
            |request| request.centres = 0,
            |request| request.cities = 7,
            |request| request.cities = 0,
            |request| request.utilisation = 0.0,
            |request| request.buffer = -0.1,
            |request| request.peak_to_mean = 0.9,
            |request| request.retention.journal_days = -1.0,
            |request| request.extrapolation_max = 0.5,
            |request| request.bootstrap_samples = 1,
            |request| request.prices = Some(Prices { node_month: -1.0, ..Prices::default() }),
        ];
        for (case, breakage) in broken.iter().enumerate() {
            let mut request = Request::default();
            breakage(&mut request);
            assert!(request.check().is_err(), "case {case}");
        }
    }
}
