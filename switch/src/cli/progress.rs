//! How far a long command is: a bar on stderr, where a person looks; nothing where stderr is no terminal.

use indicatif::{ProgressBar, ProgressStyle};

use crate::books::Progress;

/// Redraws that hardly cost anything.
const REDRAWS_PER_S: u8 = 10;

/// A bar that goes when it is dropped.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// A bar for work that counts bytes, under a word for it.
    pub(super) fn of_bytes(word: &'static str) -> Self {
        Self::styled(word, "{msg:>10} [{bar:40}] {bytes}/{total_bytes} {binary_bytes_per_sec} {eta}")
    }

    /// A bar for work that counts things, under a word for it.
    pub(super) fn of_things(word: &'static str) -> Self {
        Self::styled(word, "{msg:>10} [{bar:40}] {human_pos}/{human_len} {per_sec} {eta}")
    }

    fn styled(word: &'static str, template: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, indicatif::ProgressDrawTarget::stderr_with_hz(REDRAWS_PER_S));
        // A template that does not parse costs the numbers, not the command.
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style);
        bar.set_message(word);
        Self(bar)
    }
}

impl Progress for Bar {
    fn at(&self, done: u64, all: u64) {
        self.0.set_length(all);
        self.0.set_position(done);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_templates() {
        for bar in [Bar::of_bytes("reading"), Bar::of_things("writing")] {
            bar.at(3, 7);
            assert_eq!((bar.0.position(), bar.0.length()), (3, Some(7)));
        }
    }
}
