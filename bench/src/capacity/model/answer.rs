//! What a report says: every number of the page, and what `report.json` holds.
//!
//! Invariant: a page prints numbers from here and from nowhere else, so that comparing this document compares the page.

use serde::{Deserialize, Serialize};

use super::measurements::Measurements;
use super::request::{Request, YearMonth};

/// Name and version of the document's form.
pub const FORMAT: &str = "clearway-capacity-report/1";

/// The whole report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// [`FORMAT`].
    pub format: String,
    /// What was asked.
    pub request: Request,
    /// What was measured.
    pub measurements: Measurements,
    /// The one-page answer, sentence by sentence.
    pub headline: Vec<String>,
    /// What one node carries; `None` when no valid step held the SLO, and then nothing below that needs it is there.
    pub rated: Option<Rated>,
    /// Where latency bends, by each definition, and where the SLO breaks.
    pub knees: Vec<Knee>,
    /// Throughput against requests under way.
    pub load_law: ScalingLaw,
    /// Throughput against cores of the node.
    pub core_law: ScalingLaw,
    /// Little's law beside what was counted, step by step.
    pub little: Vec<LittleCheck>,
    /// What queueing theory makes of the measured costs, beside what was measured.
    pub queueing: Vec<QueueCheck>,
    /// What a payment uses, and where each resource ends; the one that ends first is first.
    pub resources: Vec<Resource>,
    /// Nodes for each situation; empty without a rated rate.
    pub topology: Vec<Situation>,
    /// The installation and when it is outgrown; `None` without a rated rate.
    pub installation: Option<Installation>,
    /// Month by month; empty without a rated rate.
    pub growth: Vec<GrowthMonth>,
    /// Bytes for each payment and day.
    pub storage: Storage,
    /// What it costs; `None` without prices or without a rated rate.
    pub cost: Option<Cost>,
    /// Suites beside each other.
    pub suites: Vec<AxisPoint>,
    /// Transports beside each other.
    pub transports: Vec<AxisPoint>,
    /// Journal drivers beside each other.
    pub durabilities: Vec<AxisPoint>,
    /// Batch windows of the books; `None` when no batch was closed.
    pub books: Option<BatchWindow>,
    /// What a reader must know before using any of this.
    pub caveats: Vec<String>,
}

/// What one node carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rated {
    /// The highest valid step that held the SLO with none below it broken, final payments a second: measured.
    pub measured_per_s: f64,
    /// What the plan counts with for one of its nodes: the measured rate, or the core law's for `request.node_cores`.
    pub node_per_s: f64,
    /// Whether `node_per_s` is extrapolated.
    pub extrapolated: bool,
    /// Share of `node_per_s` that the plan uses: `node_per_s` x utilisation.
    pub planned_per_s: f64,
    /// Step of the measured rate.
    pub step: String,
    /// p99 there from the intended instant, in microseconds.
    pub p99_us: u64,
    /// The lowest valid step above it that broke the SLO; `None` when none was tried: the limit was not reached.
    pub first_bad: Option<FirstBad>,
}

/// The step that broke the SLO.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FirstBad {
    /// Its name.
    pub step: String,
    /// Requests a second asked for.
    pub offered_per_s: f64,
    /// What it broke.
    pub breaches: Vec<String>,
}

/// One definition of the place where a curve bends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Knee {
    /// `p99-doubles`, `power` or `slo`.
    pub name: String,
    /// The definition in words.
    pub definition: String,
    /// Payments a second; `None` when the measured range does not show it.
    pub rate_per_s: Option<f64>,
    /// What is to be known of it: between which steps, or why there is none.
    pub remark: String,
}

/// The Universal Scalability Law over one quantity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ScalingLaw {
    /// Fitted.
    Fitted(Box<FittedLaw>),
    /// Not fitted.
    Refused {
        /// Why, and what would do.
        why: String,
    },
}

/// X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)), fitted by least squares with sigma, kappa >= 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedLaw {
    /// What N is: `requests under way` or `cores`.
    pub quantity: String,
    /// Payments a second of one.
    pub lambda: Estimate,
    /// Contention.
    pub sigma: Estimate,
    /// Coherency.
    pub kappa: Estimate,
    /// Coefficient of determination.
    pub r_squared: f64,
    /// Measured points and what the law says there.
    pub points: Vec<FitPoint>,
    /// The largest N measured.
    pub n_measured_max: f64,
    /// The largest N that may be asked of the law.
    pub n_allowed_max: f64,
    /// N with the highest throughput; `None` when kappa's interval includes 0: no retrograde point within the measured range.
    pub n_peak: Option<f64>,
    /// Throughput there, payments a second.
    pub peak_per_s: Option<f64>,
    /// Whether `n_peak` lies beyond what was measured.
    pub peak_is_extrapolated: bool,
    /// The law with its band, from 1 to `n_allowed_max`, for a plot.
    pub band: Vec<BandPoint>,
    /// What is to be said about it.
    pub remark: String,
}

/// A figure with its 95 % interval by bootstrap.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Estimate {
    /// Of all points.
    pub value: f64,
    /// 2.5 % of the samples are below.
    pub low: f64,
    /// 2.5 % of the samples are above.
    pub high: f64,
}

/// A measured point beside the law.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FitPoint {
    /// N.
    pub n: f64,
    /// Payments a second, measured.
    pub measured_per_s: f64,
    /// Payments a second, by the law.
    pub fitted_per_s: f64,
    /// measured - fitted.
    pub residual_per_s: f64,
}

/// The law at one N.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BandPoint {
    /// N.
    pub n: f64,
    /// Lower end of the 95 % band, payments a second.
    pub low_per_s: f64,
    /// The law.
    pub per_s: f64,
    /// Upper end.
    pub high_per_s: f64,
    /// Whether N lies beyond what was measured.
    pub extrapolated: bool,
}

/// Requests under way: counted, and by N = X R.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LittleCheck {
    /// Step.
    pub step: String,
    /// Rate x mean service time.
    pub computed: f64,
    /// Counted by the generator.
    pub counted: f64,
    /// computed / counted.
    pub ratio: f64,
}

/// A queueing formula beside a measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueueCheck {
    /// Step.
    pub step: String,
    /// `M/M/c` or `M/G/1`.
    pub model: String,
    /// What waits for what.
    pub station: String,
    /// Share of time that the station is busy, 0 to 1; the formula holds below 1 only.
    pub utilisation: f64,
    /// Mean wait before service by the formula, in microseconds; `None` at or beyond saturation.
    pub wait_us: Option<f64>,
    /// Probability of waiting, where the formula gives it.
    pub wait_probability: Option<f64>,
    /// Mean time inside the node as measured, in microseconds: service and all waits.
    pub measured_us: f64,
    /// What the formula assumes and the measurement does not show.
    pub remark: String,
}

/// One thing that payments use up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// `CPU`, `disk bytes`, `disk syncs`, `memory`, `network received`, `network sent`.
    pub name: String,
    /// How much a payment takes, in `unit`; `None` when not measured.
    pub per_payment: Option<f64>,
    /// Unit of `per_payment`.
    pub unit: String,
    /// How much of it a node has, in `capacity_unit`; `None` when not known.
    pub capacity: Option<f64>,
    /// Unit of `capacity`.
    pub capacity_unit: String,
    /// Share used at the rated rate, 0 to 1; `None` when not known.
    pub used_at_rated: Option<f64>,
    /// Payments a second of one node at which it is used up; `None` when not known.
    pub saturates_at_per_s: Option<f64>,
    /// Whether it is the first to be used up.
    pub binds: bool,
    /// How it was computed, or why not.
    pub remark: String,
}

/// Something is lost, and the rest carries the target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Situation {
    /// `all up`, `one node lost`, `one centre lost`, `one city lost`.
    pub name: String,
    /// Centres that are left.
    pub centres_left: u32,
    /// Nodes that each centre needs so that what is left carries the first month's target; `None` when nothing is left.
    pub nodes_per_centre: Option<u64>,
    /// Nodes of the whole network then.
    pub nodes_total: Option<u64>,
    /// Payments a second that the installation of [`Installation`] carries in this situation at the planned utilisation.
    pub installed_carries_per_s: f64,
    /// Share of its rated rate that each remaining node of the installation is used to under the target; above 1: it breaks.
    pub installed_utilisation: Option<f64>,
}

/// What stands, and until when it is enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Installation {
    /// Nodes of each centre.
    pub nodes_per_centre: u64,
    /// Nodes of all centres.
    pub nodes_total: u64,
    /// Whether the planner gave it; otherwise it is what the first month takes.
    pub given: bool,
    /// The worst situation that it is to survive: the one that decides its size.
    pub situation: String,
    /// Payments a second that it carries in that situation at the planned utilisation.
    pub carries_per_s: f64,
    /// First month whose target, without buffer, is above that; `None` = not within the horizon.
    pub outgrown: Option<YearMonth>,
    /// `outgrown` less the lead time: the month to order in, at the latest.
    pub act_by: Option<YearMonth>,
    /// Months by which `act_by` lies before the start of the plan; 0 = not too late.
    pub late_months: u32,
}

/// One month of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GrowthMonth {
    /// Months from the start.
    pub month: u32,
    /// The month.
    pub label: YearMonth,
    /// Payments a second at the peak.
    pub target_per_s: f64,
    /// Nodes that each centre needs in each situation, in the order of the topology; `None` when nothing is left.
    pub nodes_per_centre: Vec<Option<u64>>,
    /// Nodes of the whole network in the worst situation that leaves something.
    pub nodes_total: u64,
    /// Nodes that come on top of the month before, or of the installation.
    pub nodes_added: u64,
    /// When these must be ordered; `None` when there are none.
    pub order_by: Option<YearMonth>,
    /// Whether the target is above what the installation carries.
    pub outgrown: bool,
}

/// Bytes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Storage {
    /// Payments of a mean day in the first month: target / peak-to-mean x 86,400.
    pub payments_per_day: f64,
    /// Kinds of files.
    pub kinds: Vec<StoredKind>,
    /// Bytes a day of all kinds that were measured.
    pub bytes_per_day: f64,
    /// Bytes that stand on disk when every kind has reached its age.
    pub bytes_retained: f64,
}

/// One kind of file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredKind {
    /// `journal`, `archive` or `statements`.
    pub name: String,
    /// Bytes of a payment; `None` when not measured.
    pub bytes_per_payment: Option<f64>,
    /// Bytes a day; `None` when not measured.
    pub bytes_per_day: Option<f64>,
    /// Days that it is kept.
    pub days: f64,
    /// Bytes at that age; `None` when not measured.
    pub bytes_retained: Option<f64>,
}

/// What a month costs, in the currency of the prices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Name of the currency.
    pub currency: String,
    /// Payments of a mean month of the first month's target.
    pub payments_per_month: f64,
    /// Nodes.
    pub nodes_per_month: f64,
    /// Storage at its full age.
    pub storage_per_month: f64,
    /// Traffic; 0 when bytes were not counted.
    pub traffic_per_month: f64,
    /// All of it.
    pub total_per_month: f64,
    /// All of it for 10^6 payments.
    pub per_million_payments: f64,
    /// All of it for one payment a second at the peak, a month.
    pub per_peak_payment_per_s: f64,
}

/// One value of an axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AxisPoint {
    /// The value.
    pub name: String,
    /// In words.
    pub detail: String,
    /// Requests a second asked for.
    pub offered_per_s: f64,
    /// CPU of a payment, in microseconds of one core.
    pub cpu_us_per_payment: f64,
    /// Of it three signatures and three verifications at their floor; `None` where the axis is no suite.
    pub crypto_floor_us: Option<f64>,
    /// CPU of a payment / that of the headline's value; `None` when that one is missing or invalid.
    pub cpu_ratio: Option<f64>,
    /// Payments that one second of one core pays for: 10^6 / CPU. An upper bound of what a core carries.
    pub payments_per_core_second: f64,
    /// p99 from the intended instant, in microseconds.
    pub p99_us: u64,
    /// Mean bytes of the journal for a payment.
    pub journal_bytes_per_payment: f64,
    /// Whether it is the headline's.
    pub headline: bool,
    /// Conditions of the SLO that it broke.
    pub breaches: Vec<String>,
    /// Why it is not to be believed.
    pub invalid: Vec<String>,
}

/// How long the books of one peak hour take, scaled from a small batch: extrapolated in proportion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BatchWindow {
    /// Payments of the batch that was closed.
    pub measured_payments: u64,
    /// Payments of one hour at the rated rate of one node; `None` without a rated rate.
    pub hour_payments: Option<f64>,
    /// Rates of each part, measured.
    pub parts: Vec<BatchPart>,
}

/// One part of closing a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BatchPart {
    /// `seal`, `archive` or `statements`.
    pub name: String,
    /// Seconds measured.
    pub seconds: f64,
    /// Payments a second.
    pub payments_per_s: f64,
    /// Seconds for `hour_payments`, in proportion; `None` without a rated rate.
    pub hour_seconds: Option<f64>,
}
