//! `clearway-bench capacity`: what is planned, and how it is measured.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use clearway_codec::value::Date;
use clearway_crypto::Suite;
use clearway_loadgen::slo::Slo;

use super::growth::{parse_growth, parse_share};
use super::model::request::{Prices, Request, Retention, YearMonth};
use crate::error::Error;

/// `clearway-bench capacity`. Exit code 0 when the report is written, or verified; 1 when it is written and a run broke a rule, or when the
/// verification fails; 3 when it could not be measured.
#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// What is planned.
    #[command(flatten)]
    pub plan: PlanArguments,
    /// How it is measured.
    #[command(flatten)]
    pub course: CourseArguments,
    /// Folder of the report: report.html, report.json, measurements.json and the raw files that they are derived from.
    #[arg(long, value_name = "DIR", required_unless_present = "verify")]
    pub out: Option<PathBuf>,
    /// Measure nothing: plan again from the raw files of the report in this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "verify")]
    pub measured: Option<PathBuf>,
    /// Measure nothing: derive every figure of the report in this folder, or in that of --out, from its raw files again, and compare.
    #[arg(long, value_name = "DIR", num_args = 0..=1)]
    pub verify: Option<Option<PathBuf>>,
}

/// What is planned. Rates are payments a second.
#[derive(Debug, Clone, Args)]
pub struct PlanArguments {
    /// Payments a second at the peak of the first month, of the whole network.
    #[arg(long, value_name = "RATE", default_value_t = 80_000.0)]
    pub target_tps: f64,
    /// Growth of that peak, compounded: 4%/month or 60%/year.
    #[arg(long, value_name = "SHARE/PERIOD", default_value = "0%/month", value_parser = parse_growth, allow_hyphen_values = true)]
    pub growth: f64,
    /// Months to look ahead.
    #[arg(long, value_name = "MONTHS", default_value_t = 12)]
    pub horizon: u32,
    /// First month of the plan, as in 2026-12. Default: this one.
    #[arg(long, value_name = "MONTH")]
    pub start: Option<YearMonth>,
    /// Centres of the network, all of them active.
    #[arg(long, default_value_t = 6)]
    pub centres: u32,
    /// Cities that hold them.
    #[arg(long, default_value_t = 3)]
    pub cities: u32,
    /// What must hold at a rated rate, as in p99<20ms,errors<0.01%.
    #[arg(long, value_name = "CONDITIONS", default_value = "p99<20ms,errors<0.01%")]
    pub slo: Slo,
    /// Share of its rated rate that a node is to be used to: 70% or 0.7.
    #[arg(long, value_name = "SHARE", default_value = "70%", value_parser = parse_share)]
    pub utilisation: f64,
    /// Reserve on top of the target.
    #[arg(long, value_name = "SHARE", default_value = "10%", value_parser = parse_share)]
    pub buffer: f64,
    /// Months from an order to a node in service.
    #[arg(long, value_name = "MONTHS", default_value_t = 3)]
    pub lead_time: u32,
    /// Nodes that each centre has already. Default: as many as the first month takes.
    #[arg(long, value_name = "NODES")]
    pub installed: Option<u32>,
    /// Cores of the plan's nodes. Default: as many as the measured node had.
    #[arg(long, value_name = "CORES")]
    pub node_cores: Option<u32>,
    /// Memory of one of them, in 10^9 bytes. Default: this machine's.
    #[arg(long, value_name = "GB")]
    pub node_memory: Option<f64>,
    /// Network of one of them, in 10^9 bits a second. Default: not judged.
    #[arg(long, value_name = "GBIT")]
    pub node_network: Option<f64>,
    /// Peak rate of a day / its mean.
    #[arg(long, value_name = "FACTOR", default_value_t = 6.8)]
    pub peak_to_mean: f64,
    /// Hours for which a payment stays in a node's memory.
    #[arg(long, value_name = "HOURS", default_value_t = 2.0)]
    pub memory_hours: f64,
    /// Days for which the journal is kept.
    #[arg(long, value_name = "DAYS", default_value_t = Retention::default().journal_days)]
    pub journal_days: f64,
    /// Days for which the archive of sealed batches is kept.
    #[arg(long, value_name = "DAYS", default_value_t = Retention::default().archive_days)]
    pub archive_days: f64,
    /// Days for which statements are kept.
    #[arg(long, value_name = "DAYS", default_value_t = Retention::default().statement_days)]
    pub statement_days: f64,
    /// TOML file with currency, node_month, storage_gb_month and traffic_gb. Default: no costs.
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,
    /// Refuse to extrapolate beyond this multiple of the largest load that was measured.
    #[arg(long, value_name = "MULTIPLE", default_value_t = 4.0)]
    pub extrapolation_max: f64,
}

/// How it is measured.
#[derive(Debug, Clone, Args)]
pub struct CourseArguments {
    /// The short course, about a minute: fewer and shorter steps. For a look and for CI, not for quoting; the report says so.
    #[arg(long)]
    pub quick: bool,
    /// Seed of schedules and contents.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Suite of the headline figures: rsa-2048-sha256, sm2-sm3, ecdsa-p256-sha256 or ed25519.
    #[arg(long, default_value_t = Suite::EcdsaP256Sha256)]
    pub suite: Suite,
    /// Run the node in here; must be on a local disk. Default: beside the folder of this program.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Keep the run's folder: configuration, journals, logs.
    #[arg(long)]
    pub keep: bool,
}

impl Arguments {
    /// Folder of the report that is to be verified, if one is.
    pub fn verified(&self) -> Option<&Path> {
        self.verify.as_ref().and_then(|folder| folder.as_deref().or(self.out.as_deref()))
    }
}

impl PlanArguments {
    /// What is planned, for a plan that is made at `now`.
    ///
    /// # Errors
    /// The prices cannot be read, or no answer can be given to this.
    pub fn request(&self, now: SystemTime) -> Result<Request, Error> {
        let request = Request {
            target_per_s: self.target_tps,
            growth_per_month: self.growth,
            horizon_months: self.horizon,
            start: self.start.unwrap_or_else(|| month_of(now)),
            centres: self.centres,
            cities: self.cities,
            slo: self.slo.to_string(),
            utilisation: self.utilisation,
            buffer: self.buffer,
            lead_time_months: self.lead_time,
            installed_nodes_per_centre: self.installed,
            node_cores: self.node_cores,
            peak_to_mean: self.peak_to_mean,
            memory_hours: self.memory_hours,
            node_memory_bytes: self.node_memory.map(|gigabytes| (gigabytes * 1e9) as u64),
            node_network_bits_per_s: self.node_network.map(|gigabits| gigabits * 1e9),
            retention: Retention {
                journal_days: self.journal_days,
                archive_days: self.archive_days,
                statement_days: self.statement_days,
            },
            prices: self.prices.as_deref().map(read_prices).transpose()?,
            extrapolation_max: self.extrapolation_max,
            ..Request::default()
        };
        request.check()?;
        Ok(request)
    }
}

fn read_prices(file: &Path) -> Result<Prices, Error> {
    let text = fs::read_to_string(file).map_err(Error::machine(format!("read prices in {}", file.display())))?;
    toml::from_str(&text).map_err(|error| Error::Unsuited(format!("{}: {error}", file.display())))
}

/// The month of a moment, UTC.
fn month_of(now: SystemTime) -> YearMonth {
    let days = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400);
    let date = i32::try_from(days).ok().and_then(Date::from_days);
    let (year, month, _) = date.map_or((1970, 1, 1), Date::to_ymd);
    YearMonth { year: year.try_into().unwrap_or(i32::MAX), month }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_plan_starts_in_the_month_it_is_made_in() {
        for (seconds, expected) in [(0, "1970-01"), (1_795_140_413, "2026-11"), (1_796_083_200, "2026-12")] {
            assert_eq!(month_of(UNIX_EPOCH + Duration::from_secs(seconds)).to_string(), expected);
        }
    }

    #[test]
    fn prices_are_read_from_a_file_and_unknown_ones_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("prices.toml");
        fs::write(&file, "currency = \"EUR\"\nnode_month = 700.0\nstorage_gb_month = 0.08\n").unwrap();
        let expected = Prices { currency: "EUR".into(), node_month: 700.0, storage_gb_month: 0.08, traffic_gb: 0.0 };
        assert_eq!(read_prices(&file).unwrap(), expected);
        fs::write(&file, "currency = \"EUR\"\nnode_moth = 700.0\n").unwrap();
        assert!(read_prices(&file).unwrap_err().to_string().contains("node_moth"));
    }
}
