//! `clearway trace` and `clearway journal`.

use serde::Serialize;

use super::command::{InspectArguments, TraceArguments, VerifyArguments};
use super::progress::Bar;
use super::{Verdict, print};
use crate::audit::{self, SignatureJudge};
use crate::config::Config;
use crate::error::{Error, Fault};

pub(super) fn run_trace(arguments: &TraceArguments) -> Result<Verdict, Error> {
    let config = Config::load(&arguments.config)?;
    let Some(trace) = audit::trace(&config, arguments.trx_id, arguments.evidence, &segments())? else {
        eprintln!("clearway: no payment {} in {}", arguments.trx_id, config.journal.dir.display());
        return Ok(Verdict::Bad);
    };
    print(&if arguments.json { json(&trace)? } else { trace.to_text() });
    Ok(judged(trace.good))
}

pub(super) fn run_verify(arguments: &VerifyArguments) -> Result<Verdict, Error> {
    let judge = match &arguments.config {
        Some(path) => Some(SignatureJudge::new(&Config::load(path)?)?),
        None => None,
    };
    let verification = audit::verify(&arguments.dir, judge, &segments())?;
    print(&if arguments.json { json(&verification)? } else { verification.to_text() });
    Ok(judged(verification.good))
}

pub(super) fn run_inspect(arguments: &InspectArguments) -> Result<Verdict, Error> {
    let inspection = audit::inspect(&arguments.dir, &segments())?;
    print(&if arguments.json { json(&inspection)? } else { inspection.to_text() });
    Ok(judged(inspection.journal.verdict != "damaged"))
}

/// How far the walk is.
fn segments() -> Bar {
    Bar::of_things("segments")
}

fn judged(good: bool) -> Verdict {
    if good { Verdict::Good } else { Verdict::Bad }
}

fn json(value: &impl Serialize) -> Result<String, Error> {
    let text = serde_json::to_string_pretty(value);
    text.map(|text| text + "\n")
        .map_err(|error| Error::new(Fault::Environment, format!("cannot write JSON: {error}")).caused_by(error))
}
