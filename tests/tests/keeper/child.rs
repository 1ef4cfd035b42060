//! A life in a process of its own, which ends where it is told to.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clearway::books::Steps;

use crate::life;

const FOLDER: &str = "CLEARWAY_KEEPER_FOLDER";
const STOP_AT: &str = "CLEARWAY_KEEPER_STOP_AT";
/// What the child ends with when it stops on the way.
const STOPPED: i32 = 77;

/// Counts steps, and ends the process at one of them: nothing is dropped, nothing is flushed.
struct Counting {
    taken: AtomicU64,
    stop_at: u64,
}

impl Steps for Counting {
    fn taken(&self, _: &'static str) {
        if self.taken.fetch_add(1, Ordering::AcqRel) + 1 == self.stop_at {
            std::process::exit(STOPPED);
        }
    }
}

/// The child's own part; nothing when no parent has called it.
#[test]
fn child() {
    let (Ok(dir), Ok(stop_at)) = (std::env::var(FOLDER), std::env::var(STOP_AT)) else { return };
    let steps = Arc::new(Counting { taken: AtomicU64::new(0), stop_at: stop_at.parse().expect("a number") });
    life::live(Path::new(&dir), steps.clone());
    fs::write(Path::new(&dir).join("steps"), steps.taken.load(Ordering::Acquire).to_string()).expect("written");
}

/// Lives in `dir` up to the step `stop_at`, 0 for never; whether it came to its end.
pub(crate) fn live(dir: &Path, stop_at: u64) -> bool {
    let mut child = Command::new(std::env::current_exe().expect("this test"));
    child.args(["child::child", "--exact", "--nocapture", "--test-threads=1"]);
    let output = child.env(FOLDER, dir).env(STOP_AT, stop_at.to_string()).output().expect("a child");
    match output.status.code() {
        Some(0) => true,
        Some(STOPPED) => false,
        other => panic!(
            "stopped at {stop_at}: ended with {other:?}\n{}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}

/// Steps of the last life that came to its end.
pub(crate) fn steps(dir: &Path) -> u64 {
    fs::read_to_string(dir.join("steps")).expect("an end").parse().expect("a number")
}
