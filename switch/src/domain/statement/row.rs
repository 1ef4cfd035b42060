//! The text of a line in a detail file. It is read in [`compare`](super::compare).
//!
//! ```text
//!  TrxId|BatchId|TrxCtgy|BizTp|TrxStatus|TrxAmt|PyerAcctIssrId|PyeeAcctIssrId|ResfdAcctIssrId|RPFlg|DbtrBankId|CdtrBankId
//!  |OriTrxId|SgnNo|TrxDtTm|TrxFinishTm|SysRtnCd|BizStsCd
//! ```
//!
//! The columns are those of wire.md section 5; each is written as in the messages, and who stands in which column follows them too
//! (ours). Invariant: a row has exactly these columns and no other `|`, no control characters, and is valid UTF-8, whatever the parties wrote.

use clearway_codec::value::{Amount, BeijingTime, InstitutionId, TrxId};

use super::Line;
use crate::constants::NO_PARTICIPANT;
use crate::domain::business::{Business, rules};
use crate::domain::clearing::{BatchName, Side};
use crate::domain::transaction::{Leg, system_code};

/// The columns of a row, in order.
pub const COLUMNS: [&str; 18] = [
    "TrxId",
    "BatchId",
    "TrxCtgy",
    "BizTp",
    "TrxStatus",
    "TrxAmt",
    "PyerAcctIssrId",
    "PyeeAcctIssrId",
    "ResfdAcctIssrId",
    "RPFlg",
    "DbtrBankId",
    "CdtrBankId",
    "OriTrxId",
    "SgnNo",
    "TrxDtTm",
    "TrxFinishTm",
    "SysRtnCd",
    "BizStsCd",
];

/// Between columns.
const BAR: u8 = b'|';
/// In place of what would break the layout.
const REPLACEMENT: u8 = b' ';

/// The ids of the participants, by index.
#[derive(Clone, Debug, Default)]
pub struct Names {
    ids: Vec<Option<InstitutionId>>,
}

impl Names {
    /// Takes indexes and ids in any order.
    pub fn new(participants: impl IntoIterator<Item = (u16, InstitutionId)>) -> Self {
        let mut ids = Vec::new();
        for (index, id) in participants {
            let place = usize::from(index);
            ids.resize(ids.len().max(place + 1), None);
            ids[place] = Some(id);
        }
        Self { ids }
    }

    /// The id of a participant; empty where nobody has the index, as in a payment that named a bank nobody knows.
    fn text(&self, index: u16) -> &[u8] {
        self.id(index).map_or(&[], |id| id.as_bytes())
    }

    /// The id of a participant.
    #[must_use]
    pub fn id(&self, index: u16) -> Option<&InstitutionId> {
        self.ids.get(usize::from(index))?.as_ref()
    }

    /// One more than the highest index.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}

impl Side {
    /// RPFlg in the rows of a party on this side, and the leg in its summary: empty, 1 or 2.
    #[must_use]
    pub const fn flag(self) -> &'static str {
        match self {
            Self::Initiator => "",
            Self::Debit => "1",
            Self::Credit => "2",
        }
    }

    /// The side with this flag.
    #[must_use]
    pub fn from_flag(flag: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|side| side.flag().as_bytes() == flag)
    }
}

/// TrxCtgy of a business; empty for an adjustment, which has none.
#[must_use]
pub fn category(business: Business) -> &'static str {
    rules(business).categories.first().copied().unwrap_or("")
}

impl Line<'_> {
    /// The participants whose files have the line, with their sides; the same one twice where it is both banks.
    #[must_use]
    pub const fn parties(&self) -> [(u16, Side); 3] {
        [(self.institution, Side::Initiator), (self.banks[0], Side::Debit), (self.banks[1], Side::Credit)]
    }

    /// Indexes for PyerAcctIssrId, PyeeAcctIssrId and ResfdAcctIssrId. With a reserve account the institution is payer or payee, as in
    /// the messages; without one, and in an adjustment, both are banks.
    fn issuers(&self) -> [u16; 3] {
        let [debit, credit] = self.banks;
        if !self.has_reserve || self.batch.is_of_disputes() {
            return [debit, credit, NO_PARTICIPANT];
        }
        match rules(self.business).customer_leg {
            Some(Leg::One) | None => [debit, self.institution, credit],
            Some(Leg::Two) => [self.institution, credit, debit],
        }
    }
}

/// Writes rows one after the other; what stays the same from one to the next is not made again.
#[derive(Debug)]
pub struct RowWriter<'n> {
    names: &'n Names,
    text: Vec<u8>,
    batch: Option<(BatchName, String)>,
    finished: (u64, [u8; 19]),
}

/// The row of one line, but for the flag of the reader's side.
#[derive(Clone, Copy, Debug)]
pub struct RowText<'w> {
    before: &'w [u8],
    behind: &'w [u8],
}

impl RowText<'_> {
    /// Appends the row as a party on this side reads it, with its end of line.
    pub fn push_to(&self, side: Side, out: &mut Vec<u8>) {
        out.extend_from_slice(self.before);
        out.extend_from_slice(side.flag().as_bytes());
        out.extend_from_slice(self.behind);
    }
}

impl<'n> RowWriter<'n> {
    /// A writer of rows of these participants.
    #[must_use]
    pub fn new(names: &'n Names) -> Self {
        let finished = (0, BeijingTime::from_unix_secs(0).to_text());
        Self { names, text: Vec::with_capacity(1024), batch: None, finished }
    }

    /// The row of a line.
    pub fn write(&mut self, line: &Line<'_>) -> RowText<'_> {
        self.text.clear();
        let [payer, payee, reserve] = line.issuers();
        self.trx_id(line.trx_id);
        self.batch(line.batch);
        self.known(category(line.business).as_bytes());
        self.strange(line.particulars.biz_tp);
        self.known(line.status.as_bytes());
        self.amount(line.amount_fen);
        self.participant(payer);
        self.participant(payee);
        self.participant(reserve);
        let flag_at = self.text.len();
        self.text.push(BAR);
        self.strange(line.particulars.serials[0]);
        self.strange(line.particulars.serials[1]);
        self.trx_id(line.original);
        self.strange(line.particulars.sgn_no);
        self.strange(line.particulars.trx_time);
        self.finished_at(line.finished_at_us);
        self.known(system_code(line.status).as_bytes());
        self.strange(&line.code);
        if let Some(end) = self.text.last_mut() {
            *end = b'\n';
        }
        let (before, behind) = self.text.split_at(flag_at);
        RowText { before, behind }
    }

    /// A column that is known to be printable.
    fn known(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
        self.text.push(BAR);
    }

    /// A column that a participant wrote.
    fn strange(&mut self, text: &[u8]) {
        if text.iter().fold(true, |good, byte| good & matches!(byte, b' '..=b'{' | b'}' | b'~')) {
            return self.known(text);
        }
        // Elements are cut at a byte, so the last character may be half there.
        let lossless = String::from_utf8_lossy(text);
        let clean = |letter: char| if letter.is_control() || letter == '|' { char::from(REPLACEMENT) } else { letter };
        let clean: String = lossless.chars().map(clean).collect();
        self.known(clean.as_bytes());
    }

    /// 31 digits, or nothing for 0.
    fn trx_id(&mut self, number: u128) {
        match TrxId::from_u128(number) {
            Some(id) => self.known(&id.to_text()),
            None => self.known(b""),
        }
    }

    fn batch(&mut self, batch: BatchName) {
        if self.batch.as_ref().is_none_or(|(known, _)| *known != batch) {
            self.batch = Some((batch, format!("{batch}|")));
        }
        if let Some((_, text)) = &self.batch {
            self.text.extend_from_slice(text.as_bytes());
        }
    }

    fn participant(&mut self, index: u16) {
        self.text.extend_from_slice(self.names.text(index));
        self.text.push(BAR);
    }

    fn finished_at(&mut self, at_us: u64) {
        let second = at_us / 1_000_000;
        if self.finished.0 != second {
            self.finished = (second, BeijingTime::from_unix_secs(second).to_text());
        }
        self.text.extend_from_slice(&self.finished.1);
        self.text.push(BAR);
    }

    /// No payment is of 0 or of more than an amount can be, see `AMOUNT_FEN_MAX`.
    fn amount(&mut self, fen: u64) {
        match Amount::from_fen(fen) {
            Ok(amount) => self.known(amount.to_text().as_bytes()),
            Err(_) => self.known(b""),
        }
    }
}

/// Digits without a needless zero, to 2^64 - 1.
pub(super) fn parse_number(digits: &[u8]) -> Option<u64> {
    let is_number = digits.iter().all(u8::is_ascii_digit) && (digits.len() == 1 || digits.first() != Some(&b'0'));
    if is_number { std::str::from_utf8(digits).ok()?.parse().ok() } else { None }
}
