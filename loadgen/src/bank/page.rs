//! What all counterparties know after a run, and its JSON form for another process.
//!
//! ```text
//! {"format":3,
//!  "banks":[{"bank":"C1...",
//!            "books":[debits, credits, entries, checks],     each [[TrxId, [counts], [fen], serial, code, told, [flags]], ...]
//!            "register":[contract, ...]}, ...],
//!  "notices":[[TrxId, institution, status, times, contradicted], ...],
//!  "ends":[end, ...]}
//! ```
//!
//! Invariant: reading what was written gives the same books. Written by `clearway-loadgen banks`, read by
//! `clearway-loadgen run --ledgers`.

use super::contract::Contract;
use super::ledger::{BankLedger, Book, Ledger, Leg};
use crate::institution::{Ends, Notice, Notices};
use crate::transactions::TransactionMap;
use clearway_codec::{InstitutionId, ReturnCode, TrxId, TrxStatus};
use serde::de::Error as _;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const FORMAT: u32 = 3;

/// The banks' ledgers and the notices that reached the institutions: one side of what the oracle compares.
#[derive(Debug, Clone, Default)]
pub struct Ledgers {
    /// In the order of the configuration.
    pub banks: Vec<BankLedger>,
    /// Terminal notices (207) received.
    pub notices: Notices,
    /// Ends that banks have started (105, 117), as they reached the institutions.
    pub ends: Ends,
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
        self.ends.extend(other.ends);
    }
}

fn copy_books(from: &Ledger, to: &mut Ledger) {
    for leg in Leg::ALL {
        for (id, book) in from.books(leg).iter() {
            to.insert(id, leg, *book);
        }
    }
    for contract in from.register().values() {
        *to.contract_mut(contract.number, contract.is_mandate) = contract.clone();
    }
}

/// Counts: requests, queries, notices, executed, reversed, rolled back, refused.
type Counts = [u16; 7];
/// Amounts in fen: asked, executed, reversed.
type Amounts = [u64; 3];
/// Contradicted, disowned, owed by statement, waiting.
type Flags = [bool; 5];

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
            [book.contradicted, book.disowned, book.owed_by_statement, book.waiting, book.confirmed],
        )
    }

    fn read(&self) -> Result<(TrxId, Book), String> {
        let [requests, queries, notices, executed, reversed, rolled_back, refused] = self.1;
        let [asked_fen, executed_fen, reversed_fen] = self.2;
        let [contradicted, disowned, owed_by_statement, waiting, confirmed] = self.6;
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
            waiting,
            confirmed,
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
    books: [Vec<BookRow>; Leg::ALL.len()],
    register: Vec<Contract>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    format: u32,
    banks: Vec<BankPage>,
    notices: Vec<NoticeRow>,
    ends: Ends,
}

impl BankPage {
    fn read(&self) -> Result<BankLedger, String> {
        let mut ledger = Ledger::default();
        for (leg, rows) in Leg::ALL.into_iter().zip(&self.books) {
            for row in rows {
                let (id, book) = row.read()?;
                ledger.insert(id, leg, book);
            }
        }
        for contract in &self.register {
            *ledger.contract_mut(contract.number, contract.is_mandate) = contract.clone();
        }
        Ok(BankLedger { bank: read_institution(&self.bank)?, ledger })
    }
}

impl Page {
    fn read(self) -> Result<Ledgers, String> {
        if self.format != FORMAT {
            return Err(format!("format {}: this program reads format {FORMAT}", self.format));
        }
        Ok(Ledgers {
            banks: self.banks.iter().map(BankPage::read).collect::<Result<_, _>>()?,
            notices: self.notices.iter().map(NoticeRow::read).collect::<Result<_, _>>()?,
            ends: self.ends,
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
        page.serialize_field("books", &Leg::ALL.map(|leg| BookRows(self.ledger.books(leg))))?;
        page.serialize_field("register", &self.ledger.register().values().collect::<Vec<_>>())?;
        page.end()
    }
}

impl Serialize for Ledgers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut page = serializer.serialize_struct("Ledgers", 4)?;
        page.serialize_field("format", &FORMAT)?;
        page.serialize_field("banks", &self.banks)?;
        page.serialize_field("notices", &NoticeRows(&self.notices))?;
        page.serialize_field("ends", &self.ends)?;
        page.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::business::Effect;
    use crate::institution::End;

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
        let number = ledger.note_entry(id(4), Effect::OpensAgreement, None, Some(institution)).unwrap();
        ledger.execute(id(4), Leg::Entry, 0);
        let end = End { number, is_mandate: false, times: 2, consent: None, acknowledged_us: 7 };
        let notices = [(id(1), notice)].into_iter().collect();
        Ledgers { banks: vec![BankLedger { bank, ledger }], notices, ends: [(id(5).to_string(), end)].into() }
    }

    #[test]
    fn the_page_gives_back_the_books() {
        let written = sample();
        let read: Ledgers = serde_json::from_str(&serde_json::to_string(&written).unwrap()).unwrap();
        for (sequence, leg) in [(1, Leg::Debit), (2, Leg::Credit), (3, Leg::Credit), (4, Leg::Entry)] {
            let book = |ledgers: &Ledgers| *ledgers.banks[0].ledger.book(id(sequence), leg).unwrap();
            assert_eq!(book(&read), book(&written));
        }
        assert_eq!(read.notices.get(id(1)), written.notices.get(id(1)));
        assert_eq!(read.notices.len(), 1);
        assert_eq!(read.banks[0].ledger.register(), written.banks[0].ledger.register());
        assert_eq!(read.ends, written.ends);
    }

    #[test]
    fn a_page_of_another_format_is_refused() {
        let text = serde_json::to_string(&sample()).unwrap();
        for broken in [
            text.replace("\"format\":3", "\"format\":1"),
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
