//! Generators that others wrote, as processes of their own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::outcome::{Found, Percentiles};
use crate::cpu::{children_cpu, pin};
use crate::error::Error;
use crate::interrupt;

/// What wrk is told to print at its end: its own text has no 99.9 %, and units that change.
const WRK_SCRIPT: &str = r#"done = function(summary, latency, requests)
  io.write(string.format('{"requests":%d,"seconds":%f,"p50":%f,"p90":%f,"p99":%f,"p999":%f}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(90),
    latency:percentile(99), latency:percentile(99.9)))
end
"#;
/// A process that has not ended so long after its time is stopped, in seconds.
const GRACE_S: u64 = 15;

/// One of them.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    kind: Kind,
    program: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Wrk,
    Oha,
    /// With --latency-correction.
    OhaCorrected,
}

/// What is asked of one.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) url: String,
    pub(super) connections: usize,
    pub(super) length: Duration,
    /// `None` = as fast as it can.
    pub(super) rate_per_s: Option<f64>,
    pub(super) core: Option<usize>,
}

/// What one has done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seen {
    pub(super) requests: f64,
    pub(super) seconds: f64,
    pub(super) percentiles: Percentiles,
    /// User and system time of its process; `None` when the system does not say.
    pub(super) cpu: Option<Duration>,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Wrk => "wrk",
            Self::Oha => "oha",
            Self::OhaCorrected => "oha --latency-correction",
        }
    }

    /// Whether it can be told how many requests a second to make.
    pub(super) const fn holds_rates(self) -> bool {
        !matches!(self, Self::Wrk)
    }

    const fn installation(self) -> &'static str {
        match self {
            Self::Wrk => "Debian: apt install wrk",
            Self::Oha | Self::OhaCorrected => "cargo install oha",
        }
    }
}

impl Peer {
    /// Looks whether it is there.
    pub(super) fn find(kind: Kind, program: &Path) -> (Found, Option<Self>) {
        let asked = Command::new(program).arg(if kind == Kind::Wrk { "-v" } else { "--version" }).output();
        let name = kind.name().to_owned();
        match asked {
            Ok(output) => {
                // wrk prints its version and then complains that it was given no URL.
                let text = [output.stdout, output.stderr].concat();
                let line = String::from_utf8_lossy(&text).lines().next().unwrap_or_default().trim().to_owned();
                let found = Found { name, version: Some(line), skipped: None };
                (found, Some(Self { kind, program: program.to_owned() }))
            }
            Err(error) => {
                let why = format!("{}: {error} ({})", program.display(), kind.installation());
                (Found { name, version: None, skipped: Some(why) }, None)
            }
        }
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// It could not be run, failed, or printed something else than it does.
    pub(super) fn run(&self, call: &Call) -> Result<Seen, Error> {
        let folder = tempfile::tempdir().map_err(Error::machine("a folder for a script"))?;
        let script = folder.path().join("done.lua");
        std::fs::write(&script, WRK_SCRIPT).map_err(Error::machine("write a script"))?;
        let mut command = self.bounded(call, &script);
        let before = children_cpu();
        // A process inherits the core of the thread that starts it.
        let output = std::thread::scope(|scope| {
            let started = scope.spawn(|| {
                pin(call.core);
                command.output()
            });
            started.join()
        });
        interrupt::check()?;
        let output = output
            .map_err(|_| Error::Failed { what: "start a generator", why: "a thread panicked".into() })?
            .map_err(Error::machine(format!("run {}", self.program.display())))?;
        if !output.status.success() {
            let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(Error::Failed { what: "run another generator", why: format!("{}: {why}", self.kind.name()) });
        }
        let cpu = children_cpu().zip(before).map(|(after, before)| after.saturating_sub(before));
        let text = String::from_utf8_lossy(&output.stdout);
        let parsed = if self.kind == Kind::Wrk { parse_wrk(&text) } else { parse_oha(&text) };
        let parsed = parsed.ok_or_else(|| Error::Failed {
            what: "read what another generator printed",
            why: format!("{}: {}", self.kind.name(), text.chars().take(200).collect::<String>()),
        })?;
        Ok(Seen { cpu, ..parsed })
    }

    /// Its command line, behind one that ends it in any case.
    fn bounded(&self, call: &Call, script: &Path) -> Command {
        let mut command = Command::new("timeout");
        let limit = call.length.as_secs() + GRACE_S;
        command.args(["--signal=INT", "--kill-after=5"]).arg(limit.to_string()).arg(&self.program);
        command.args(arguments(self.kind, call));
        if self.kind == Kind::Wrk {
            command.arg("-s").arg(script);
        }
        command.arg(&call.url);
        command
    }
}

/// What stands between program and URL.
pub(super) fn arguments(kind: Kind, call: &Call) -> Vec<String> {
    let seconds = call.length.as_secs().max(1);
    let connections = format!("-c{}", call.connections);
    if kind == Kind::Wrk {
        return ["-t1".to_owned(), connections, format!("-d{seconds}s"), "--latency".to_owned()].into();
    }
    let mut arguments = ["--no-tui", "--output-format", "json", "-w"].map(str::to_owned).to_vec();
    arguments.extend([connections, format!("-z{seconds}s")]);
    arguments.extend(call.rate_per_s.map(|rate| format!("-q{rate:.0}")));
    arguments.extend((kind == Kind::OhaCorrected).then(|| "--latency-correction".to_owned()));
    arguments
}

/// The line of our script among wrk's own.
fn parse_wrk(text: &str) -> Option<Seen> {
    #[derive(Deserialize)]
    struct Line {
        requests: f64,
        seconds: f64,
        p50: f64,
        p90: f64,
        p99: f64,
        p999: f64,
    }
    let line = text.lines().rev().find(|line| line.starts_with('{'))?;
    let Line { requests, seconds, p50, p90, p99, p999 } = serde_json::from_str(line).ok()?;
    let percentiles = Percentiles { p50_us: p50, p90_us: p90, p99_us: p99, p999_us: p999 };
    (requests > 0.0 && seconds > 0.0).then_some(Seen { requests, seconds, percentiles, cpu: None })
}

/// oha's JSON; its times are seconds.
fn parse_oha(text: &str) -> Option<Seen> {
    let value: Value = serde_json::from_str(text.get(text.find('{')?..)?.trim()).ok()?;
    let micros = |name: &str| Some(value.get("latencyPercentiles")?.get(name)?.as_f64()? * 1e6);
    let summary = |name: &str| value.get("summary")?.get(name)?.as_f64();
    let (seconds, rate) = (summary("total")?, summary("requestsPerSec")?);
    let percentiles = Percentiles {
        p50_us: micros("p50")?,
        p90_us: micros("p90")?,
        p99_us: micros("p99")?,
        p999_us: micros("p99.9")?,
    };
    (rate > 0.0).then_some(Seen { requests: rate * seconds, seconds, percentiles, cpu: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(rate_per_s: Option<f64>) -> Call {
        let length = Duration::from_secs(20);
        Call { url: "http://127.0.0.1:1/".into(), connections: 10, length, rate_per_s, core: None }
    }

    #[test]
    fn what_wrk_prints_is_read() {
        let text = "Running 20s test @ http://127.0.0.1:18977/\n  1 threads and 4 connections\n  82499 requests in 20.01s\n\
            {\"requests\":82499,\"seconds\":20.005731,\"p50\":600.0,\"p90\":6816,\"p99\":871782,\"p999\":989657}\n";
        let seen = parse_wrk(text).unwrap();
        assert_eq!((seen.requests, seen.percentiles.p99_us), (82_499.0, 871_782.0));
        for broken in ["", "unable to connect", "{\"requests\":0}", "{\"requests\":nan,\"seconds\":1}"] {
            assert_eq!(parse_wrk(broken), None, "{broken}");
        }
    }

    #[test]
    fn what_oha_prints_is_read() {
        let text = r#"{"summary": {"successRate": 1.0, "total": 2.0, "requestsPerSec": 500.0},
            "latencyPercentiles": {"p10": 0.01, "p50": 0.0201, "p90": 0.021, "p99": 0.03, "p99.9": 0.04, "p99.99": 0.05}}"#;
        let seen = parse_oha(text).unwrap();
        assert_eq!((seen.requests, seen.percentiles.p50_us.round()), (1_000.0, 20_100.0));
        for broken in ["", "{}", r#"{"summary": {"total": 1, "requestsPerSec": null}}"#] {
            assert_eq!(parse_oha(broken), None, "{broken}");
        }
    }

    #[test]
    fn rates_are_asked_of_those_that_hold_them() {
        let asked = |kind, rate| arguments(kind, &call(rate)).join(" ");
        assert_eq!(asked(Kind::Wrk, Some(500.0)), "-t1 -c10 -d20s --latency");
        assert_eq!(asked(Kind::Oha, None), "--no-tui --output-format json -w -c10 -z20s");
        assert!(asked(Kind::OhaCorrected, Some(600.0)).ends_with("-q600 --latency-correction"));
    }

    #[test]
    fn one_that_is_not_there_is_left_out_with_the_reason() {
        let (found, peer) = Peer::find(Kind::Oha, Path::new("/nowhere/oha"));
        assert!(peer.is_none() && found.version.is_none());
        assert!(found.skipped.unwrap().contains("cargo install oha"));
    }
}
