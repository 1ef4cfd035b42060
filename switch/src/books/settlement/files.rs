//! The clearing information file and the file of interest; `switch/settlement.md` has their columns.
//!
//! ```text
//! statements/{IssrId}/{yyyyMMdd}/clearing/{IssrId}_{yyyyMMdd}_CLR.txt     which batches each session held, net amounts, interest
//! statements/{IssrId}/{yyyyMMdd}/clearing/{IssrId}_{yyyyMMdd}_INT.txt     how the interest came about
//! interest/{yyyyMMdd}.txt                                                all banks' interest and the remainder, for the switch
//! ```
//!
//! UTF-8, `|` between columns, LF; a trailer with count of lines, amount in fen and digest of all lines before it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clearway_codec::value::Date;
use clearway_crypto::FileDigest;

use super::super::{Desk, Draft};
use super::notice::NoticeEntry;
use super::session_entry::SessionEntry;
use crate::domain::clearing::{BatchName, INTEREST_YEAR_DAYS, Occasion, OrderName, OrderSet, SessionName};
use crate::error::Error;

/// What a clearing bank had in one batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Share {
    /// The session that settled it.
    pub(super) session: SessionName,
    /// The batch.
    pub(super) batch: BatchName,
    /// Fen: above 0 the bank was owed.
    pub(super) net_fen: i128,
    /// Natural days from the batch to the session.
    pub(super) days: u32,
}

/// One clearing bank's day.
pub(super) struct BankDay<'a> {
    pub(super) day: Date,
    pub(super) bank: u16,
    pub(super) shares: &'a [Share],
    pub(super) sessions: BTreeMap<SessionName, &'a SessionEntry>,
    pub(super) interest_fen: i128,
    pub(super) interest_ppm: u32,
}

/// Writes both files of a bank.
pub(super) fn write_bank_files(desk: &Desk<'_>, digest: FileDigest, bank: &BankDay<'_>) -> Result<(), Error> {
    let id = desk.issr_id(bank.bank);
    let folder = desk.dir.join("statements").join(&id).join(bank.day.to_string()).join("clearing");
    let path = |kind: &str| -> PathBuf { folder.join(format!("{id}_{}_{kind}.txt", bank.day)) };
    write(desk, &path("CLR"), clearing_lines(bank, &id), digest)?;
    write(desk, &path("INT"), interest_lines(bank, &id), digest)
}

/// Writes the switch's own file of a day's interest.
pub(super) fn write_interest_file(
    desk: &Desk<'_>,
    digest: FileDigest,
    day: Date,
    notice: &NoticeEntry,
) -> Result<(), Error> {
    let mut lines = Lines::new("INTEREST", "all", day);
    for (bank, fen) in &notice.interest_fen {
        let order = OrderName { set: OrderSet { day, occasion: Occasion::Interest }, bank: *bank };
        lines.add(*fen, format_args!("I|{}|{fen}|{order}", desk.issr_id(*bank)));
    }
    lines.add(notice.remainder_fen, format_args!("R|{}", notice.remainder_fen));
    write(desk, &desk.dir.join("interest").join(format!("{day}.txt")), lines, digest)
}

/// Batches, sessions, interest.
fn clearing_lines(bank: &BankDay<'_>, id: &str) -> Lines {
    let mut lines = Lines::new("CLEARING", id, bank.day);
    for (session, entry) in &bank.sessions {
        let shares = bank.shares.iter().filter(|share| share.session == *session);
        let nets: BTreeMap<BatchName, i128> = shares.map(|share| (share.batch, share.net_fen)).collect();
        for batch in &entry.batches {
            let net_fen = nets.get(batch).copied().unwrap_or(0);
            lines.add(net_fen, format_args!("B|{session}|{batch}|{net_fen}"));
        }
        let net_fen: i128 = nets.values().sum();
        let order = order_of(bank, OrderSet::of_session(*session), net_fen);
        lines.add(0, format_args!("S|{session}|{}|{net_fen}|{order}", entry.batches.len()));
    }
    let set = OrderSet { day: bank.day, occasion: Occasion::Interest };
    lines.add(0, format_args!("I|{}|{}|{}", bank.day, bank.interest_fen, order_of(bank, set, bank.interest_fen)));
    lines
}

/// How the interest came about.
fn interest_lines(bank: &BankDay<'_>, id: &str) -> Lines {
    let mut lines = Lines::new("INTEREST", id, bank.day);
    let mut sum: i128 = 0;
    for Share { session, batch, net_fen, days } in bank.shares {
        let product = net_fen * i128::from(*days);
        sum += product;
        lines.add(0, format_args!("A|{session}|{batch}|{net_fen}|{days}|{product}"));
    }
    let (ppm, fen) = (bank.interest_ppm, bank.interest_fen);
    lines.add(fen, format_args!("I|{sum}|{ppm}|{INTEREST_YEAR_DAYS}|{fen}"));
    lines
}

/// The order over an amount; nothing when it is 0.
fn order_of(bank: &BankDay<'_>, set: OrderSet, amount_fen: i128) -> String {
    if amount_fen == 0 { String::new() } else { OrderName { set, bank: bank.bank }.to_string() }
}

/// Lines of a file, counted and added up.
struct Lines {
    text: String,
    count: u64,
    amount_fen: i128,
}

impl Lines {
    fn new(kind: &str, id: &str, day: Date) -> Self {
        Self { text: format!("{kind}|1|{id}|{day}\n"), count: 0, amount_fen: 0 }
    }

    fn add(&mut self, amount_fen: i128, line: std::fmt::Arguments<'_>) {
        // A String takes everything.
        let _ = writeln!(self.text, "{line}");
        self.count += 1;
        self.amount_fen += amount_fen;
    }
}

fn write(desk: &Desk<'_>, path: &Path, mut lines: Lines, digest: FileDigest) -> Result<(), Error> {
    let of_lines = digest.of(lines.text.as_bytes());
    let _ = writeln!(lines.text, "END|{}|{}|{of_lines}", lines.count, lines.amount_fen);
    let mut draft = Draft::create(path)?;
    draft.write_all(lines.text.as_bytes()).map_err(|error| Error::file("write", path, error))?;
    draft.finish(desk.steps)
}
