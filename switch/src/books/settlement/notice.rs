//! Two hours after the large-value system closes: the interest of the day, and what clearing banks are told of it.
//!
//! ```text
//!  sessions of the day --> advances --> NoticeEntry (interest, remainder) --> orders --> files --> NoticeEntry (told)
//! ```

use std::collections::BTreeMap;

use clearway_codec::value::Date;
use serde::{Deserialize, Serialize};

use super::super::{Desk, Kept, Space};
use super::files::{BankDay, Share, write_bank_files, write_interest_file};
use super::session_entry::{batch_of, sessions_of_day};
use super::terms::Terms;
use super::works::Settlement;
use crate::config::ParticipantKind;
use crate::domain::clearing::{Advance, Occasion, OrderName, OrderSet, interest_of};
use crate::domain::register::BookEntry;
use crate::error::{Error, Fault};
use crate::registers::Registers;

/// What a working day came to in interest, and whether the banks have been told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeEntry {
    /// Yearly rate, millionths.
    pub interest_ppm: u32,
    /// Fen by clearing bank: above 0 it gets, below 0 it pays. Those at zero are left out.
    pub interest_fen: BTreeMap<u16, i128>,
    /// What the switch's rounding account keeps (above 0) or adds, fen.
    pub remainder_fen: i128,
    /// Whether orders and files are there.
    pub is_told: bool,
}

impl NoticeEntry {
    /// What the registers hold about a working day; `None` before it was computed.
    ///
    /// # Errors
    /// [`Fault::Data`] when the entry was written by a version that this one does not know.
    pub fn find(registers: &Registers, day: Date) -> Result<Option<Kept<Self>>, Error> {
        let entry = registers.book_entry(Space::Notice.key(day.days() as u64));
        Ok(entry.map(|entry| Kept::read(&entry)).transpose()?)
    }

    /// An entry and its day.
    pub(super) fn read(entry: &BookEntry) -> Result<(Date, Kept<Self>), Error> {
        let kept = Kept::<Self>::read(entry)?;
        let day = i32::try_from(kept.number()).ok().and_then(Date::from_days);
        Ok((day.ok_or_else(|| Error::new(Fault::Data, "an entry of the books names no day"))?, kept))
    }
}

impl Settlement {
    /// Tells the banks of the next day that is over, if there is one. Returns how many days.
    pub(super) fn tell_banks(&mut self, desk: &Desk<'_>, terms: &Terms<'_>, now_us: u64) -> Result<usize, Error> {
        // One that a crash has interrupted goes first.
        self.finish_notice(desk, terms, now_us)?;
        let day = match &self.last_notice {
            Some((last, _)) => Some(terms.sessions.calendar.add_working_days(*last, 1)),
            None => self.first_day,
        };
        let Some(day) = day.filter(|day| now_us >= terms.sessions.notice_at_us(*day)) else { return Ok(0) };
        let shares = shares_of(desk.registers, day)?;
        let advances = shares.iter().flat_map(|(bank, shares)| {
            shares.iter().map(|share| Advance { bank: *bank, net_fen: share.net_fen, days: share.days })
        });
        let mut interest = interest_of(advances, terms.interest_ppm);
        interest.by_bank_fen.retain(|_, fen| *fen != 0);
        let content = NoticeEntry {
            interest_ppm: terms.interest_ppm,
            interest_fen: interest.by_bank_fen,
            remainder_fen: interest.remainder_fen,
            is_told: false,
        };
        let kept = Kept::new(Space::Notice, day.days() as u64, now_us, content);
        desk.record(now_us, vec![kept.entry()?])?;
        self.last_notice = Some((day, kept));
        self.finish_notice(desk, terms, now_us)?;
        Ok(1)
    }

    /// Orders and files of the last day that was computed.
    fn finish_notice(&mut self, desk: &Desk<'_>, terms: &Terms<'_>, now_us: u64) -> Result<(), Error> {
        let open = self.last_notice.clone().filter(|(_, kept)| !kept.content.is_told);
        let Some((day, kept)) = open else { return Ok(()) };
        let set = OrderSet { day, occasion: Occasion::Interest };
        let amounts_fen = kept.content.interest_fen.iter().map(|(bank, fen)| (OrderName { set, bank: *bank }, *fen));
        self.make_orders(desk, terms, [kept.at_us, now_us], amounts_fen)?;
        self.write_files(desk, terms, day, &kept.content)?;
        let told = kept.next(kept.at_us, NoticeEntry { is_told: true, ..kept.content.clone() });
        desk.record(now_us, vec![told.entry()?])?;
        self.last_notice = Some((day, told));
        Ok(())
    }

    fn write_files(&self, desk: &Desk<'_>, terms: &Terms<'_>, day: Date, notice: &NoticeEntry) -> Result<(), Error> {
        let shares = shares_of(desk.registers, day)?;
        let sessions = sessions_of_day(desk.registers, day)?;
        let participants = desk.participants.iter();
        let clears = |bank: u16| desk.participants.clearing_bank_of(bank) == bank;
        let banks = participants.filter(|one| one.kind == ParticipantKind::Bank && clears(one.index));
        let mut all: BTreeMap<u16, &[Share]> = banks.map(|one| (one.index, &[][..])).collect();
        all.extend(shares.iter().map(|(bank, shares)| (*bank, shares.as_slice())));
        for (bank, shares) in all {
            let interest_fen = notice.interest_fen.get(&bank).copied().unwrap_or(0);
            let sessions = sessions.iter().map(|(session, kept)| (*session, &kept.content)).collect();
            let one = BankDay { day, bank, shares, sessions, interest_fen, interest_ppm: notice.interest_ppm };
            write_bank_files(desk, terms.digest, &one)?;
        }
        write_interest_file(desk, terms.digest, day, notice)
    }
}

/// What each clearing bank had in the batches of the sessions of a day, in the order of sessions and batches.
fn shares_of(registers: &Registers, day: Date) -> Result<BTreeMap<u16, Vec<Share>>, Error> {
    let mut shares: BTreeMap<u16, Vec<Share>> = BTreeMap::new();
    for (session, kept) in sessions_of_day(registers, day)? {
        for batch in &kept.content.batches {
            // A session never comes before its batches.
            let days = session.day.days().abs_diff(batch.date().days());
            for (bank, net_fen) in batch_of(registers, *batch)?.nets_fen {
                shares.entry(bank).or_default().push(Share { session, batch: *batch, net_fen, days });
            }
        }
    }
    Ok(shares)
}
