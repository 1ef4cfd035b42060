//! Runs the benchmark under callgrind and reads what gungraun says.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::tools::{Toolchain, cargo};
use crate::error::Error;

/// Instructions by benchmark.
pub type Counts = BTreeMap<String, u64>;

/// Builds and runs `benches/instructions.rs`. Takes as long as a release build and some seconds.
pub(super) fn count(toolchain: &Toolchain) -> Result<Counts, Error> {
    eprintln!("counting with {}, {}", toolchain.valgrind, toolchain.rustc);
    let mut command = Command::new(cargo());
    command.args(["bench", "--quiet", "--package", "clearway-bench", "--bench", "instructions"]);
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")));
    command.env("GUNGRAUN_OUTPUT_FORMAT", "json").stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command.output().map_err(Error::machine("start cargo bench"))?;
    if !output.status.success() {
        return Err(Error::Node(format!("cargo bench ended with {}", output.status)));
    }
    parse_counts(&String::from_utf8_lossy(&output.stdout))
}

/// Reads the JSON lines of gungraun: `function.id` and the instructions that callgrind counted.
///
/// # Errors
/// A line of another form, or none at all.
pub fn parse_counts(lines: &str) -> Result<Counts, Error> {
    let counts: Counts =
        lines.lines().filter(|line| line.starts_with('{')).map(parse_line).collect::<Result<_, _>>()?;
    if counts.is_empty() {
        return Err(Error::Node("gungraun printed no summary".into()));
    }
    Ok(counts)
}

fn parse_line(line: &str) -> Result<(String, u64), Error> {
    let summary: Value = serde_json::from_str(line).map_err(Error::failed("read gungraun's summary"))?;
    let text = |name: &str| summary.get(name).and_then(Value::as_str).unwrap_or("?");
    let name = format!("{}.{}", text("function_name"), text("id"));
    let profiles = summary.get("profiles").and_then(Value::as_array).into_iter().flatten();
    let callgrind =
        profiles.into_iter().find(|profile| profile.get("tool").and_then(Value::as_str) == Some("Callgrind"));
    let instructions =
        callgrind.and_then(|profile| profile.pointer("/data/total/metrics/Ir/values/new")).and_then(Value::as_u64);
    instructions
        .map(|count| (name.clone(), count))
        .ok_or_else(|| Error::Node(format!("gungraun counted nothing for {name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_read_and_noise_is_not() {
        let line = r#"{"function_name":"decode","id":"pay_201","profiles":[{"tool":"DHAT"},{"tool":"Callgrind","data":{"total":{"metrics":{"Ir":{"values":{"new":16896,"old":17000}}}}}}]}"#;
        let counts = parse_counts(&format!("running\n{line}\n\n")).unwrap();
        assert_eq!(counts.into_iter().collect::<Vec<_>>(), [("decode.pay_201".to_owned(), 16_896)]);
        for broken in ["", "{}", "{\"function_name\":", r#"{"function_name":"f","id":"i","profiles":[]}"#] {
            assert!(parse_counts(broken).is_err(), "{broken}");
        }
    }
}
