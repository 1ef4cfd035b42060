//! How a run is shown while it goes on.

use super::interrupt;
use clap::Args;
use clearway_loadgen::live::{Display, Face};

#[derive(Debug, Args)]
pub(crate) struct ViewArguments {
    /// Show lines instead of the live view, which needs a terminal.
    #[arg(long)]
    plain: bool,
}

impl ViewArguments {
    /// Shows a command of this title until it is interrupted.
    pub(crate) fn display(&self, title: &str) -> Display {
        Display::start(title, Face::choose(self.plain), interrupt::came)
    }
}
