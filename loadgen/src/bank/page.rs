//! What all counterparties know after a run, and its JSON form for another process.
//!
//! ```text
//! {"format":1,
//!  "banks":[{"bank":"C1...",
//!            "debits":[[TrxId, [counts], [fen], serial, code, told, [flags]], ...],
//!            "credits":[...]}, ...],
//!  "notices":[[TrxId, institution, status, times, contradicted], ...]}
//! ```
//!
//! Invariant: reading what was written gives the same books. Written by `clearway-loadgen banks`, read by
//! `clearway-loadgen run --ledgers`.

use super::ledger::{BankLedger, Book, Ledger, Leg};
use crate::institution::{Notice, Notices};
use crate::transactions::TransactionMap;
use clearway_codec::{InstitutionId, ReturnCode, TrxId, TrxStatus};
use serde::de::Error as _;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const FORMAT: u32 = 1;

/// The banks' ledgers and the notices that reached the institutions: one side of what the oracle compares.
#[derive(Debug, Clone, Default)]
pub struct Ledgers {
    /// In the order of the configuration.
    pub banks: Vec<BankLedger>,
    /// Terminal notices (207) received.
    pub notices: Notices,
}

impl Ledgers {
    /// Adds what another process holds: books of a bank known already are joined to it.
    pub fn merge(&mut self, other: Self) {
        for bank in other.banks {
            match self.banks.iter_mut().find(|known| known.bank == bank.bank) {
                Some(known) => copy_books(&bank.ledger, &mut known.ledger),
                None => self.banks.push(bank),
            }
        }
        for (id, notice) in other.notices.iter() {
            self.notices.insert(id, *notice);
        }
    }
}

fn copy_books(from: &Ledger, to: &mut Ledger) {
    for leg in [Leg::Debit, Leg::Credit] {
        for (id, book) in from.books(leg).iter() {
            to.insert(id, leg, *book);
        }
    }
}

/// Counts: requests, queries, notices, executed, reversed, rolled back, refused.
type Counts = [u16; 7];
/// Amounts in fen: asked, executed, reversed.
type Amounts = [u64; 3];
/// Contradicted, disowned, owed by statement.
type Flags = [bool; 3];

/// One book: id, counts, amounts, serial, refusal code, state told, flags.
#[derive(Serialize, Deserialize)]
struct BookRow(String, Counts, Amounts, u64, Option<String>, Option<String>, Flags);

impl BookRow {
    fn of(id: TrxId, book: &Book) -> Self {
        Self(
            id.to_string(),
            [book.requests, book.queries, book.notices, book.executed, book.reversed, book.rolled_back, book.refused],
            [book.asked_fen, book.executed_fen, book.reversed_fen],
            book.serial,
            book.code.map(|code| code.to_string()),
            book.told.map(|status| status.to_string()),
            [book.contradicted, book.disowned, book.owed_by_statement],
        )
    }

    fn read(&self) -> Result<(TrxId, Book), String> {
        let [requests, queries, notices, executed, reversed, rolled_back, refused] = self.1;
        let [asked_fen, executed_fen, reversed_fen] = self.2;
        let [contradicted, disowned, owed_by_statement] = self.6;
        let code = self.4.as_deref().map(read_code).transpose()?;
        let told = self.5.as_deref().map(read_status).transpose()?;
        let book = Book {
            requests,
            queries,
            notices,
            executed,
            reversed,
            rolled_back,
            refused,
            asked_fen,
            executed_fen,
            reversed_fen,
            serial: self.3,
            code,
            told,
            contradicted,
            disowned,
            owed_by_statement,
        };
        Ok((read_id(&self.0)?, book))
    }
}

#[derive(Serialize, Deserialize)]
struct NoticeRow(String, String, String, u16, bool);

impl NoticeRow {
    fn of(id: TrxId, notice: &Notice) -> Self {
        Self(
            id.to_string(),
            notice.institution.to_string(),
            notice.status.to_string(),
            notice.times,
            notice.contradicted,
        )
    }

    fn read(&self) -> Result<(TrxId, Notice), String> {
        let notice = Notice {
            institution: read_institution(&self.1)?,
            status: read_status(&self.2)?,
            times: self.3,
            contradicted: self.4,
        };
        Ok((read_id(&self.0)?, notice))
    }
}

fn read_id(text: &str) -> Result<TrxId, String> {
    TrxId::parse(text.as_bytes()).map_err(|error| format!("{text}: {error}"))
}

fn read_code(text: &str) -> Result<ReturnCode, String> {
    ReturnCode::parse(text.as_bytes()).map_err(|error| format!("{text}: {error}"))
}

fn read_status(text: &str) -> Result<TrxStatus, String> {
    TrxStatus::parse(text.as_bytes()).map_err(|error| format!("{text}: {error}"))
}

fn read_institution(text: &str) -> Result<InstitutionId, String> {
    InstitutionId::parse(text.as_bytes()).map_err(|error| format!("{text}: {error}"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BankPage {
    bank: String,
    debits: Vec<BookRow>,
    credits: Vec<BookRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    format: u32,
    banks: Vec<BankPage>,
    notices: Vec<NoticeRow>,
}

impl BankPage {
    fn read(&self) -> Result<BankLedger, String> {
        let mut ledger = Ledger::default();
        for (leg, rows) in [(Leg::Debit, &self.debits), (Leg::Credit, &self.credits)] {
            for row in rows {
                let (id, book) = row.read()?;
                ledger.insert(id, leg, book);
            }
        }
        Ok(BankLedger { bank: read_institution(&self.bank)?, ledger })
    }
}

impl Page {
    fn read(&self) -> Result<Ledgers, String> {
        if self.format != FORMAT {
            return Err(format!("format {}: this program reads format {FORMAT}", self.format));
        }
        Ok(Ledgers {
            banks: self.banks.iter().map(BankPage::read).collect::<Result<_, _>>()?,
            notices: self.notices.iter().map(NoticeRow::read).collect::<Result<_, _>>()?,
        })
    }
}

impl<'de> Deserialize<'de> for Ledgers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Page::deserialize(deserializer)?.read().map_err(D::Error::custom)
    }
}

/// Rows are made one at a time while they are written: a long run's page is never in memory twice.
struct BookRows<'a>(&'a TransactionMap<Book>);
struct NoticeRows<'a>(&'a Notices);

impl Serialize for BookRows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(id, book)| BookRow::of(id, book)))
    }
}

impl Serialize for NoticeRows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(id, notice)| NoticeRow::of(id, notice)))
    }
}

impl Serialize for BankLedger {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut page = serializer.serialize_struct("BankLedger", 3)?;
        page.serialize_field("bank", self.bank.as_str())?;
        page.serialize_field("debits", &BookRows(self.ledger.books(Leg::Debit)))?;
        page.serialize_field("credits", &BookRows(self.ledger.books(Leg::Credit)))?;
        page.end()
    }
}

impl Serialize for Ledgers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut page = serializer.serialize_struct("Ledgers", 3)?;
        page.serialize_field("format", &FORMAT)?;
        page.serialize_field("banks", &self.banks)?;
        page.serialize_field("notices", &NoticeRows(&self.notices))?;
        page.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(sequence: u128) -> TrxId {
        TrxId::from_u128(20_261_120 * 10_u128.pow(23) + sequence).unwrap()
    }

    fn sample() -> Ledgers {
        let mut ledger = Ledger::default();
        ledger.note_request(id(1), Leg::Debit, 500);
        ledger.execute(id(1), Leg::Debit, 500);
        ledger.settle_notice(id(1), Leg::Debit, TrxStatus::PresumedFailure);
        ledger.refuse(id(2), Leg::Credit, ReturnCode::RB620097);
        ledger.settle_notice(id(3), Leg::Credit, TrxStatus::PresumedSuccess);
        let bank = InstitutionId::parse(b"C1000000000011").unwrap();
        let institution = InstitutionId::parse(b"Z2000000000088").unwrap();
        let notice = Notice { institution, status: TrxStatus::PresumedFailure, times: 2, contradicted: false };
        Ledgers { banks: vec![BankLedger { bank, ledger }], notices: [(id(1), notice)].into_iter().collect() }
    }

    #[test]
    fn the_page_gives_back_the_books() {
        let written = sample();
        let read: Ledgers = serde_json::from_str(&serde_json::to_string(&written).unwrap()).unwrap();
        for (sequence, leg) in [(1, Leg::Debit), (2, Leg::Credit), (3, Leg::Credit)] {
            let book = |ledgers: &Ledgers| *ledgers.banks[0].ledger.book(id(sequence), leg).unwrap();
            assert_eq!(book(&read), book(&written));
        }
        assert_eq!(read.notices.get(id(1)), written.notices.get(id(1)));
        assert_eq!(read.notices.len(), 1);
    }

    #[test]
    fn a_page_of_another_format_is_refused() {
        let text = serde_json::to_string(&sample()).unwrap();
        for broken in [
            text.replace("\"format\":1", "\"format\":2"),
            text.replace("C1000000000011", "C1"),
            text.replace("\"04\"", "\"07\""),
        ] {
            assert!(serde_json::from_str::<Ledgers>(&broken).is_err());
        }
    }

    #[test]
    fn merging_joins_books_of_the_same_bank() {
        let (mut ours, mut other) = (sample(), Ledgers::default());
        ours.banks[0].ledger.execute(id(9), Leg::Debit, 1);
        other.merge(sample());
        other.merge(ours);
        assert_eq!(other.banks.len(), 1);
        assert_eq!(other.banks[0].ledger.books(Leg::Debit).len(), 2);
    }
}
