//! The comparison as a page.

use clearway_loadgen::html::{Facts, Notice, Shell, Table, Tone};

use super::outcome::{Cost, Outcome, Percentiles, Stage};
use super::show::{ratios, remarks};

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
    body += &Notice::new(Tone::Plain, "In words", remarks(outcome)).to_string();
    body += &facts(outcome);
    let lead = "One server whose percentiles are known; the same load by each generator, one after the other.";
    Shell::new("Load generators beside each other", lead, body, "written by clearway-bench generators").to_string()
}

fn of_stage(stage: &Stage) -> String {
    let heads = ["generator", "requests/s", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "reported / true"];
    let mut table = Table::new(format!("{}: {}", stage.name, stage.what), &heads);
    let row = |name: &str, rate: f64, percentiles: &Percentiles, told: String| {
        let mut cells = vec![name.to_owned(), format!("{rate:.0}")];
        cells.extend(percentiles.pairs().map(|(_, value_us)| format!("{:.2}", value_us / 1e3)));
        cells.push(told);
        cells
    };
    table.push(row("true", stage.rate_per_s, &stage.truth, String::new()));
    for sight in &stage.sights {
        table.push(row(&sight.generator, sight.rate_per_s, &sight.percentiles, ratios(stage, sight)));
    }
    table.to_string()
}

fn of_costs(costs: &[Cost]) -> String {
    let heads = ["generator", "requests/s", "CPU us a request", "requests per core-second"];
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
