//! The comparison on a terminal.

use comfy_table::{Cell, CellAlignment, Table, presets};

use super::outcome::{Cost, Outcome, Percentiles, Sight, Stage};

/// A table for each scenario, and one of costs.
pub(super) fn tables(outcome: &Outcome) -> Vec<Table> {
    let mut tables: Vec<Table> = outcome.stages.iter().map(of_stage).collect();
    tables.push(of_costs(&outcome.costs));
    tables
}

fn table(header: &[String]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(header);
    table
}

fn number(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

fn of_stage(stage: &Stage) -> Table {
    let heads = [stage.name.as_str(), "requests/s", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "reported / true"];
    let mut table = table(&heads.map(str::to_owned));
    let row = |name: &str, rate: f64, percentiles: &Percentiles, ratios: String| {
        let mut cells = vec![Cell::new(name), number(format!("{rate:.0}"))];
        cells.extend(percentiles.pairs().map(|(_, value_us)| number(format!("{:.2}", value_us / 1e3))));
        cells.push(Cell::new(ratios));
        cells
    };
    table.add_row(row("true", stage.rate_per_s, &stage.truth, String::new()));
    for sight in &stage.sights {
        table.add_row(row(&sight.generator, sight.rate_per_s, &sight.percentiles, ratios(stage, sight)));
    }
    table
}

/// Reported / true at the judged quantiles, or why there is nothing to compare.
pub(super) fn ratios(stage: &Stage, sight: &Sight) -> String {
    if sight.percentiles == Percentiles::default() {
        return sight.doubts.join("; ");
    }
    let told = |(quantile, ratio): (f64, f64)| format!("p{} {ratio:.3}", quantile * 100.0);
    stage.ratios(sight).into_iter().map(told).collect::<Vec<_>>().join(", ")
}

fn of_costs(costs: &[Cost]) -> Table {
    let heads = ["cost", "requests/s", "CPU us a request", "requests per core-second", "beside ours"];
    let mut table = table(&heads.map(str::to_owned));
    let ours = costs.first().map_or(0.0, |ours| ours.requests_per_core_second);
    for cost in costs {
        table.add_row(vec![
            Cell::new(&cost.generator),
            number(format!("{:.0}", cost.rate_per_s)),
            number(format!("{:.2}", cost.cpu_us_per_request)),
            number(format!("{:.0}", cost.requests_per_core_second)),
            number(format!("{:.2}", cost.requests_per_core_second / ours.max(f64::MIN_POSITIVE))),
        ]);
    }
    table
}

/// What is said beneath them.
pub(super) fn remarks(outcome: &Outcome) -> Vec<String> {
    let hold = &outcome.hold;
    let mut remarks = vec![format!(
        "rate: {:.1}/s sent of {:.1}/s due ({:+.3} %), lateness p50 {} us, p99 {} us, max {} us",
        hold.achieved_per_s,
        hold.offered_per_s,
        (hold.ratio() - 1.0) * 100.0,
        hold.lateness_p50_us,
        hold.lateness_p99_us,
        hold.lateness_max_us
    )];
    remarks.extend(outcome.stages.iter().map(|stage| format!("{}: {}", stage.name, stage.remark)));
    remarks.extend(outcome.costs.iter().map(|cost| format!("{}: {}", cost.generator, cost.reason)));
    let skipped = |found: &super::Found| Some(format!("SKIPPED {}: {}", found.name, found.skipped.as_ref()?));
    remarks.extend(outcome.generators.iter().filter_map(skipped));
    let others = outcome
        .stages
        .iter()
        .flat_map(|stage| stage.sights.iter().skip(1))
        .map(|sight| (&sight.generator, &sight.doubts));
    let costs = outcome.costs.iter().map(|cost| (&cost.generator, &cost.doubts));
    let doubted =
        others.chain(costs).flat_map(|(name, doubts)| doubts.iter().map(move |doubt| format!("{name}: {doubt}")));
    remarks.extend(doubted);
    let misses = outcome.misses();
    if misses.is_empty() {
        remarks.push("clearway-loadgen reports what is true, and holds its rate".to_owned());
    }
    remarks.extend(misses.into_iter().map(|miss| format!("MISSES {miss}")));
    remarks
}
