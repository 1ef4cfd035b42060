//! The demo's closing table.

use clearway_loadgen::kind::Kind;
use comfy_table::{Cell, CellAlignment, Table, presets};

use super::outcome::Outcome;
use crate::rig::Quantiles;

/// One table: what was asked, what came, what it cost, and whether it was right.
pub(super) fn table(outcome: &Outcome) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(vec!["clearway demo", ""]);
    let mut row = |name: &str, value: String| {
        table.add_row(vec![name.to_owned(), value]);
    };
    row(
        "rate",
        format!(
            "{:.0} payments/s final, of {:.0} requests/s for {:.0} s",
            outcome.payments_per_second, outcome.rate, outcome.seconds
        ),
    );
    row("internal_us", quantiles(&outcome.internal_us));
    row("response_us", quantiles(&outcome.response_us));
    row("CPU per payment", cost(outcome));
    row("suite", format!("{}, floor by {}", outcome.suite, outcome.crypto_floor.backend));
    row("transport", outcome.transport.to_string());
    row("durability", format!("{} on {}", outcome.durability, outcome.machine.filesystem.kind));
    row("journal driver", outcome.journal_driver.clone());
    row(
        "cores",
        format!(
            "{}; node {:.0} % busy, load {:.0} %, others {:.0} % of all",
            outcome.cores.describe(),
            outcome.node_busy * 100.0,
            outcome.load_busy * 100.0,
            outcome.others_busy * 100.0
        ),
    );
    row("generator's CPU", {
        let cost = outcome.generator_cpu_us_per_payment;
        let banks = cost.banks.unwrap_or_default();
        format!("{:.0} us of a payment: sender {:.0}, banks {banks:.0}", cost.sender + banks, cost.sender)
    });
    row("verdict", verdict(outcome));
    table
}

/// Where a payment's time and CPU went inside the node; the last rows are what the stages are to sum to, measured without them, and what
/// is missing from that.
pub(super) fn stages(outcome: &Outcome) -> Table {
    let (stages, residual) = (&outcome.stages, outcome.residual);
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(["stage", "time, us of a payment", "CPU, us of a payment", "CPU, %"]);
    let rows = stages.stages.iter().map(|stage| (stage.name.as_str(), stage.wall_us, stage.cpu_us));
    let rest = [("residual", residual.wall_us, residual.cpu_us), ("total", stages.total_wall_us, stages.total_cpu_us)];
    for (name, wall_us, cpu_us) in rows.chain(rest) {
        let share = cpu_us / stages.total_cpu_us.max(f64::MIN_POSITIVE) * 100.0;
        let figures = [format!("{wall_us:.1}"), format!("{cpu_us:.1}"), format!("{share:.1}")];
        let figures = figures.map(|text| Cell::new(text).set_alignment(CellAlignment::Right));
        table.add_row([Cell::new(name)].into_iter().chain(figures));
    }
    table
}

/// How the transactions of each business ended, and the other requests; none for a run of payments alone.
pub(super) fn businesses(outcome: &Outcome) -> Option<Table> {
    if outcome.businesses.len() <= 2 {
        return None;
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(["business", "sent", "00", "01", "03", "04", "refused", "other"]);
    for (business, ended) in &outcome.businesses {
        let counts = [
            ended.sent,
            ended.success,
            ended.failure,
            ended.presumed_success,
            ended.presumed_failure,
            ended.refused,
            ended.other,
        ];
        let counts = counts.map(|count| count.to_string());
        table.add_row([business.row().name.to_owned()].into_iter().chain(counts));
    }
    Some(table)
}

/// What came of the requests that are no transactions of their own; none for a run of payments alone.
pub(super) fn questions(outcome: &Outcome) -> Option<Table> {
    if outcome.businesses.len() <= 2 {
        return None;
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(["request", "answers"]);
    for kind in Kind::ALL.iter().filter(|kind| kind.business().is_none()) {
        let outcomes = outcome.requests.get(kind.name()).into_iter().flatten();
        let answers: Vec<_> = outcomes.map(|(answer, count)| format!("{answer} {count}")).collect();
        table.add_row([kind.name(), &answers.join("  ")]);
    }
    Some(table)
}

/// What must be said beside the table.
pub(super) fn remarks(outcome: &Outcome) -> Vec<String> {
    let invalid = outcome.invalid_because.iter().map(|reason| format!("INVALID: {reason}"));
    let broken =
        outcome.oracle.examples.iter().map(|case| format!("{:?} {}: {}", case.violation, case.trx_id, case.found));
    let registry = &outcome.registry;
    let count = format!("registry: {} of {} agreements and mandates differ", registry.differing, registry.asked);
    let registry = (registry.asked > 0).then_some(count).into_iter().chain(registry.examples.iter().cloned());
    invalid.chain(broken).chain(registry).collect()
}

fn quantiles(seen: &Quantiles) -> String {
    let Quantiles { p50, p90, p99, p999, max } = seen;
    format!("p50 {p50}  p90 {p90}  p99 {p99}  p999 {p999}  max {max}")
}

fn cost(outcome: &Outcome) -> String {
    format!(
        "{:.0} us = {:.2} x the signatures' {:.0} us; the rest is {:.2} x three bare HTTP exchanges of {:.1} us",
        outcome.cpu_us_per_payment,
        outcome.cpu_us_per_payment / outcome.crypto_floor_us,
        outcome.crypto_floor_us,
        outcome.overhead,
        outcome.exchange_floor.server_cpu_us
    )
}

fn verdict(outcome: &Outcome) -> String {
    let Outcome { accepted, finals, unknown, lost, debited_twice, oracle, .. } = outcome;
    let conserved = if oracle.money_conserved { "conserved" } else { "NOT conserved" };
    format!(
        "{}: accepted {accepted}, final {finals}, unknown {unknown}, lost {lost}, debited twice {debited_twice}, illegal states {}, money {conserved}",
        outcome.verdict.to_uppercase(),
        oracle.illegal_states
    )
}
