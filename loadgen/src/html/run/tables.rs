//! The tables of a run.

use crate::histogram::Quantiles;
use crate::html::{Cell, Facts, Notice, Table, Tone};
use crate::oracle::Verdict;
use crate::plot::{Unit, grouped};
use crate::record::RunRecord;
use crate::report::Report;
use crate::schedule::Arrival;
use crate::settle::Settled;
use serde_json::Value;
use std::time::Duration;

pub(super) fn count(value: u64) -> String {
    Unit::Count.print(value as f64)
}

fn micros(value: u64) -> String {
    Unit::Micros.print(value as f64)
}

/// Latencies by what they count from.
pub(super) fn quantiles(report: &Report) -> Table {
    let mut table = Table::new("", &["latency", "#p50", "#p90", "#p99", "#p99.9", "#max", "#mean", "#values"]);
    let rows = [
        ("response", &report.response_us),
        ("service", &report.service_us),
        ("inside the node", &report.internal_us),
        ("lateness of the generator", &report.lateness_us),
    ];
    for (name, quantiles) in rows.into_iter().filter(|(_, quantiles)| quantiles.count > 0) {
        table.push(quantile_cells(name, quantiles));
    }
    table
}

fn quantile_cells(name: &str, quantiles: &Quantiles) -> Vec<String> {
    let Quantiles { p50, p90, p99, p999, max, mean, count: values } = *quantiles;
    let mut cells = vec![name.to_owned()];
    cells.extend([p50, p90, p99, p999, max].map(micros));
    cells.extend([Unit::Micros.print(mean), count(values)]);
    cells
}

/// Where every scheduled request went.
pub(super) fn counts(report: &Report) -> Table {
    let mut table = Table::new("", &["requests", "#count", "#share"]);
    let rows = [
        ("scheduled", report.scheduled, false, "their instant came"),
        ("sent", report.sent, false, "handed to the network"),
        ("late", report.late, true, "left more than 1 ms after their instant"),
        ("dropped", report.dropped, true, "never left: no connection free, backlog full"),
        ("unknown", report.unknown, true, "no usable answer: the institution does not know the outcome"),
        ("refused", report.refused, false, "a signed refusal came back"),
        ("refused unasked", report.refused_unasked, true, "of those, refusals that the mix did not ask for"),
        ("unrefused", report.unrefused, true, "asked for by the mix, but no refusal came"),
        ("finals", report.finals, false, "a final receipt came back"),
        ("affected", report.affected, true, "due in the window, no success by the deadline"),
        ("errors", report.errors, true, "dropped, unknown, refused unasked, or not refused as asked"),
    ];
    for (name, value, is_fault, meaning) in rows {
        let tone = if is_fault && value > 0 { Tone::Bad } else { Tone::Plain };
        let share = Unit::Share.print(value as f64 / report.scheduled.max(1) as f64);
        table.push([Cell::from(name).noted(meaning), Cell::toned(tone, count(value)), share.into()]);
    }
    table
}

/// Each kind of request and what came of it.
pub(super) fn kinds(report: &Report) -> Table {
    let mut table = Table::new("", &["kind", "#sent", "#p50", "#p99", "#max", "outcomes"]);
    for (name, kind) in report.kinds.iter().filter(|(_, kind)| kind.sent > 0) {
        let outcomes: Vec<String> =
            kind.outcomes.iter().map(|(outcome, cases)| format!("{outcome} {}", count(*cases))).collect();
        let Quantiles { p50, p99, max, .. } = kind.response_us;
        table.push([name.clone(), count(kind.sent), micros(p50), micros(p99), micros(max), outcomes.join(", ")]);
    }
    table
}

/// The oracle's judgement, for the top of the page.
pub(super) fn verdict_notice(verdict: &Verdict) -> Notice {
    let told = format!(
        "{} accepted, {} final, {} unknown, {} lost, {} debited twice, money {}.",
        count(verdict.accepted),
        count(verdict.finals),
        count(verdict.unknown),
        count(verdict.lost),
        count(verdict.debited_twice),
        if verdict.money_conserved { "conserved" } else { "NOT conserved" }
    );
    let (tone, head) = match (verdict.ok, verdict.is_safe()) {
        (true, _) => (Tone::Good, "Books agree"),
        (false, true) => (Tone::Warn, "No rule broken, but not everything has an end"),
        (false, false) => (Tone::Bad, "A rule was broken"),
    };
    Notice::new(tone, head, [told])
}

/// The oracle's figures, and what settling took.
pub(super) fn judged(verdict: &Verdict, settled: Option<&Settled>) -> Facts {
    let facts = Facts::new()
        .with("accepted", count(verdict.accepted))
        .with("final", count(verdict.finals))
        .with("unknown", count(verdict.unknown))
        .with("refused", count(verdict.refused))
        .with("unsent", count(verdict.unsent))
        .with("lost", count(verdict.lost))
        .with("debited twice", count(verdict.debited_twice))
        .with("credited twice", count(verdict.credited_twice))
        .with("debited", fen(verdict.debited_fen))
        .with("credited", fen(verdict.credited_fen))
        .with("illegal states", count(verdict.illegal_states));
    let Some(settled) = settled else { return facts };
    let told = format!(
        "{} open, {} queries, {} rounds, {}, {} remain",
        count(settled.open),
        count(settled.queries),
        settled.rounds,
        Unit::Seconds.short(settled.seconds),
        count(settled.remaining)
    );
    facts.with("settled", told)
}

/// Money, exactly.
fn fen(amount: u128) -> String {
    format!("{} fen", grouped(&amount.to_string()))
}

/// Cases of broken rules; empty when there are none.
pub(super) fn examples(verdict: Option<&Verdict>) -> Table {
    let mut table = Table::new("Cases", &["rule", "transaction", "found"]);
    for example in verdict.iter().flat_map(|verdict| &verdict.examples) {
        table.push([format!("{:?}", example.violation), example.trx_id.clone(), example.found.clone()]);
    }
    table
}

pub(super) fn arrival(report: &Report) -> &'static str {
    match report.plan.arrival {
        Arrival::Constant => "evenly spaced",
        Arrival::Poisson => "Poisson",
    }
}

/// What was asked for.
pub(super) fn plan(record: &RunRecord) -> Facts {
    let (report, plan) = (&record.report, &record.report.plan);
    let facts = Facts::new()
        .with("schedule", plan.profile.to_string())
        .with("arrivals", arrival(report))
        .with("duration", seconds(plan.duration))
        .with("measured window", window(report))
        .with("mix", mix(report))
        .with(
            "goodput",
            format!("{} by the deadline of {}", Unit::PerSecond.short(report.goodput_per_s), seconds(plan.deadline)),
        )
        .with("seed", plan.seed.to_string())
        .with("run number", report.run_number.to_string())
        .with("signature suite", report.suite.clone())
        .with("connections", format!("{} opened, {} at most", report.connections, plan.connections_max))
        .with("signed ahead", signed_ahead(report))
        .with("signatures checked", format!("{} of the answers", Unit::Share.short(plan.verify_share)))
        .with("abort valve", valve(report))
        .with("sender's CPU", sender(report));
    match &record.manifest {
        Some(manifest) => facts.with_manifest(manifest),
        None => facts,
    }
}

fn seconds(length: Duration) -> String {
    Unit::Seconds.short(length.as_secs_f64())
}

/// Weights and shares that are not 0, under their names in the record.
fn mix(report: &Report) -> String {
    let Ok(Value::Object(weights)) = serde_json::to_value(&report.plan.mix) else { return String::new() };
    let told = weights.iter().filter_map(|(name, value)| Some((name, value.as_f64().filter(|value| *value != 0.0)?)));
    told.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
}

fn signed_ahead(report: &Report) -> String {
    if report.plan.signed_before {
        "all, before the first instant".into()
    } else {
        format!("{} ms at most", report.plan.prepare_ahead.as_millis())
    }
}

fn valve(report: &Report) -> String {
    let valve = &report.plan.valve;
    let in_flight = valve.in_flight_max.map(|most| format!("{} under way", count(most as u64)));
    let silence = valve.silence_max.map(|silence| format!("{} without an answer", seconds(silence)));
    let limits: Vec<String> = in_flight.into_iter().chain(silence).collect();
    if limits.is_empty() { "off".into() } else { format!("at {}", limits.join(" or ")) }
}

fn window(report: &Report) -> String {
    let length = |value: f64| Unit::Seconds.short(value);
    format!(
        "{}, after {} of warm-up and without {} of drain",
        length(report.window_seconds),
        length(report.window_start_s),
        length(report.drain_seconds)
    )
}

fn sender(report: &Report) -> String {
    let cost = Unit::Micros.print(report.sender_cpu_us_per_request);
    format!("{cost} a request, {} of a core", Unit::Share.print(report.sender_busy))
}
