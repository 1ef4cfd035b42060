//! The load generator beside others, against a server whose percentiles are known.
//!
//! ```text
//! known server (its core) <--- clearway-loadgen | wrk | oha (their core), one after the other
//!        '-> law: what the percentiles must be       '-> what each of them reports, and its CPU
//! ```
//!
//! Ours is judged: percentiles within 2 % of the law, rate within 0.1 %, lateness below a millisecond. The others are shown,
//! or left out with the reason where they are not installed.

mod arguments;
mod course;
mod ours;
mod outcome;
mod page;
mod peer;
mod report;
mod scenario;
mod show;

pub use arguments::Arguments;
pub use outcome::{Cost, Found, Hold, Outcome, Sight, Stage};

use crate::cli::{Judgement, write_json};
use crate::error::Error;

/// Runs every scenario and prints what came of it.
///
/// # Errors
/// The known server or our own generator could not be run; that another one is missing is no error.
pub fn run(arguments: &Arguments) -> Result<Judgement, Error> {
    let outcome = course::measure(arguments)?;
    show::tables(&outcome).iter().for_each(|table| println!("{table}"));
    show::remarks(&outcome).iter().for_each(|remark| println!("{remark}"));
    if let Some(file) = &arguments.json {
        write_json(file, &outcome)?;
    }
    if let Some(file) = &arguments.html {
        std::fs::write(file, page::page(&outcome)).map_err(Error::machine(format!("write {}", file.display())))?;
    }
    Ok(outcome.misses().is_empty().into())
}
