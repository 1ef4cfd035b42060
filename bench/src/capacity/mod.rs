//! The capacity report: what this machine carries, and what a target rate therefore takes.
//!
//! ```text
//! course: node, banks, institutions -> raw/*.json, raw/*.hlog      measured
//! raw/*.json, raw/*.hlog -> Measurements --+
//!                              Request ----+-> model -> Answer -> report.json, report.html
//! ```
//!
//! Everything right of the raw files is a pure function of them, so that a report can be derived again and compared.

mod arguments;
mod course;
mod difference;
mod growth;
mod machine;
pub mod model;
pub mod page;
pub mod raw;
mod report;
mod show;
pub mod verify;

pub use arguments::Arguments;

use std::path::Path;
use std::time::SystemTime;

use self::course::Course;
use self::raw::Writer;
use self::report::Report;
use self::verify::Verification;
use crate::cli::Judgement;
use crate::cpu::Cores;
use crate::disk::Scratch;
use crate::error::Error;
use crate::machine::Machine;

/// Measures, or takes what was measured before; plans; writes the report. Or verifies one.
///
/// # Errors
/// It could not be measured, or files cannot be read or written.
pub fn run(arguments: &Arguments) -> Result<Judgement, Error> {
    if let Some(folder) = arguments.verified() {
        let verification = Verification::of(&Report::derive(folder)?.files, folder)?;
        println!("{verification}");
        return Ok(verification.is_good().into());
    }
    let Some(out) = &arguments.out else {
        return Err(Error::Unsuited("name the folder of the report with --out".to_owned()));
    };
    let now = SystemTime::now();
    let request = arguments.plan.request(now)?;
    match &arguments.measured {
        Some(earlier) => Writer::copy(earlier, out)?,
        None => measure(arguments, out, now)?,
    }
    Writer::write_request(out, &request)?;
    let report = Report::derive(out)?;
    report.write(out)?;
    println!("{}", show::summary(&report.answer, out));
    Ok(report.is_right.into())
}

fn measure(arguments: &Arguments, out: &Path, now: SystemTime) -> Result<(), Error> {
    let course = &arguments.course;
    let cores = Cores::choose();
    let scratch = Scratch::create("capacity", course.dir.as_deref(), course.keep)?;
    let machine = Machine::inspect(scratch.path())?;
    eprintln!("{}\n{}; files in {}", machine.describe(), cores.describe(), scratch.path().display());
    Report::discard(out)?;
    let writer = Writer::begin(out, machine::course_file(course, &machine, &cores, now))?;
    Course::new(course, arguments.plan.slo.clone(), cores, scratch, writer).run()
}
