//! A cut after every byte of a leg's request and answer, dealt out to the legs of a run as they come.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use clearway_codec::TrxId;
use clearway_tests::proxy::{Chooser, Course, Cut, Exchange};
use clearway_tests::seed::Draws;

/// Which of the two messages of a leg is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Side {
    Request,
    Answer,
}

/// One cut, dealt to one leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dealt {
    pub(crate) side: Side,
    pub(crate) after: u64,
    pub(crate) cut: Cut,
    /// Bytes of the leg's request.
    pub(crate) request_bytes: u64,
}

impl Dealt {
    /// Whether the bank can have had the whole request.
    pub(crate) fn may_have_arrived(self) -> bool {
        self.side == Side::Answer || self.after >= self.request_bytes
    }
}

/// What each leg of a payment was dealt, and how often it was sent over each of the bank's lines.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Legs {
    pub(crate) dealt: [Option<Dealt>; 2],
    over: [[u32; LINES]; 2],
}

/// Lines of a bank.
pub(crate) const LINES: usize = 2;

impl Legs {
    /// How often a leg was sent, over whichever line.
    pub(crate) fn sent(&self, leg: usize) -> u32 {
        self.over[leg].iter().sum()
    }

    /// How often a leg was sent over one line.
    pub(crate) fn sent_over(&self, leg: usize, line: usize) -> u32 {
        self.over[leg][line]
    }
}

/// The dealer: one for all lines of a run.
#[derive(Debug, Default)]
pub(crate) struct Cuts(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    decks: [Vec<(Side, u64, Cut)>; 2],
    payments: HashMap<TrxId, Legs>,
    /// Longest request of a leg that was seen.
    request_bytes_max: u64,
}

impl Cuts {
    /// Fills the decks: every position from 0 to `bytes_max` (of request and answer), which lies beyond the end of every message, in both
    /// messages of both legs, closed and reset.
    pub(crate) fn shuffle(&self, bytes_max: [u64; 2], draws: &mut Draws) {
        let mut table = self.table();
        for deck in &mut table.decks {
            for (side, bytes_max) in [(Side::Request, bytes_max[0]), (Side::Answer, bytes_max[1])] {
                let both = |after| [(side, after, Cut::Close), (side, after, Cut::Reset)];
                deck.extend((0..=bytes_max).flat_map(both));
            }
            for place in (1..deck.len()).rev() {
                let other = usize::try_from(draws.below(place as u64 + 1)).expect("a place in a deck");
                deck.swap(place, other);
            }
        }
    }

    /// Cuts not dealt yet.
    pub(crate) fn left(&self) -> usize {
        self.table().decks.iter().map(Vec::len).sum()
    }

    /// Longest request of a leg so far.
    pub(crate) fn request_bytes_max(&self) -> u64 {
        self.table().request_bytes_max
    }

    /// What the legs of each payment were dealt.
    pub(crate) fn payments(&self) -> HashMap<TrxId, Legs> {
        self.table().payments.clone()
    }

    /// For a line of this number: legs are dealt the next cut when they are sent for the first time, everything else passes.
    pub(crate) fn chooser(self: &Arc<Self>, line: usize) -> Chooser {
        let cuts = Arc::clone(self);
        Arc::new(move |exchange| cuts.deal(line, exchange).unwrap_or_default())
    }

    fn deal(&self, line: usize, exchange: &Exchange) -> Option<Course> {
        let (id, leg) = leg_of(exchange)?;
        let request_bytes = exchange.bytes().len() as u64;
        let mut table = self.table();
        table.request_bytes_max = table.request_bytes_max.max(request_bytes);
        let legs = table.payments.entry(id).or_default();
        legs.over[leg][line] += 1;
        if legs.sent(leg) > 1 {
            return None;
        }
        let (side, after, cut) = table.decks[leg].pop()?;
        let dealt = Dealt { side, after, cut, request_bytes };
        table.payments.entry(id).or_default().dealt[leg] = Some(dealt);
        Some(match side {
            Side::Request => Course::cut_request(after, cut),
            Side::Answer => Course::cut_answer(after, cut),
        })
    }

    fn table(&self) -> std::sync::MutexGuard<'_, Table> {
        self.0.lock().expect("no holder panics")
    }
}

/// Payment and place of the leg (0 or 1) that a request asks for, if it is one.
pub(crate) fn leg_of(exchange: &Exchange) -> Option<(TrxId, usize)> {
    if exchange.header("msgtp") != Some("epcc.201.001.01") {
        return None;
    }
    let leg = if exchange.element("RPFlg")? == "1" { 0 } else { 1 };
    Some((TrxId::parse(exchange.element("TrxId")?.as_bytes()).ok()?, leg))
}
