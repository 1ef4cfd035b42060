//! Holding a session: which batches it settles, and the orders that this takes.
//!
//! ```text
//!  left out by the last session + hours since it, up to the end of the window
//!     --all sealed, or 30 minutes waited--> entry (batches, left out) --> one order a clearing bank --> entry (ordered)
//! ```

use std::collections::BTreeMap;

use clearway_codec::value::{BatchId, DisputeBatchId};

use super::super::{BatchEntry, BookCase, CaseKind, Desk, Kept, Space};
use super::session_entry::{SessionEntry, batch_of};
use super::terms::{Batches, Terms};
use super::works::Settlement;
use crate::domain::clearing::{BatchName, OrderName, OrderSet, SessionName, next_hour};
use crate::domain::register::BookEntry;
use crate::error::{Error, Fault};
use crate::registers::Registers;

/// Most batches that a session looks at, by the length of its entry; what is beyond goes into the next (ours).
const BATCHES_MAX: usize = 2_000;
/// Most cases about batches that were left out of one session.
const LATE_CASES_MAX: usize = 48;

/// What a session finds.
struct Window {
    until: BatchId,
    sealed: Vec<BatchName>,
    late: Vec<BatchName>,
}

impl Settlement {
    /// Holds the session that is due, if its batches are sealed or it has waited long enough.
    pub(super) fn hold_session(
        &mut self,
        desk: &Desk<'_>,
        terms: &Terms<'_>,
        batches: &dyn Batches,
        now_us: u64,
    ) -> Result<usize, Error> {
        // One that a crash has interrupted goes first.
        self.order_session(desk, terms, now_us)?;
        let Some(session) = terms.sessions.current(now_us) else { return Ok(0) };
        if self.last_session.as_ref().is_some_and(|(last, _)| *last >= session) {
            return Ok(0);
        }
        let Some(window) = self.window(desk.registers, batches, session)? else { return Ok(0) };
        if !window.late.is_empty() && now_us < session.waits_until_us() {
            return Ok(0);
        }
        self.record_session(desk, terms, session, window, now_us)?;
        self.order_session(desk, terms, now_us)?;
        Ok(1)
    }

    /// The batches that `session` looks at; none when the books have not begun by the end of its window.
    fn window(
        &self,
        registers: &Registers,
        batches: &dyn Batches,
        session: SessionName,
    ) -> Result<Option<Window>, Error> {
        let end = session.last_batch().ok_or_else(|| Error::new(Fault::Data, "no batch is after the year 2686"))?;
        let last = self.last_session.as_ref().map(|(_, kept)| &kept.content);
        let mut hour = match last {
            Some(last) => next_hour(last.until.hour()),
            None => batches.first().filter(|first| *first <= end),
        };
        if hour.is_none() && last.is_none() {
            return Ok(None);
        }
        let until = last.map_or(end, |last| last.until.hour());
        let mut window = Window { until, sealed: Vec::new(), late: Vec::new() };
        for batch in last.into_iter().flat_map(|last| &last.left_out) {
            window.look(registers, batches, *batch)?;
        }
        while let Some(batch) = hour.filter(|hour| *hour <= end && window.has_room()) {
            window.look(registers, batches, BatchName::payments(batch))?;
            if let Some(disputes) = DisputeBatchId::from_u32(batch.as_u32()) {
                window.look(registers, batches, BatchName::disputes(disputes))?;
            }
            window.until = batch;
            hour = next_hour(batch);
        }
        Ok(Some(window))
    }

    fn record_session(
        &mut self,
        desk: &Desk<'_>,
        terms: &Terms<'_>,
        session: SessionName,
        window: Window,
        now_us: u64,
    ) -> Result<(), Error> {
        let mut entries = cases(desk.registers, session, &window.late, now_us)?;
        let before = terms.sessions.before(session);
        if self.last_session.as_ref().is_some_and(|(last, _)| *last < before) {
            let text = "the session was not held on its day; its batches go into the next that is";
            let case = BookCase::new(CaseKind::Failure, format!("session {before}"), text).of_day(before.day);
            entries.extend(case.open(now_us, desk.registers)?);
        }
        let nets_fen = nets_fen(desk.registers, &window.sealed)?;
        let paid_out = nets_fen.values().filter(|net| **net > 0).sum::<i128>();
        let content = SessionEntry {
            until: BatchName::payments(window.until),
            batches: window.sealed,
            left_out: window.late,
            orders: nets_fen.values().filter(|net| **net != 0).count(),
            moved_fen: u64::try_from(paid_out).map_err(|_| Error::new(Fault::Data, "more than 2^64 fen"))?,
            is_ordered: false,
        };
        let kept = Kept::new(Space::Session, session.as_u64(), now_us, content);
        entries.push(kept.entry()?);
        desk.record(now_us, entries)?;
        self.first_day.get_or_insert(session.day);
        self.last_session = Some((session, kept));
        Ok(())
    }

    /// Records the orders of the last session, if a crash has left that to do or it has just been held.
    fn order_session(&mut self, desk: &Desk<'_>, terms: &Terms<'_>, now_us: u64) -> Result<(), Error> {
        let open = self.last_session.clone().filter(|(_, kept)| !kept.content.is_ordered);
        let Some((session, kept)) = open else { return Ok(()) };
        let set = OrderSet::of_session(session);
        let nets_fen = nets_fen(desk.registers, &kept.content.batches)?;
        let amounts_fen = nets_fen.into_iter().map(|(bank, net_fen)| (OrderName { set, bank }, net_fen));
        self.make_orders(desk, terms, [kept.at_us, now_us], amounts_fen)?;
        let ordered = kept.next(kept.at_us, SessionEntry { is_ordered: true, ..kept.content.clone() });
        desk.record(now_us, vec![ordered.entry()?])?;
        self.last_session = Some((session, ordered));
        Ok(())
    }
}

impl Window {
    fn has_room(&self) -> bool {
        self.sealed.len() + self.late.len() + 2 <= BATCHES_MAX
    }

    fn look(&mut self, registers: &Registers, batches: &dyn Batches, batch: BatchName) -> Result<(), Error> {
        match BatchEntry::find(registers, batch)? {
            Some(kept) if kept.content.phase.is_sealed() => self.sealed.push(batch),
            Some(_) => self.late.push(batch),
            None if batches.is_awaited(batch) => self.late.push(batch),
            None => {}
        }
        Ok(())
    }
}

/// What the batches come to together, by clearing bank; those at zero too.
///
/// # Errors
/// [`Fault::Data`] when they do not add up to nothing: no such batch is ever sealed.
fn nets_fen(registers: &Registers, batches: &[BatchName]) -> Result<BTreeMap<u16, i128>, Error> {
    let mut nets_fen: BTreeMap<u16, i128> = BTreeMap::new();
    for batch in batches {
        let entry = batch_of(registers, *batch)?;
        entry.nets_fen.iter().for_each(|(bank, net_fen)| *nets_fen.entry(*bank).or_insert(0) += net_fen);
        let sum: i128 = entry.nets_fen.values().sum();
        if sum != 0 {
            return Err(Error::new(Fault::Data, format!("its positions add up to {sum} fen")).at(batch.to_string()));
        }
    }
    Ok(nets_fen)
}

/// A case for each batch that was left out, the oldest first.
fn cases(registers: &Registers, session: SessionName, late: &[BatchName], at_us: u64) -> Result<Vec<BookEntry>, Error> {
    let mut entries = Vec::new();
    for batch in late.iter().take(LATE_CASES_MAX) {
        let text = format!("it was not sealed when the session {session} had to go; it goes into a later one");
        let case = BookCase::new(CaseKind::LateBatch, format!("{batch} session {session}"), text);
        entries.extend(case.of_batch(*batch).of_day(session.day).open(at_us, registers)?);
    }
    Ok(entries)
}
