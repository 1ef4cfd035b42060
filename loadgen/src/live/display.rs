//! Shows a run to whoever watches: on a screen, or line by line.

use super::line::line;
use super::screen::Screen;
use super::view::View;
use crate::record::Slice;
use crate::run::{Conduct, Progress, Watcher};
use std::io::IsTerminal;
use std::time::Duration;

/// Time of the run between two plain lines: a second while it is young, then longer.
const LINE_EVERY: [(Duration, Duration); 2] =
    [(Duration::from_secs(10), Duration::from_secs(1)), (Duration::from_secs(60), Duration::from_secs(5))];
const LINE_EVERY_LATER: Duration = Duration::from_secs(30);

/// How a run is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// The whole terminal.
    Screen,
    /// Lines on stderr.
    Lines,
}

impl Face {
    /// The screen where both ends of it are a terminal, unless plain lines are asked for.
    pub fn choose(is_plain: bool) -> Self {
        let is_terminal = std::io::stdout().is_terminal() && std::io::stdin().is_terminal();
        if is_plain || !is_terminal { Self::Lines } else { Self::Screen }
    }
}

/// Shows one run, or several in turn. Give it back the terminal with [`Display::finish`], or drop it.
#[derive(Debug)]
pub struct Display {
    view: View,
    /// `None` = plain lines.
    screen: Option<Screen>,
    /// Whether the world outside of the terminal wants an end.
    is_interrupted: fn() -> bool,
    next_line: Duration,
}

impl Display {
    /// A display of a command. Where the screen cannot be had, lines will do.
    pub fn start(title: &str, face: Face, is_interrupted: fn() -> bool) -> Self {
        let screen = if face == Face::Screen { Screen::open().ok() } else { None };
        Self { view: View::new(title), screen, is_interrupted, next_line: Duration::ZERO }
    }

    /// A run begins.
    pub fn begin(&mut self, label: &str, length: Duration) {
        if self.screen.is_none() {
            eprintln!("{label}");
        }
        self.view.begin(label, length);
        self.next_line = step_after(Duration::ZERO);
        self.show();
    }

    /// Shows a line that stays: on stdout at once, or when the screen is given back.
    pub fn note(&mut self, line: impl Into<String>) {
        let line = line.into();
        if self.screen.is_none() {
            println!("{line}");
        }
        self.view.note(line);
        self.show();
    }

    /// Whether somebody wants an end.
    pub fn is_stopped(&self) -> bool {
        self.view.is_stopping
    }

    /// Looks whether somebody wants an end, between two runs.
    pub fn poll(&mut self) -> Conduct {
        let is_asked = self.screen.as_ref().is_some_and(|screen| screen.is_asked_to_stop().unwrap_or(false));
        self.view.is_stopping |= is_asked || (self.is_interrupted)();
        self.show();
        if self.view.is_stopping { Conduct::Stop } else { Conduct::Continue }
    }

    /// Gives the terminal back and prints the lines that stay.
    pub fn finish(mut self) {
        if let Some(screen) = self.screen.take() {
            drop(screen);
            self.view.notes.iter().for_each(|note| println!("{note}"));
        }
    }

    fn show(&mut self) {
        // A terminal that went away is no reason to end a run: the rest of it is told in lines.
        if self.screen.as_mut().is_some_and(|screen| screen.show(&self.view).is_err()) {
            self.screen = None;
        }
    }
}

/// The instant of the run after which the next plain line is due.
fn step_after(elapsed: Duration) -> Duration {
    let step = LINE_EVERY.iter().find(|(until, _)| elapsed < *until).map_or(LINE_EVERY_LATER, |(_, step)| *step);
    elapsed + step
}

impl Watcher for Display {
    fn look(&mut self, seen: &Progress) -> Conduct {
        self.view.look(seen);
        let conduct = self.poll();
        if self.screen.is_none() && seen.elapsed >= self.next_line {
            eprintln!("{}", line(&self.view));
            self.next_line = step_after(seen.elapsed);
        }
        conduct
    }

    fn slice(&mut self, slice: &Slice) {
        self.view.slice(slice);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(seconds: f64) -> Progress {
        Progress { elapsed: Duration::from_secs_f64(seconds), ..Progress::default() }
    }

    #[test]
    fn lines_grow_rarer() {
        let secs = |seconds: u64| Duration::from_secs(seconds);
        let cases = [(0, 1), (9, 10), (10, 15), (55, 60), (60, 90), (3_600, 3_630)];
        for (elapsed, next) in cases {
            assert_eq!(step_after(secs(elapsed)), secs(next));
        }
    }

    #[test]
    fn an_interruption_stops_a_run_that_is_shown_in_lines() {
        let mut display = Display::start("x", Face::Lines, || false);
        display.begin("one", Duration::from_secs(10));
        assert_eq!(display.look(&seen(0.5)), Conduct::Continue);
        assert!(!display.is_stopped());
        display.is_interrupted = || true;
        assert_eq!(display.look(&seen(0.6)), Conduct::Stop);
        assert!(display.is_stopped());
        display.begin("two", Duration::from_secs(10));
        assert_eq!(display.poll(), Conduct::Stop, "a stop is for the whole command");
        display.finish();
    }
}
