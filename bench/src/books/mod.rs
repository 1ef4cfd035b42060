//! An hour's books, closed: what every step costs a payment, and whether the books are right.
//!
//! ```text
//!  synthetic hour --> journal, table, positions --> seal, recompute, archive, statements, shelf --> Outcome
//!                                     the switch's own functions, timed one by one
//!  two files of as many rows --> comparison, in a process of its own
//! ```
//!
//! Beside them stands what the disk does with one long stream in the same run.

mod arguments;
mod course;
mod hour;
mod outcome;
mod resident;
mod side;
mod stream;
mod writer;

pub use arguments::{Arguments, Packing};
pub use outcome::{Outcome, Phase, curve};
pub use stream::StreamRate;

use crate::cli::{Judgement, write_json};
use crate::disk::Scratch;
use crate::error::Error;
use crate::floors::child;
use crate::machine::Machine;

/// Sizes of the smaller hours of a curve.
const CURVE: [u64; 3] = [200_000, 1_000_000, 5_000_000];

/// What a child does for this measurement.
pub(crate) use course::{Ask, measure_here};
pub(crate) use side::measure_here as compare_here;

/// Measures, prints and writes.
///
/// # Errors
/// Ctrl-C, no folder or not enough room to work in, or a step that fails.
pub fn run(arguments: &Arguments) -> Result<Judgement, Error> {
    let scratch = Scratch::create("books", arguments.dir.as_deref(), arguments.keep)?;
    let machine = Machine::inspect(scratch.path())?;
    eprintln!("{}\nfiles in {}", machine.describe(), scratch.path().display());
    let smaller = CURVE.into_iter().filter(|size| arguments.curve && *size < arguments.payments);
    let mut outcomes = Vec::new();
    for payments in smaller.chain([arguments.payments]) {
        let outcome = measure(&Ask {
            folder: scratch.folder(&format!("hour-{payments}"))?,
            payments,
            seed: arguments.seed,
            threads: arguments.threads,
            compression: arguments.compression,
        })?;
        println!("{}\n{}\n", outcome.table(), outcome.summary());
        outcomes.push(outcome);
    }
    if arguments.curve {
        println!("{}", curve(&outcomes));
    }
    if let Some(file) = &arguments.json {
        let last = outcomes.last();
        write_json(file, &last)?;
        if arguments.curve {
            write_json(&file.with_extension("curve.json"), &outcomes)?;
        }
        write_json(&file.with_extension("machine.json"), &machine)?;
    }
    Ok(outcomes.iter().all(Outcome::is_right).into())
}

/// One hour, closed in a process of its own: its memory is that of this hour alone.
///
/// # Errors
/// Ctrl-C, not enough room, or a step that fails.
pub(crate) fn measure(asked: &Ask) -> Result<Outcome, Error> {
    let Ask { folder, payments, seed, threads, compression } = asked;
    let text = folder.to_string_lossy();
    let (payments, seed, threads) = (payments.to_string(), seed.to_string(), threads.to_string());
    let hour = ["--folder", &text, "--payments", &payments, "--seed", &seed];
    let how = ["--threads", &threads, "--compression", compression.name()];
    let outcome: Outcome = child::ask(&[&["books"][..], &hour, &how].concat())?;
    std::fs::remove_dir_all(folder).map_err(Error::machine("remove the books"))?;
    std::fs::create_dir_all(folder).map_err(Error::machine("make a folder"))?;
    Ok(outcome.with_comparison(child::ask(&[&["compare"][..], &hour].concat())?))
}
