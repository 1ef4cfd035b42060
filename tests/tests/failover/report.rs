//! The table of scenarios: printed, and written where `CLEARWAY_FAILOVER_REPORT` says (`.json` as JSON, else as markdown).

use std::fmt::Write;

use crate::rig::Outcome;

/// One row.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) position: &'static str,
    pub(crate) fault: &'static str,
    pub(crate) switched_after_ms: Option<u64>,
    pub(crate) outcome: Outcome,
}

/// Where the report goes.
const FILE: &str = "CLEARWAY_FAILOVER_REPORT";

/// Prints the rows, and writes them if somebody wants them.
pub(crate) fn publish(rows: &[Row]) {
    let table = markdown(rows);
    println!("{table}");
    if let Some(file) = std::env::var_os(FILE) {
        let wants_json = std::path::Path::new(&file).extension().is_some_and(|extension| extension == "json");
        let text = if wants_json { json(rows) } else { table };
        std::fs::write(&file, text).unwrap_or_else(|error| panic!("{FILE}={}: {error}", file.display()));
    }
}

fn markdown(rows: &[Row]) -> String {
    let mut text = String::from(
        "| position | fault | to the standby after | payments | not 00 | presumed | unknown for a while | oracle |\n\
         |---|---|---:|---:|---:|---:|---:|---|\n",
    );
    for Row { position, fault, switched_after_ms, outcome } in rows {
        let Outcome { verdict, failed, presumed, unknown, payments } = outcome;
        let switched = switched_after_ms.map_or_else(|| "-".to_owned(), |ms| format!("{ms} ms"));
        let judged = if verdict.ok { "ok" } else { "NOT OK" };
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "| {position} | {fault} | {switched} | {payments} | {failed} | {presumed} | {unknown} | {judged} |"
        );
    }
    text
}

fn json(rows: &[Row]) -> String {
    let row = |row: &Row| {
        serde_json::json!({
            "position": row.position,
            "fault": row.fault,
            "switched_after_ms": row.switched_after_ms,
            "payments": row.outcome.payments,
            "not_success": row.outcome.failed,
            "presumed": row.outcome.presumed,
            "unknown": row.outcome.unknown,
            "verdict_ok": row.outcome.verdict.ok,
            "violations": row.outcome.verdict.violations,
        })
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    format!("{:#}\n", serde_json::json!({ "scenarios": rows }))
}
