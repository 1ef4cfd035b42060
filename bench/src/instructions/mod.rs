//! Instruction counts of the pure parts, and the gate that compares them with the committed baseline.
//!
//! ```text
//!  cargo bench --bench instructions --(valgrind, gungraun)--> one JSON line a benchmark --> Counts --+--> table
//!  baseline/instructions.json ------------------------------------------------------> Baseline --'    exit code
//! ```
//!
//! Invariant: a count is compared only with one of the same compiler and the same vector width, because both choose instructions. Wall time
//! says what a change is worth; this says, on any machine and under any load, that there was one.

mod arguments;
mod baseline;
mod count;
mod tools;

pub use arguments::Arguments;
pub use baseline::{Baseline, Comparison};
pub use count::{Counts, parse_counts};
pub use tools::Toolchain;

use comfy_table::{Cell, CellAlignment, Table, presets};

use crate::cli::Judgement;
use crate::error::Error;

/// Counts, and compares or saves as asked.
///
/// # Errors
/// The benchmark cannot be built or run, the baseline cannot be read or written. Missing tools are a clear line and no error, unless
/// `CLEARWAY_REQUIRE_TOOLS=1`.
pub fn run(arguments: &Arguments) -> Result<Judgement, Error> {
    let toolchain = match tools::find() {
        Ok(toolchain) => toolchain,
        Err(Error::Unsuited(why)) if !tools::are_required() => {
            println!("SKIPPED: instruction counts need {why}");
            return Ok(Judgement::Good);
        }
        Err(error) => return Err(error),
    };
    let counts = count::count(&toolchain)?;
    if arguments.save {
        Baseline::new(toolchain, counts).write(&arguments.baseline)?;
        println!("saved {}", arguments.baseline.display());
        return Ok(Judgement::Good);
    }
    let baseline = Baseline::read(&arguments.baseline)?;
    let comparisons = baseline.compare(&counts);
    println!("{}", table(&comparisons));
    if let Some(why) = baseline.is_of_another(&toolchain) {
        println!("SKIPPED: not to be compared: {why}; save a baseline of your own with --save");
        return Ok(Judgement::Good);
    }
    let grown = comparisons.iter().filter(|comparison| !comparison.is_good()).count();
    if grown > 0 {
        println!(
            "{grown} of {} grew by more than {} % or are not in the baseline; if that is meant, run with --save and commit",
            comparisons.len(),
            baseline.tolerance_percent
        );
    }
    Ok((grown == 0 || !arguments.check).into())
}

fn table(comparisons: &[Comparison]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(vec!["instructions", "baseline", "now", "change", ""]);
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    let number = |count: Option<u64>| right(count.map_or_else(|| "-".to_owned(), |count| count.to_string()));
    for comparison in comparisons {
        let change = comparison.change_percent().map_or_else(|| "-".to_owned(), |percent| format!("{percent:+.1} %"));
        let word = if comparison.is_good() { "" } else { "NO" };
        table.add_row(vec![
            Cell::new(&comparison.name),
            number(comparison.baseline),
            number(comparison.now),
            right(change),
            Cell::new(word),
        ]);
    }
    table
}
