//! Puts the parts of an answer together.

use serde_json::Value;

use super::answer::{Answer, FORMAT, Rated, ScalingLaw};
use super::caveats::caveats;
use super::knee::knees;
use super::measurements::{Measurements, Step};
use super::queueing::{little, queues};
use super::rating::rating;
use super::request::Request;
use super::usl::{Load, Terms, law};
use super::{axes, batches, cost, growth, headline, resources, storage, topology};
use crate::error::Error;

/// Significant digits of every figure of an answer: the last bits of a machine's mathematics library decide nothing.
const DIGITS: usize = 9;

/// What `measurements` mean for `request`; `seed` is that of the bootstrap.
///
/// # Errors
/// [`Error::Unsuited`]: the request cannot be answered, or a figure of the measurements is no number.
pub fn derive(measurements: Measurements, request: Request) -> Result<Answer, Error> {
    request.check()?;
    let load_law = law(&loads(&measurements), &terms(&measurements, &request, "requests under way"));
    let core_law = law(&core_loads(&measurements), &terms(&measurements, &request, "cores"));
    let rating = rating(&measurements, &request, &core_law);
    let doubts = rating.as_ref().and_then(|(_, _, doubt)| doubt.clone()).into_iter().collect();
    let rated = rating.as_ref().map(|(rated, ..)| rated.clone());
    let step = rating.map(|(_, step, _)| step.clone());
    let caveats = caveats(&measurements, &request, rated.as_ref(), &core_law, doubts);
    let answer = empty(measurements, request, load_law, core_law, caveats);
    let mut answer = planned(answer, rated, step.as_ref());
    answer.headline = headline::headline(&answer);
    rounded(&answer)
}

fn terms<'a>(measurements: &Measurements, request: &Request, quantity: &'a str) -> Terms<'a> {
    let Request { extrapolation_max, bootstrap_samples: samples, .. } = *request;
    Terms { quantity, extrapolation_max, samples, seed: measurements.seed }
}

/// Valid steps as (requests under way, throughput).
fn loads(measurements: &Measurements) -> Vec<Load> {
    let load = |step: &Step| Load { n: step.in_flight_mean, per_s: step.achieved_per_s };
    let valid = measurements.steps.iter().filter(|step| step.is_valid()).map(load);
    valid.filter(|load| load.n > 0.0 && load.per_s > 0.0).collect()
}

fn core_loads(measurements: &Measurements) -> Vec<Load> {
    let valid = measurements.cores.iter().filter(|point| point.invalid.is_empty() && point.rate_per_s > 0.0);
    valid.map(|point| Load { n: f64::from(point.cores), per_s: point.rate_per_s }).collect()
}

/// Everything that needs no rated rate.
fn empty(
    measurements: Measurements,
    request: Request,
    load_law: ScalingLaw,
    core_law: ScalingLaw,
    caveats: Vec<String>,
) -> Answer {
    let setting = &measurements.setting;
    Answer {
        format: FORMAT.to_owned(),
        headline: Vec::new(),
        rated: None,
        knees: knees(&measurements.steps, &request.slo),
        load_law,
        core_law,
        little: little(&measurements.steps),
        queueing: queues(&measurements),
        resources: Vec::new(),
        topology: Vec::new(),
        installation: None,
        growth: Vec::new(),
        storage: storage::storage(&request, None, measurements.books.as_ref()),
        cost: None,
        suites: axes::axis(&measurements.suites, &setting.suite),
        transports: axes::axis(&measurements.transports, &setting.transport),
        durabilities: axes::axis(&measurements.durabilities, &setting.journal_driver),
        books: measurements.books.as_ref().map(|books| batches::window(books, None)),
        caveats,
        request,
        measurements,
    }
}

/// The plan on top of it, where there is a rated rate.
fn planned(answer: Answer, rated: Option<Rated>, step: Option<&Step>) -> Answer {
    let (Some(rated), Some(step)) = (rated, step) else { return answer };
    let Answer { request, measurements, .. } = &answer;
    let standing = topology::installation(request, rated.planned_per_s);
    let growth = growth::months(request, rated.planned_per_s, &standing);
    let installation = growth::dated(request, standing, &growth);
    let storage = storage::storage(request, Some(step), measurements.books.as_ref());
    let traffic = step.usage.received_bytes_per_payment + step.usage.sent_bytes_per_payment;
    let nodes = installation.nodes_total;
    let cost = request.prices.as_ref().map(|prices| cost::cost(request, prices, nodes, &storage, traffic));
    Answer {
        resources: resources::resources(measurements, request, step),
        topology: topology::situations(request, rated.node_per_s, &installation),
        books: measurements.books.as_ref().map(|books| batches::window(books, Some(rated.measured_per_s))),
        growth,
        storage,
        cost,
        installation: Some(installation),
        rated: Some(rated),
        ..answer
    }
}

/// The same answer with every figure cut to [`DIGITS`].
fn rounded(answer: &Answer) -> Result<Answer, Error> {
    let mut value = serde_json::to_value(answer).map_err(Error::failed("write the answer"))?;
    round(&mut value);
    serde_json::from_value(value)
        .map_err(|error| Error::Unsuited(format!("a figure of the measurements is no number: {error}")))
}

fn round(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {
            let short = number.as_f64().and_then(|figure| format!("{figure:.*e}", DIGITS - 1).parse::<f64>().ok());
            if let Some(short) = short.and_then(serde_json::Number::from_f64) {
                *number = short;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(round),
        Value::Object(fields) => fields.values_mut().for_each(round),
        _ => {}
    }
}
