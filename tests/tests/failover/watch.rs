//! What was seen on the lines of one bank: which leg went over which of them and when, and a blow at a chosen byte.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use clearway_codec::TrxId;
use clearway_tests::proxy::{Chooser, Course, Cut, Exchange};

use crate::cuts::leg_of;

/// A leg on a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) line: usize,
    pub(crate) payment: TrxId,
    pub(crate) leg: usize,
    pub(crate) at: Instant,
}

/// Where in an exchange the next leg on a line is hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    /// The head has left, the body has not.
    AfterHead,
    /// The request has left, and nothing of the answer has come.
    BeforeAnswer,
    /// Some of the answer has come.
    InAnswer,
}

/// The observer of a bank's lines.
#[derive(Debug, Default)]
pub(crate) struct Watch(Mutex<Notes>);

#[derive(Debug, Default)]
struct Notes {
    seen: Vec<Seen>,
    /// What becomes of every exchange of a line that nothing else is said of.
    courses: HashMap<usize, Course>,
    armed: Option<(usize, Spot, Cut)>,
    fired: Option<Instant>,
    switched: Option<(usize, Instant)>,
}

impl Watch {
    /// For the line of this number.
    pub(crate) fn chooser(self: &Arc<Self>, line: usize) -> Chooser {
        let watch = Arc::clone(self);
        Arc::new(move |exchange| watch.note(line, exchange))
    }

    /// What becomes of every further exchange of a line.
    pub(crate) fn set_course(&self, line: usize, course: Course) {
        self.notes().courses.insert(line, course);
    }

    /// The next leg on `line` is cut at `spot`.
    pub(crate) fn arm(&self, line: usize, spot: Spot, cut: Cut) {
        let mut notes = self.notes();
        (notes.armed, notes.fired) = (Some((line, spot, cut)), None);
    }

    /// When the armed blow has fallen.
    pub(crate) fn fired(&self) -> Option<Instant> {
        self.notes().fired
    }

    /// Distinct legs that have begun to go over `line` so far.
    pub(crate) fn legs_on(&self, line: usize) -> usize {
        let notes = self.notes();
        let on_line = notes.seen.iter().filter(|seen| seen.line == line);
        on_line.map(|seen| (seen.payment, seen.leg)).collect::<HashSet<_>>().len()
    }

    /// The first leg on `line` since then.
    pub(crate) fn first_on(&self, line: usize, since: Instant) -> Option<Instant> {
        let notes = self.notes();
        let legs = notes.seen.iter().map(|seen| (seen.line, seen.at)).chain(notes.switched);
        legs.filter(|(on, at)| *on == line && *at >= since).map(|(_, at)| at).min()
    }

    /// Somebody else knows that legs now go over `line`.
    pub(crate) fn note_switch(&self, line: usize) {
        self.notes().switched = Some((line, Instant::now()));
    }

    fn note(&self, line: usize, exchange: &Exchange) -> Course {
        let mut notes = self.notes();
        let usual = notes.courses.get(&line).cloned().unwrap_or_default();
        let Some((payment, leg)) = leg_of(exchange) else { return usual };
        let at = Instant::now();
        notes.seen.push(Seen { line, payment, leg, at });
        let Some((_, spot, cut)) = notes.armed.take_if(|(armed, _, _)| *armed == line) else {
            return Course::default();
        };
        notes.fired = Some(at);
        match spot {
            Spot::AfterHead => Course::cut_request(exchange.head_bytes() as u64, cut),
            Spot::BeforeAnswer => Course::cut_answer(0, cut),
            Spot::InAnswer => Course::cut_answer(400, cut),
        }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().expect("no holder panics")
    }
}
