//! The facts of a day, from entries and sums of batches.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::DayEntry;
use super::settled::{Settled, Span};
use crate::books::reserve::{ReserveSheet, SheetState, sheets};
use crate::books::{BatchEntry, BatchSums, Desk, Kept, ParticipantSums, Space, load_positions};
use crate::domain::clearing::{
    AccountingDay, BatchCheck, BatchName, DayFacts, LedgerAccount, Movement, MovementKind, Positions, ReserveWindow,
    Reserves, add_fen,
};
use crate::error::Error;

/// A batch that the day counts.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    pub(super) batch: BatchName,
    pub(super) payments: u64,
    pub(super) moved_fen: u64,
    /// Why its sums or its positions could not be read: not everything of it was checked.
    pub(super) unread: Option<String>,
    /// Participants whose lines come to something else than their positions.
    pub(super) differing: Vec<u16>,
}

/// What a day works from.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) facts: DayFacts,
    pub(super) batches: Vec<Counted>,
    pub(super) missing: Vec<BatchName>,
    pub(super) late: Vec<BatchName>,
    /// Bookings that were released in the day, and payments in them.
    pub(super) bookings: u64,
    pub(super) booked_payments: u64,
    pub(super) settled_until: u64,
    pub(super) interest_until: u64,
}

/// Gathers a day after `yesterday`.
pub(super) fn gather(
    desk: &Desk<'_>,
    day: AccountingDay,
    yesterday: &DayEntry,
    is_over: &dyn Fn(BatchName) -> bool,
) -> Result<Gathered, Error> {
    let mut gathered = Gathered::default();
    let span = Span {
        begins_us: day.begins_us,
        ends_us: day.ends_us,
        settled_until: yesterday.settled_until,
        interest_until: yesterday.interest_until,
    };
    let settled = Settled::gather(desk.registers, span)?;
    let sheets = sheets(desk.registers, None)?;
    let sealed: BTreeMap<BatchName, BatchEntry> = BatchEntry::all(desk.registers)?
        .into_iter()
        .filter(|(_, kept)| kept.content.phase.is_sealed())
        .map(|(batch, kept)| (batch, kept.content))
        .collect();
    gathered.count(desk, day, yesterday, &sealed, is_over);
    gathered.note_settled(&settled);
    gathered.note_booked(&sheets, day);
    gathered.open_items(desk, day, &sealed, &settled, &Booked::by(&sheets, day));
    Ok(gathered)
}

impl Gathered {
    /// Batches in which lines and positions of so many participants differ.
    pub(super) fn differing(&self) -> impl Iterator<Item = (BatchName, usize)> {
        let differing = self.batches.iter().map(|counted| (counted.batch, counted.differing.len()));
        differing.filter(|(_, participants)| *participants > 0)
    }

    /// What the journal keeps of it, without what its end came to.
    pub(super) fn entry(self, day: AccountingDay) -> DayEntry {
        DayEntry {
            begins_us: day.begins_us,
            ends_us: day.ends_us,
            batches: u32::try_from(self.batches.len()).unwrap_or(u32::MAX),
            payments: self.batches.iter().map(|counted| counted.payments).sum(),
            moved_fen: self.batches.iter().map(|counted| counted.moved_fen).fold(0, add_fen),
            missing: self.missing,
            late: self.late,
            interest_until: self.interest_until,
            settled_until: self.settled_until,
            bookings: self.bookings,
            booked_payments: self.booked_payments,
            ..DayEntry::default()
        }
    }

    /// The batches of the day, and those that earlier days missed.
    fn count(
        &mut self,
        desk: &Desk<'_>,
        day: AccountingDay,
        yesterday: &DayEntry,
        sealed: &BTreeMap<BatchName, BatchEntry>,
        is_over: &dyn Fn(BatchName) -> bool,
    ) {
        for batch in yesterday.missing.iter().copied().chain(day.batches()) {
            match sealed.get(&batch) {
                Some(entry) => self.note_batch(desk, batch, entry),
                // An entry that is not sealed, or that came since, is not over, whoever says so.
                None if is_over(batch) && !is_known(desk, batch) => continue,
                None => self.missing.push(batch),
            }
            if yesterday.missing.contains(&batch) && sealed.contains_key(&batch) {
                self.late.push(batch);
            }
        }
    }

    /// Its positions move the accounts; its lines must say the same.
    fn note_batch(&mut self, desk: &Desk<'_>, batch: BatchName, entry: &BatchEntry) {
        let posted = entry.nets_fen.iter().map(|(bank, fen)| (LedgerAccount::Clearing(*bank), *fen)).collect();
        self.facts.movements.push(Movement::new(MovementKind::Batch, posted));
        let BatchEntry { payments, moved_fen, .. } = *entry;
        let mut counted = Counted { batch, payments, moved_fen, unread: None, differing: Vec::new() };
        let sums = BatchSums::load(desk.dir, batch);
        let compared = sums.as_ref().map_err(ToString::to_string).and_then(|sums| {
            let positions = load_positions(desk.dir, batch).map_err(|error| error.to_string())?;
            Ok(differing(sums, &positions))
        });
        match compared {
            Ok(differing) => counted.differing = differing,
            Err(why) => counted.unread = Some(why),
        }
        self.batches.push(counted);
        if let Ok(sums) = sums {
            self.check_batch(batch, &sums, &entry.nets_fen);
        }
    }

    fn check_batch(&mut self, batch: BatchName, sums: &BatchSums, posted: &BTreeMap<u16, i128>) {
        let lines = sums.nets_fen();
        let banks: BTreeSet<u16> = lines.keys().chain(posted.keys()).copied().collect();
        self.facts.checks.extend(banks.into_iter().map(|bank| BatchCheck {
            batch,
            account: LedgerAccount::Clearing(bank),
            lines_fen: lines.get(&bank).copied().unwrap_or(0),
            posted_fen: posted.get(&bank).copied().unwrap_or(0),
        }));
        for (bank, fen) in sums.reserves_fen() {
            let (reserve, control) = (LedgerAccount::Reserve(bank), LedgerAccount::ReserveControl);
            self.facts.movements.push(Movement::between(MovementKind::Batch, reserve, control, fen));
        }
    }

    /// What the central bank has moved, and what interest has come up.
    fn note_settled(&mut self, settled: &Settled) {
        let clearing = settled.orders.iter().map(|(bank, fen)| (LedgerAccount::Clearing(*bank), *fen));
        let interest = settled.interest_orders.iter().map(|(bank, fen)| (LedgerAccount::Interest(*bank), *fen));
        self.facts.movements.extend(clearing.chain(interest).map(|(account, fen)| {
            Movement::between(MovementKind::Settlement, LedgerAccount::Settlement, account, fen)
        }));
        for (banks, remainder_fen) in &settled.interest {
            let mut postings: Vec<_> = banks.iter().map(|(bank, fen)| (LedgerAccount::Interest(*bank), *fen)).collect();
            postings.push((LedgerAccount::Rounding, *remainder_fen));
            self.facts.movements.push(Movement::new(MovementKind::Interest, postings));
        }
        let open = settled.open_interest.iter().map(|(bank, fen)| (LedgerAccount::Interest(*bank), *fen));
        self.facts.open_items.extend(open);
        (self.settled_until, self.interest_until) = (settled.settled_until, settled.interest_until);
    }

    /// What reserve banks were told to book.
    fn note_booked(&mut self, sheets: &[Kept<ReserveSheet>], day: AccountingDay) {
        let in_day = |kept: &&Kept<ReserveSheet>| is_released(kept, day) && kept.at_us >= day.begins_us;
        for sheet in sheets.iter().filter(in_day).map(|kept| &kept.content) {
            let (control, reserve) = (LedgerAccount::ReserveControl, LedgerAccount::Reserve(sheet.bank));
            let fen = sheet.sum().net_fen();
            self.facts.movements.push(Movement::between(MovementKind::Booking, control, reserve, fen));
            self.bookings += u64::from(sheet.accounts);
            self.booked_payments += sheet.sum().payments();
        }
    }

    /// What is open at the end of the day, batch by batch, by their lines.
    fn open_items(
        &mut self,
        desk: &Desk<'_>,
        day: AccountingDay,
        sealed: &BTreeMap<BatchName, BatchEntry>,
        settled: &Settled,
        booked: &Booked,
    ) {
        for (batch, entry) in sealed {
            let window = ReserveWindow::of(*batch);
            let is_done = settled.is_settled(*batch) && booked.is_booked(window);
            if is_done || !day.reaches(*batch) || self.missing.contains(batch) {
                continue;
            }
            let sums = BatchSums::load(desk.dir, *batch).ok();
            let nets = sums.as_ref().map_or_else(|| entry.nets_fen.clone(), BatchSums::nets_fen);
            for (bank, fen) in nets.into_iter().filter(|(bank, _)| !settled.is_settled_for(*batch, *bank)) {
                *self.facts.open_items.entry(LedgerAccount::Clearing(bank)).or_insert(0) += fen;
            }
            let reserves = sums.map(|sums| sums.reserves_fen()).unwrap_or_default();
            for (bank, fen) in reserves.into_iter().filter(|(bank, _)| !booked.is_booked_by(window, *bank)) {
                *self.facts.open_items.entry(LedgerAccount::Reserve(bank)).or_insert(0) += fen;
            }
        }
    }
}

/// Which reserve sheets were released by the end of a day.
struct Booked {
    released: BTreeSet<(ReserveWindow, u16)>,
    waiting: BTreeSet<ReserveWindow>,
    /// The last window of which there is a sheet.
    last: Option<ReserveWindow>,
}

impl Booked {
    fn by(sheets: &[Kept<ReserveSheet>], day: AccountingDay) -> Self {
        let (released, waiting): (Vec<_>, Vec<_>) = sheets.iter().partition(|kept| is_released(kept, day));
        Self {
            released: released.into_iter().map(|kept| (kept.content.window, kept.content.bank)).collect(),
            waiting: waiting.into_iter().map(|kept| kept.content.window).collect(),
            last: sheets.iter().map(|kept| kept.content.window).max(),
        }
    }

    /// Whether nothing of a window waits; sheets are made in the order of windows.
    fn is_booked(&self, window: ReserveWindow) -> bool {
        self.last.is_some_and(|last| window <= last) && !self.waiting.contains(&window)
    }

    fn is_booked_by(&self, window: ReserveWindow, bank: u16) -> bool {
        self.released.contains(&(window, bank))
    }
}

/// Participants, indirect banks among them, whose lines do not come to their positions.
fn differing(sums: &BatchSums, positions: &Positions) -> Vec<u16> {
    let positions = BatchSums::of(positions, Reserves::default(), |bank| bank).participants;
    let all: BTreeSet<u16> = sums.participants.keys().chain(positions.keys()).copied().collect();
    let of = |of: &BTreeMap<u16, ParticipantSums>, participant: &u16| {
        of.get(participant).map(|sums| (sums.debits, sums.credits)).unwrap_or_default()
    };
    all.into_iter().filter(|one| of(&sums.participants, one) != of(&positions, one)).collect()
}

fn is_known(desk: &Desk<'_>, batch: BatchName) -> bool {
    desk.registers.book_entry(Space::Batch.key(batch.as_u64())).is_some()
}

/// Whether it was released by the end of the day.
fn is_released(kept: &Kept<ReserveSheet>, day: AccountingDay) -> bool {
    kept.content.state == SheetState::Released && kept.at_us < day.ends_us
}
