//! A run as it goes: a view in the terminal, or plain lines where there is none.
//!
//! ```text
//! run --look, slice--> Display --> View (pure: what is known) --> draw (ratatui) on a terminal
//!                         |                                  '--> line, once in a while, elsewhere
//!                         '<-- q, Ctrl-C: the schedule ends, what was sent is waited for
//! ```
//!
//! Invariant: a view is drawn from what it was shown alone, with the run's own clock; the same looks give the same
//! picture. Latencies are those of the last whole second, counters those of the run.

mod display;
mod draw;
mod line;
mod screen;
mod view;

pub use display::{Display, Face};
pub use draw::draw;
pub use line::line;
pub use screen::restore_terminal;
pub use view::{Rates, View};
