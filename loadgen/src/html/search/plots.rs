//! The plots of a search: its course, and what it measured against its rates.

use crate::html::Figure;
use crate::plot::{Axis, Chart, Colour, Mark, Series, Shape, Unit};
use crate::search::{Outcome, Phase, SearchRecord, Standing, Trial};
use crate::slo::{Criterion, Measure};

/// The course, and one plot for each criterion that something was measured for.
pub(super) fn figures(record: &SearchRecord) -> Vec<Figure> {
    let criteria = record.slo.criteria().iter().enumerate();
    let measured = criteria.filter_map(|(place, criterion)| measured(record, place, criterion));
    course(record).into_iter().chain(measured).collect()
}

/// Every trial in its order.
fn course(record: &SearchRecord) -> Option<Figure> {
    let at = |standing: &Option<Standing>, label: &str, colour: Colour| {
        standing.as_ref().map(|standing| {
            let label = format!("{label} {}", Unit::PerSecond.print(standing.rate_per_s));
            Mark::level(standing.rate_per_s, label, colour)
        })
    };
    let good = at(&record.last_good, "last good", Colour::Green);
    let bad = at(&record.first_bad, "first bad", Colour::Red);
    let chart = Chart {
        id: "course".into(),
        title: "Course of the search".into(),
        description: record.to_string(),
        x: Axis::linear("trial", Unit::Count),
        y: Axis::log("offered rate", Unit::PerSecond),
        series: by_outcome(&record.trials, |trial| Some((f64::from(trial.number), trial.rate_per_s))),
        marks: good.into_iter().chain(bad).collect(),
    };
    let holds = record.trials.iter().filter(|trial| trial.phase == Phase::Hold).count();
    let note = format!("{} trials, {holds} of them holds.", record.trials.len());
    (!record.trials.is_empty()).then(|| Figure::of(&chart, note))
}

/// What was measured for one criterion, by rate.
fn measured(record: &SearchRecord, place: usize, criterion: &Criterion) -> Option<Figure> {
    let value = |trial: &Trial| Some((trial.rate_per_s, trial.judgement.criteria.get(place)?.measured?));
    let series = by_outcome(&record.trials, value);
    let asked = criterion.to_string();
    let axis = match criterion.measure {
        Measure::Latency { .. } => Axis::log(&criterion.measure.to_string(), Unit::Micros),
        Measure::Errors | Measure::Achieved => Axis::linear(&format!("{}, in %", criterion.measure), Unit::Number),
    };
    let rate = |standing: &Standing| standing.rate_per_s;
    let good = record.last_good.as_ref().map(|it| Mark::upright(rate(it), "last good", Colour::Green));
    let bad = record.first_bad.as_ref().map(|it| Mark::upright(rate(it), "first bad", Colour::Red));
    let chart = Chart {
        id: format!("criterion-{}", place + 1),
        title: format!("{} by offered rate", criterion.measure),
        description: format!("Measured values of every trial against the limit {asked}."),
        x: Axis::linear("offered rate", Unit::PerSecond),
        y: axis,
        series,
        marks: [Mark::level(criterion.limit, asked, Colour::Ink)].into_iter().chain(good).chain(bad).collect(),
    };
    let is_measured = record.trials.iter().any(|trial| value(trial).is_some());
    is_measured.then(|| Figure::of(&chart, "Each trial is a point."))
}

/// Trials as points, coloured by what they said.
fn by_outcome(trials: &[Trial], place: impl Fn(&Trial) -> Option<(f64, f64)>) -> Vec<Series> {
    let of = |outcome: Outcome| -> Vec<(f64, f64)> {
        trials.iter().filter(|trial| trial.outcome == outcome).filter_map(&place).collect()
    };
    let series = [
        Series::new("good", Colour::Green, Shape::Dots(of(Outcome::Good))),
        Series::new("bad", Colour::Red, Shape::Dots(of(Outcome::Bad))),
        Series::new("invalid", Colour::Grey, Shape::Rings(of(Outcome::Invalid))),
    ];
    series.into_iter().filter(|series| !series.is_empty()).collect()
}
