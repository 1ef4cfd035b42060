//! Who still has to be told of which maintenance window.
//!
//! Invariant: pure. A participant is told of a window until it has acknowledged it or the window is over; a window that
//! is taken back before its end is told as such to everybody concerned. After a restart everything is told once more.

use std::collections::{BTreeMap, BTreeSet};

use crate::admission::NumberedWindow;
use crate::config::MaintenanceWindow;

/// One thing to tell one participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// Index of the participant.
    pub to: u16,
    /// The window's number.
    pub number: u64,
    /// The window.
    pub window: MaintenanceWindow,
    /// Whether it was taken back.
    pub cancelled: bool,
}

/// What was announced and what was heard.
#[derive(Debug, Default)]
pub struct Announcer {
    windows: BTreeMap<u64, Announced>,
}

#[derive(Debug)]
struct Announced {
    window: MaintenanceWindow,
    cancelled: bool,
    heard: BTreeSet<u16>,
}

impl Announcer {
    /// What is to be told now: `windows` are all that are not over, `concerned` names the participants of one.
    pub fn due(
        &mut self,
        windows: &[NumberedWindow],
        now_us: u64,
        concerned: impl Fn(&MaintenanceWindow) -> Vec<u16>,
    ) -> Vec<Announcement> {
        self.windows.retain(|_, known| known.window.until.unix_micros() > now_us);
        for NumberedWindow { number, window } in windows {
            self.windows.entry(*number).or_insert_with(|| Announced {
                window: window.clone(),
                cancelled: false,
                heard: BTreeSet::new(),
            });
        }
        let mut due = Vec::new();
        for (number, known) in &mut self.windows {
            if !known.cancelled && !windows.iter().any(|window| window.number == *number) {
                known.cancelled = true;
                known.heard.clear();
            }
            let deaf = concerned(&known.window).into_iter().filter(|to| !known.heard.contains(to));
            due.extend(deaf.map(|to| Announcement {
                to,
                number: *number,
                window: known.window.clone(),
                cancelled: known.cancelled,
            }));
        }
        due
    }

    /// An announcement was acknowledged.
    pub fn heard(&mut self, announcement: &Announcement) {
        if let Some(known) = self.windows.get_mut(&announcement.number)
            && known.cancelled == announcement.cancelled
        {
            known.heard.insert(announcement.to);
        }
    }
}
