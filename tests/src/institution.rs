//! One payment institution as a test plays it: writes letters, signs them, reads the answers.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use clearway_codec::{Amount, BeijingTime, Date, Field, MessageType, TrxId, TrxStatus};
use clearway_loadgen::config::Identity;

use crate::answer::{self, Answer};
use crate::http::{Connection, Response};
use crate::letter::Letter;
use crate::site::Site;

/// The path that institutions post to.
pub const PATH: &str = "/preSvr";

/// One institution of a site.
#[derive(Clone, Copy, Debug)]
pub struct Institution<'s> {
    site: &'s Site,
    place: usize,
}

/// The hour in Beijing, now.
#[must_use]
pub fn beijing_now() -> BeijingTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    BeijingTime::from_unix_micros(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
}

/// A transaction id of that day which nothing in this process has used.
///
/// # Panics
/// If the day is beyond the year 9999.
#[must_use]
pub fn fresh_id(date: Date) -> TrxId {
    // Ids of the load generator carry its run number in the first six digits after the date; this one it never draws.
    const RUN: u128 = 999_999;
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let sequence = u128::from(NEXT.fetch_add(1, Ordering::Relaxed));
    let number = ((u128::from(date.to_number()) * 1_000_000 + RUN) * 100_000_000_000 + sequence) * 1_000_000 + 770_101;
    TrxId::from_u128(number).expect("31 digits with a date")
}

impl<'s> Institution<'s> {
    pub(crate) const fn new(site: &'s Site, place: usize) -> Self {
        Self { site, place }
    }

    /// Who it is and what it signs with.
    ///
    /// # Panics
    /// If the site has no such institution.
    #[must_use]
    pub fn identity(&self) -> &'s Identity {
        &self.site.parties().institutions[self.place].identity
    }

    /// The place of the bank that keeps its reserve account.
    #[must_use]
    pub fn reserve_bank(&self) -> usize {
        self.site.parties().institutions[self.place].reserve_bank
    }

    /// A letter of this institution with the catalogue's examples in it.
    #[must_use]
    pub fn letter(&self, message_type: MessageType) -> Letter {
        let identity = self.identity();
        Letter::new(message_type, identity.id, identity.serial, beijing_now())
    }

    /// A new payment of `fen` by a customer of the bank at `payer_bank`.
    #[must_use]
    pub fn payment(&self, payer_bank: usize, fen: u64) -> Letter {
        let now = beijing_now();
        self.letter(MessageType::Epcc201)
            .with(Field::PyerAcctIssrId, self.bank(payer_bank))
            .with(Field::PyeeAcctIssrId, self.identity().id.as_str())
            .with(Field::ResfdAcctIssrId, self.bank(self.reserve_bank()))
            .with(Field::TrxId, fresh_id(now.date()).to_string())
            .with(Field::TrxDtTm, time_text(now))
            .with(Field::TrxAmt, amount_text(fen))
            .with(Field::TrxCtgy, "0110")
    }

    /// A refund of `fen` of an earlier payment, which was `payment`.
    ///
    /// # Panics
    /// If `payment` is no payment.
    #[must_use]
    pub fn refund(&self, payment: &Letter, fen: u64) -> Letter {
        let now = beijing_now();
        let of = |field| payment.value(field).expect("a payment has it");
        self.letter(MessageType::Epcc205)
            .with(Field::PyerAcctIssrId, self.identity().id.as_str())
            .with(Field::PyeeAcctIssrId, of(Field::PyerAcctIssrId))
            .with(Field::SgnNo, of(Field::SgnNo))
            .with(Field::ResfdAcctIssrId, of(Field::ResfdAcctIssrId))
            .with(Field::TrxId, fresh_id(now.date()).to_string())
            .with(Field::TrxDtTm, time_text(now))
            .with(Field::TrxAmt, amount_text(fen))
            .with(Field::TrxCtgy, "0121")
            .with(Field::OriTrxId, of(Field::TrxId))
            .with(Field::OriTrxAmt, of(Field::TrxAmt))
    }

    /// Asks what became of a payment or refund.
    ///
    /// # Panics
    /// If `of` is neither.
    #[must_use]
    pub fn query(&self, of: &Letter) -> Letter {
        let value = |field| of.value(field).expect("a payment or refund has it");
        self.letter(MessageType::Epcc301)
            .with(Field::OriTrxCtgy, value(Field::TrxCtgy))
            .with(Field::OriTrxId, value(Field::TrxId))
            .with(Field::OriTrxDtTm, value(Field::TrxDtTm))
    }

    /// Signs and posts a letter.
    ///
    /// # Panics
    /// If the answer is not HTTP 200 with a message that the node has signed.
    #[must_use]
    pub fn send(&self, letter: &Letter) -> Answer {
        self.post(&letter.seal(&self.identity().key))
    }

    /// Posts bytes.
    ///
    /// # Panics
    /// As [`send`](Self::send).
    #[must_use]
    pub fn post(&self, bytes: &[u8]) -> Answer {
        let response = self.try_post(bytes).expect("the node answers");
        self.site.believe(&response)
    }

    /// Posts bytes and takes any answer.
    ///
    /// # Errors
    /// No connection, or no whole answer.
    pub fn try_post(&self, bytes: &[u8]) -> io::Result<Response> {
        Connection::open(self.site.address())?.post(PATH, bytes)
    }

    /// A payment that must succeed: 12.34 yuan from the first bank. The letter that did.
    ///
    /// # Panics
    /// If it does not.
    #[must_use]
    pub fn pay(&self) -> Letter {
        let letter = self.payment(0, 1_234);
        let answer = self.send(&letter);
        assert_eq!(
            (answer.message_type(), answer.status()),
            (MessageType::Epcc206, Some(TrxStatus::Success)),
            "{answer}"
        );
        letter
    }

    /// Queries until the state is final, and gives it.
    ///
    /// # Panics
    /// If it does not become final within the limit.
    #[must_use]
    pub fn await_final(&self, of: &Letter) -> TrxStatus {
        crate::wait::until("a final state", || {
            let answer = self.send(&self.query(of));
            assert_eq!(answer.message_type(), MessageType::Epcc302, "{answer}");
            answer.status().filter(|status| status.is_final())
        })
    }

    /// The id of the bank at a place.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn bank(&self, place: usize) -> &'s str {
        self.site.parties().banks[place].identity.id.as_str()
    }
}

/// The transaction that a letter orders.
///
/// # Panics
/// If it orders none.
#[must_use]
pub fn id_of(letter: &Letter) -> TrxId {
    TrxId::parse(letter.value(Field::TrxId).expect("it orders one").as_bytes()).expect("a letter's id is well formed")
}

/// A time as it stands on the wire.
#[must_use]
pub fn time_text(time: BeijingTime) -> String {
    String::from_utf8_lossy(&time.to_text()).into_owned()
}

/// An amount as it stands on the wire.
///
/// # Panics
/// If it is more than the wire takes.
#[must_use]
pub fn amount_text(fen: u64) -> String {
    let text = Amount::from_fen(fen).expect("an amount of a test is possible").to_text();
    String::from_utf8_lossy(text.as_bytes()).into_owned()
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.bytes))
    }
}

impl Site {
    /// The answer in a response.
    ///
    /// # Panics
    /// If it is not HTTP 200 with a message that the node has signed.
    #[must_use]
    pub fn believe(&self, response: &Response) -> Answer {
        let text = || String::from_utf8_lossy(&response.body).into_owned();
        assert_eq!(response.status, 200, "{}", text());
        let node = &self.parties().node;
        let verified = answer::verify(&response.body, (node.id, node.serial), &node.key);
        verified.unwrap_or_else(|why| panic!("{why}: {}", text()));
        Answer { bytes: response.body.clone() }
    }
}
