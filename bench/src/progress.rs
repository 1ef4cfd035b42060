//! Live progress: a bar on a terminal, a line now and then elsewhere. Always on stderr; results go to stdout.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Pause between two lines when there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Shows how far one run is.
#[derive(Debug)]
pub struct Display {
    label: String,
    bar: Option<ProgressBar>,
    last_line: Instant,
}

impl Display {
    /// For a run of `total`.
    pub fn start(label: &str, total: Duration) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| bar(label, total));
        if bar.is_none() {
            eprintln!("{label}: {:.0} s", total.as_secs_f64());
        }
        Self { label: label.to_owned(), bar, last_line: Instant::now() }
    }

    /// Where it is now, and what it has seen.
    pub fn tell(&mut self, elapsed: Duration, seen: impl FnOnce() -> String) {
        match &self.bar {
            Some(bar) => {
                bar.set_position(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX));
                bar.set_message(seen());
            }
            None if self.last_line.elapsed() >= LINE_EVERY => {
                self.last_line = Instant::now();
                eprintln!("{}: {:>5.1} s  {}", self.label, elapsed.as_secs_f64(), seen());
            }
            None => {}
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(label: &str, total: Duration) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(total.as_millis()).unwrap_or(u64::MAX));
    if let Ok(style) = ProgressStyle::with_template("{prefix} {wide_bar:.cyan/blue} {percent:>3} %  {msg}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_prefix(label.to_owned());
    bar
}
