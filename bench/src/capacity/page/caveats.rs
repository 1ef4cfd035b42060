//! What a reader must know, and how the report is made again.

use clearway_loadgen::html::{Facts, Notice, Table, Tone};
use clearway_loadgen::manifest::rfc_3339;
use clearway_loadgen::plot::Unit;

use super::Section;
use super::form;
use crate::capacity::model::Answer;

pub(super) fn section(answer: &Answer) -> Section {
    let skipped = &answer.measurements.skipped;
    let mut parts = vec![Notice::new(Tone::Warn, "Caveats", answer.caveats.clone()).to_string()];
    if !skipped.is_empty() {
        parts.push(Notice::new(Tone::Warn, "Not measured here", skipped.clone()).to_string());
    }
    Section { id: "caveats", title: "Caveats", lead: Vec::new(), parts }
}

pub(super) fn manifest_section(answer: &Answer) -> Section {
    Section {
        id: "manifest",
        title: "Manifest",
        lead: vec![
            "Raw files: raw/*.json and raw/*.hlog beside this page. Derive every number from them again, and compare: clearway-bench capacity --verify DIR. Plan anew without measuring: clearway-bench capacity --measured DIR --out OTHER."
                .into(),
        ],
        parts: vec![facts(answer).to_string(), floors(answer).to_string()],
    }
}

fn facts(answer: &Answer) -> Facts {
    let measurements = &answer.measurements;
    let (machine, setting) = (&measurements.machine, &measurements.setting);
    Facts::new()
        .with("command", machine.command.join(" "))
        .with("course", if measurements.quick { "quick" } else { "full" })
        .with("seed", measurements.seed.to_string())
        .with("began", rfc_3339(machine.started_unix_s.saturating_mul(1_000)))
        .with_known("commit", machine.commit.clone())
        .with("build", machine.build.clone())
        .with_known("compiler", machine.rustc.clone())
        .with("processor", machine.cpu.clone())
        .with("cores", format!("{}: node {}, load {}", machine.cores, machine.node_cores, machine.load_cores))
        .with("memory", Unit::Bytes.print(machine.memory_bytes as f64))
        .with("virtual machine", if machine.virtual_machine { "yes" } else { "no" })
        .with("kernel", machine.kernel.clone())
        .with("file system", machine.filesystem.clone())
        .with("headline", form::under(answer))
        .with("participants", format!("{} institutions, {} banks", setting.institutions, setting.banks))
        .with("signatures checked by the load", Unit::Share.print(setting.verify_share))
}

fn floors(answer: &Answer) -> Table {
    let floors = &answer.measurements.floors;
    let mut table = Table::new("Floors of this machine, measured in the same course", &["floor", "#value", "by"]);
    for floor in &floors.signatures {
        let value = format!("{} + {}", Unit::Micros.print(floor.sign_us), Unit::Micros.print(floor.verify_us));
        table.push([format!("{}, sign + verify", floor.suite), value, floor.backend.clone()]);
    }
    let sync = floors.sync_us;
    let mut push = |name: &str, value: String, by: &str| table.push([name.to_owned(), value, by.to_owned()]);
    push("bare HTTP exchange, server's side", Unit::Micros.print(floors.exchange_us), "hyper");
    let times = [sync.p50, sync.p99, sync.max].map(|time| Unit::Micros.print(time)).join(" / ");
    push("durable write of 4 KiB, p50 / p99 / max", times, "fdatasync");
    push("durable stream, a second", form::known(floors.disk_bytes_per_s, Unit::Bytes), "write and sync");
    push("memory of a payment in the table", form::known(floors.bytes_per_live_payment, Unit::Bytes), "RSS");
    table
}
