//! The Universal Scalability Law over requests under way and over cores: points, band, residuals, and where it is followed no further.

use clearway_loadgen::html::{Facts, Figure, Notice, Table, Tone};
use clearway_loadgen::plot::{Axis, Chart, Colour, Mark, Series, Shape, Unit};

use super::Section;
use super::form::{self, NONE};
use crate::capacity::model::Answer;
use crate::capacity::model::answer::{Estimate, FittedLaw, ScalingLaw};

/// The largest N / the smallest above which an even axis shows little.
const CROWDED: f64 = 30.0;

pub(super) fn section(answer: &Answer) -> Section {
    let mut parts = law("load", "Throughput by requests under way", &answer.load_law, answer);
    parts.extend(law("cores", "Throughput by cores of the node", &answer.core_law, answer));
    Section {
        id: "law",
        title: "Scalability law",
        lead: vec![
            "X(N) = λN / (1 + σ(N − 1) + κN(N − 1)), fitted by least squares with σ, κ ≥ 0; intervals are 95 %, by bootstrap with the course's seed."
                .into(),
        ],
        parts,
    }
}

fn law(id: &str, title: &str, law: &ScalingLaw, answer: &Answer) -> Vec<String> {
    match law {
        ScalingLaw::Refused { why } => {
            vec![Notice::new(Tone::Warn, format!("{title}: not fitted"), [why.clone()]).to_string()]
        }
        ScalingLaw::Fitted(fitted) => vec![
            Figure::of(&chart(id, title, fitted), form::under(answer)).to_string(),
            facts(fitted).to_string(),
            residuals(title, fitted).to_string(),
        ],
    }
}

fn chart(id: &str, title: &str, law: &FittedLaw) -> Chart {
    let band = law.band.iter().map(|point| (point.n, point.low_per_s, point.high_per_s)).collect();
    let line = |extrapolated| -> Vec<(f64, f64)> {
        let points = law.band.iter().filter(|point| point.extrapolated == extrapolated);
        points.map(|point| (point.n, point.per_s)).collect()
    };
    let measured = law.points.iter().map(|point| (point.n, point.measured_per_s)).collect();
    let mut series = vec![
        Series::new("95 % band", Colour::Grey, Shape::Band(band)),
        Series::new("law", Colour::Blue, Shape::Line(line(false))),
    ];
    let beyond = line(true);
    if !beyond.is_empty() {
        series.push(Series::new("law, extrapolated", Colour::Ochre, Shape::Hair(beyond)));
    }
    series.push(Series::new("measured", Colour::Orange, Shape::Dots(measured)));
    let mut marks = Vec::new();
    if law.n_allowed_max > law.n_measured_max {
        marks.push(Mark::span(law.n_measured_max, law.n_allowed_max, "extrapolation"));
    }
    marks.extend(law.n_peak.map(|peak| Mark::upright(peak, format!("peak at N = {peak:.0}"), Colour::Red)));
    Chart {
        id: format!("law-{id}"),
        title: title.to_owned(),
        description: format!("{} Measured up to N = {:.1}; beyond is extrapolation.", law.remark, law.n_measured_max),
        x: axis(law),
        y: Axis::linear("payments", Unit::PerSecond),
        series,
        marks,
    }
}

/// By the logarithm where the points would else crowd at one end.
fn axis(law: &FittedLaw) -> Axis {
    let least = law.points.iter().map(|point| point.n).fold(f64::INFINITY, f64::min);
    if law.n_measured_max > CROWDED * least {
        Axis::log(&law.quantity, Unit::Number)
    } else {
        Axis::linear(&law.quantity, Unit::Number)
    }
}

fn facts(law: &FittedLaw) -> Facts {
    let peak = match (law.n_peak, law.peak_per_s) {
        (Some(n), Some(rate)) => {
            let beyond = if law.peak_is_extrapolated { ", EXTRAPOLATED" } else { "" };
            format!("N = {} at {}{beyond}", Unit::Number.print(n), Unit::PerSecond.print(rate))
        }
        _ => "no retrograde point within the measured range".to_owned(),
    };
    Facts::new()
        .with("λ, of one", estimate(&law.lambda, Unit::PerSecond))
        .with("σ, contention", estimate(&law.sigma, Unit::Number))
        .with("κ, coherency", estimate(&law.kappa, Unit::Number))
        .with("R²", format!("{:.4}", law.r_squared))
        .with("N_max", peak)
        .with(
            "range",
            format!(
                "measured up to N = {}, followed up to {} and no further",
                Unit::Number.print(law.n_measured_max),
                Unit::Number.print(law.n_allowed_max)
            ),
        )
        .with("remark", if law.remark.is_empty() { NONE.to_owned() } else { law.remark.clone() })
}

fn estimate(estimate: &Estimate, unit: Unit) -> String {
    let Estimate { value, low, high } = *estimate;
    format!("{} ({} to {})", unit.print(value), unit.print(low), unit.print(high))
}

fn residuals(title: &str, law: &FittedLaw) -> Table {
    let mut table =
        Table::new(format!("{title}: residuals"), &["#N", "#measured", "#law", "#residual", "#of measured"]);
    for point in &law.points {
        table.push([
            Unit::Number.print(point.n),
            Unit::PerSecond.print(point.measured_per_s),
            Unit::PerSecond.print(point.fitted_per_s),
            Unit::PerSecond.print(point.residual_per_s),
            Unit::Share.print(point.residual_per_s / point.measured_per_s),
        ]);
    }
    table
}
