//! The page of a search, from its record.

use super::plots;
use crate::html::{Cell, Facts, Figure, Notice, Shell, Table, Tiles, Tone};
use crate::plot::Unit;
use crate::search::{End, Outcome, SearchPlan, SearchRecord, Standing, Trial};
use askama::Template;

#[derive(Template)]
#[template(path = "search.html")]
struct Body {
    end: Notice,
    tiles: Tiles,
    figures: Vec<Figure>,
    standings: Table,
    trials: Table,
    how: Facts,
    origin: Facts,
}

/// The page of a search: a document that stands alone.
pub fn search_page(record: &SearchRecord) -> String {
    let body = Body {
        end: end(record),
        tiles: tiles(record),
        figures: plots::figures(record),
        standings: standings(record),
        trials: trials(&record.trials),
        how: how(&record.plan),
        origin: Facts::of(record.manifest.as_ref()),
    };
    let lead = format!(
        "{}, {} trials, suite {}",
        record.slo,
        record.trials.len(),
        record.trials.first().map_or("unknown", |trial| &trial.report.suite)
    );
    Shell::new("Highest rate that holds", lead, body.to_string(), FOOT).to_string()
}

const FOOT: &str =
    "clearway-loadgen find-max. Every figure stands in the search's JSON record under its documented name.";

fn end(record: &SearchRecord) -> Notice {
    let (tone, head) = match (record.end, &record.last_good) {
        (End::Found, Some(_)) => (Tone::Good, "Found"),
        (End::Ceiling | End::Generator | End::Trials | End::Stopped, Some(_)) => (Tone::Warn, "A lower bound only"),
        _ => (Tone::Bad, "No rate was found that holds"),
    };
    let mut said = record.end.to_string();
    if let Some(first) = said.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    Notice::new(tone, head, [format!("{said}.")])
}

fn tiles(record: &SearchRecord) -> Tiles {
    let mut tiles = Tiles::new();
    if let Some(good) = &record.last_good {
        let rate = Unit::PerSecond.print(good.rate_per_s);
        tiles = tiles.with_toned(Tone::Good, "last good", rate, format!("all {} trials good", good.trials));
        let spread = &good.payments_per_second;
        let ends = [spread.min, spread.max].map(|value| Unit::Number.print(value));
        let note = format!("{} to {} over the trials", ends[0], ends[1]);
        tiles = tiles.with("payments there", Unit::PerSecond.print(spread.median), note);
    }
    if let Some(bad) = &record.first_bad {
        let rate = Unit::PerSecond.print(bad.rate_per_s);
        tiles = tiles.with_toned(Tone::Bad, "first bad", rate, "lowest rate above that failed");
    }
    if let (Some(good), Some(bad)) = (&record.last_good, &record.first_bad) {
        let gap = bad.rate_per_s / good.rate_per_s - 1.0;
        let asked = Unit::Share.short(record.plan.precision);
        let between = if gap > record.plan.precision { "; rates between neither held nor failed" } else { "" };
        tiles = tiles.with("gap", Unit::Share.print(gap), format!("{asked} asked for{between}"));
    }
    tiles
}

/// The two rates with the spread of what was measured.
fn standings(record: &SearchRecord) -> Table {
    const HEADINGS: [&str; 7] = ["", "#offered", "measured", "#least", "#median", "#greatest", "#trials"];
    let mut table = Table::new("", &HEADINGS);
    let mut push = |name: &str, tone: Tone, standing: &Standing| {
        let cells = |measured: &str, values: [String; 3]| {
            let [least, median, greatest] = values.map(Cell::from);
            let rate = Unit::PerSecond.print(standing.rate_per_s);
            [
                Cell::toned(tone, name),
                rate.into(),
                measured.into(),
                least,
                median,
                greatest,
                standing.trials.to_string().into(),
            ]
        };
        let spread = standing.payments_per_second;
        table
            .push(cells("payments", [spread.min, spread.median, spread.max].map(|value| Unit::PerSecond.print(value))));
        for criterion in &standing.criteria {
            let mut shown = criterion.shown.split(" / ").map(str::to_owned);
            let values = [(); 3].map(|()| shown.next().unwrap_or_else(|| "–".into()));
            table.push(cells(&criterion.asked, values));
        }
    };
    if let Some(good) = &record.last_good {
        push("last good", Tone::Good, good);
    }
    if let Some(bad) = &record.first_bad {
        push("first bad", Tone::Bad, bad);
    }
    table
}

fn trials(trials: &[Trial]) -> Table {
    let criteria = trials.first().map(|trial| &trial.judgement.criteria[..]).unwrap_or_default();
    let asked: Vec<String> = criteria.iter().map(|judged| format!("#{}", judged.asked)).collect();
    let mut headings = vec!["#trial", "phase", "#offered", "outcome", "#payments"];
    headings.extend(asked.iter().map(String::as_str));
    headings.push("why");
    let mut table = Table::new("", &headings);
    for trial in trials {
        let mut cells = vec![
            Cell::from(trial.number.to_string()),
            trial.phase.to_string().into(),
            Unit::PerSecond.print(trial.rate_per_s).into(),
            Cell::toned(tone(trial.outcome), trial.outcome.to_string()),
            Unit::PerSecond.print(trial.report.payments_per_second).into(),
        ];
        let judged = trial.judgement.criteria.iter();
        cells.extend(
            judged.map(|judged| Cell::toned(if judged.is_met { Tone::Plain } else { Tone::Bad }, judged.shown.clone())),
        );
        cells.push(trial.reasons.join("; ").into());
        table.push(cells);
    }
    table
}

fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Good => Tone::Good,
        Outcome::Bad => Tone::Bad,
        Outcome::Invalid => Tone::Quiet,
    }
}

fn how(plan: &SearchPlan) -> Facts {
    let rate = |rate: f64| Unit::PerSecond.short(rate);
    let seconds = |length: std::time::Duration| Unit::Seconds.short(length.as_secs_f64());
    Facts::new()
        .with(
            "rates",
            format!("from {}, between {} and {}", rate(plan.start_per_s), rate(plan.min_per_s), rate(plan.max_per_s)),
        )
        .with("ramp", format!("each rate {} times the one before", plan.step))
        .with("trial", format!("{} measured after {} of warm-up", seconds(plan.probe), seconds(plan.warm_up)))
        .with("hold", format!("{} measured, {} times, all of them good", seconds(plan.hold), plan.repeats))
        .with("fails", format!("when {} of at most {} trials are bad", plan.bad_needs, plan.bad_of))
        .with("spoiled trials", format!("repeated {} times at most", plan.invalid_max))
        .with("cool-down", seconds(plan.cool_down))
}
