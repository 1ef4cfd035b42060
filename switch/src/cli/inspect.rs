//! `clearway trace` and `clearway journal`.

use std::fs::File;
use std::io::BufWriter;

use clearway_codec::value::BeijingTime;
use serde::Serialize;

use super::command::{ArrivalsArguments, InspectArguments, TraceArguments, VerifyArguments};
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

pub(super) fn run_arrivals(arguments: &ArrivalsArguments) -> Result<Verdict, Error> {
    let from_us = arguments.from.map_or(0, BeijingTime::unix_micros);
    let until_us = arguments.until.map_or(u64::MAX, BeijingTime::unix_micros);
    let arrivals = audit::arrivals(&arguments.dir, from_us, until_us, &segments())?;
    let fault = |error| Error::file("write", &arguments.out, error);
    let file = File::create(&arguments.out).map_err(fault)?;
    arrivals.write(&mut BufWriter::new(file)).map_err(fault)?;
    let seconds = arrivals.span_us() as f64 / 1e6;
    print(&format!("{} arrivals over {seconds:.3} s in {}\n", arrivals.len(), arguments.out.display()));
    Ok(judged(!arrivals.is_empty()))
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
