//! The comparison as a page.

use clearway_loadgen::html::{Cell, Facts, Notice, Shell, Table, Tone};

use super::outcome::{Cost, OFF_LAW_MAX, Outcome, Sight, Stage};
use super::show::words;

/// A function of the outcome alone.
pub(super) fn page(outcome: &Outcome) -> String {
    let misses = outcome.misses();
    let verdict = if misses.is_empty() {
        Notice::new(Tone::Good, "clearway-loadgen reports what is true, and holds its rate", Vec::<String>::new())
    } else {
        Notice::new(Tone::Bad, "clearway-loadgen misses", misses)
    };
    let mut body = verdict.to_string();
    body.extend(outcome.stages.iter().map(of_stage));
    body += &of_costs(&outcome.costs);
    body += &Notice::new(Tone::Plain, "In words", words(outcome)).to_string();
    body += &facts(outcome);
    let lead = "One server whose percentiles are known; the same load by each generator, one after the other.";
    Shell::new("Load generators beside each other", lead, body, "written by clearway-bench generators").to_string()
}

fn of_stage(stage: &Stage) -> String {
    let heads = ["generator", "#requests/s", "#p50 ms", "#p90 ms", "#p99 ms", "#p99.9 ms"];
    let mut table = Table::new(format!("{}: {}", stage.name, stage.what), &heads);
    let mut truth = vec![Cell::from("true"), Cell::from(format!("{:.0}", stage.rate_per_s))];
    truth.extend(stage.truth.pairs().map(|(_, value_us)| Cell::from(millis(value_us))));
    table.push(truth);
    stage.sights.iter().for_each(|sight| table.push(cells(stage, sight)));
    table.to_string()
}

/// A generator's row; how far it is off the truth stands beneath each percentile that ours is judged by.
fn cells(stage: &Stage, sight: &Sight) -> Vec<Cell> {
    let ratios = stage.ratios(sight);
    let mut cells = vec![Cell::from(sight.generator.clone()), Cell::from(format!("{:.0}", sight.rate_per_s))];
    cells.extend(sight.percentiles.pairs().map(|(quantile, value_us)| {
        match ratios.iter().find(|(judged, _)| *judged == quantile) {
            Some((_, ratio)) => {
                let tone = Tone::of((ratio - 1.0).abs() <= OFF_LAW_MAX);
                Cell::toned(tone, millis(value_us)).noted(format!("{ratio:.3} of it"))
            }
            None => Cell::from(millis(value_us)),
        }
    }));
    cells
}

fn millis(value_us: f64) -> String {
    format!("{:.2}", value_us / 1e3)
}

fn of_costs(costs: &[Cost]) -> String {
    let heads = ["generator", "#requests/s", "#CPU us a request", "#requests per core-second"];
    let mut table = Table::new("Cost of a request", &heads);
    for cost in costs {
        table.push([
            cost.generator.clone(),
            format!("{:.0}", cost.rate_per_s),
            format!("{:.2}", cost.cpu_us_per_request),
            format!("{:.0}", cost.requests_per_core_second),
        ]);
    }
    table.to_string()
}

fn facts(outcome: &Outcome) -> String {
    let mut facts = Facts::new()
        .with("machine", outcome.machine.describe())
        .with("cores", outcome.cores.describe())
        .with("seed", outcome.seed.to_string());
    for found in &outcome.generators {
        facts = facts.with_known(found.name.clone(), found.version.clone().or_else(|| found.skipped.clone()));
    }
    facts.to_string()
}
