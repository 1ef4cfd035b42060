//! The terminal as a screen: taken over, drawn on, given back.

use super::draw::draw;
use super::view::View;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, poll, read};
use std::io;
use std::time::Duration;

/// Events taken in one look, so that a held key does not hold up the run's watcher.
const EVENTS_MAX: usize = 64;

/// Holds the terminal; gives it back when dropped, and when the program panics.
#[derive(Debug)]
pub(super) struct Screen(DefaultTerminal);

impl Screen {
    pub(super) fn open() -> io::Result<Self> {
        ratatui::try_init().map(Self)
    }

    pub(super) fn show(&mut self, view: &View) -> io::Result<()> {
        self.0.draw(|frame| draw(view, frame)).map(|_| ())
    }

    /// Whether somebody has asked for the end since the last look.
    pub(super) fn is_asked_to_stop(&self) -> io::Result<bool> {
        let mut is_asked = false;
        for _ in 0..EVENTS_MAX {
            if !poll(Duration::ZERO)? {
                break;
            }
            is_asked |= matches!(read()?, Event::Key(key) if is_stop(&key));
        }
        Ok(is_asked)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore_terminal();
    }
}

/// Gives the terminal back; for a program that ends without dropping its display.
pub fn restore_terminal() {
    // What could be done about a failure, the user's `reset` does as well.
    let _ = ratatui::try_restore();
}

fn is_stop(key: &KeyEvent) -> bool {
    let is_interrupt = key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c');
    key.kind == KeyEventKind::Press && (is_interrupt || key.code == KeyCode::Char('q'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q_and_control_c_stop_and_nothing_else_does() {
        let cases = [
            (KeyCode::Char('q'), KeyModifiers::NONE, true),
            (KeyCode::Char('c'), KeyModifiers::CONTROL, true),
            (KeyCode::Char('c'), KeyModifiers::NONE, false),
            (KeyCode::Esc, KeyModifiers::NONE, false),
        ];
        for (code, modifiers, is_asked) in cases {
            assert_eq!(is_stop(&KeyEvent::new(code, modifiers)), is_asked, "{code:?}");
        }
        let released =
            KeyEvent { kind: KeyEventKind::Release, ..KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE) };
        assert!(!is_stop(&released));
    }
}
