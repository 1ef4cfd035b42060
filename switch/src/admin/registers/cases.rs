//! Cases: what is open, one of them, and the adjustment from the console.

use clearway_codec::value::{Amount, BeijingTime, TrxStatus};
use serde::Deserialize;
use serde_json::json;

use super::super::hooks::Answer;
use super::show::{self, show_adjustment};
use super::{LIST_MAX, RegisterPages, check_author, failed, not_found, read};
use crate::constants::NO_PARTICIPANT;
use crate::domain::clearing::BatchName;
use crate::domain::dispute::{Adjustment, Case, Direction, DisputeBatchId};
use crate::domain::register::{DisputeFacts, Facts, Image, Key, RegisterRule, Stage, check, follow};
use crate::error::Error;
use crate::positions::Closed;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    by: String,
    direction: String,
    amount: String,
}

/// Why there is no adjustment.
enum Stop {
    Unknown,
    Refused([u8; 8]),
    Closed(Closed),
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Stop> for Answer {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Unknown => not_found("no case about this transaction"),
            Stop::Refused(code) => Self::error(409, &format!("refused: {}", String::from_utf8_lossy(&code))),
            // The hour has just ended.
            Stop::Closed(closed) => Self::error(503, &format!("{closed}: say it again")),
            Stop::Failed(error) => failed(error),
        }
    }
}

impl RegisterPages {
    /// The cases that are not settled, or all.
    pub(super) fn cases(&self, all: bool) -> Result<Answer, Answer> {
        let found = self.registrar.registers().cases(|case| all || !case.is_settled());
        let listed: Vec<_> = found.iter().take(LIST_MAX).map(|case| self.show_case(case)).collect();
        Ok(Answer::json(json!({ "cases": found.len(), "listed": listed }).to_string()))
    }

    /// The adjustments of a dispute batch that count, for the books of their hour.
    pub(super) fn adjustments(&self, batch: &str) -> Result<Answer, Answer> {
        let batch = DisputeBatchId::parse(batch.as_bytes()).map_err(|error| Answer::error(400, &error.to_string()))?;
        let found = self.registrar.registers().adjustments(batch);
        let one = |(key, adjustment): &(u128, Adjustment)| {
            let mut shown = show_adjustment(adjustment);
            shown["trx_key"] = json!(show::trx_key(*key));
            shown
        };
        let listed: Vec<_> = found.iter().take(LIST_MAX).map(one).collect();
        Ok(Answer::json(json!({ "adjustments": found.len(), "listed": listed }).to_string()))
    }

    /// One case.
    pub(super) fn case(&self, key: &str) -> Result<Answer, Answer> {
        let case = self.registrar.registers().case(case_key(key)?).ok_or(Stop::Unknown)?;
        Ok(Answer::json(self.show_case(&case).to_string()))
    }

    /// An adjustment from the console: made at once, in the books of this hour; the parties see it in their statements.
    pub(super) fn adjust(&self, key: &str, body: &[u8]) -> Result<Answer, Answer> {
        let change: Change = read(body)?;
        check_author(&change.by)?;
        let trx_key = case_key(key)?;
        let direction = Direction::parse(change.direction.as_bytes())
            .ok_or_else(|| Answer::error(400, "direction is 01 (to the payer) or 02 (to the payee)"))?;
        let amount = Amount::parse(change.amount.as_bytes()).map_err(|error| Answer::error(400, &error.to_string()))?;
        self.record_adjustment(trx_key, direction, amount, &change.by)?;
        tracing::info!(by = %change.by, trx_key = %key, direction = direction.code(), %amount, "adjusted");
        self.case(key)
    }

    fn record_adjustment(&self, trx_key: u128, direction: Direction, amount: Amount, by: &str) -> Result<(), Stop> {
        let (now_us, amount_fen) = (self.clock.now_micros(), amount.fen());
        let what = json!({
            "adjustment": {
                "trx_key": show::trx_key(trx_key), "direction": direction.code(), "amount": amount.to_string(),
            }
        });
        // Until it is recorded, nobody finishes the batch that it comes into.
        let batch = BatchName::disputes(DisputeBatchId::at(BeijingTime::from_unix_micros(now_us)));
        let _held = self.positions.hold(batch).map_err(Stop::Closed)?;
        let refunded_fen = (self.find_payment)(trx_key).map_or(0, |payment| payment.refunded_fen);
        self.history.note(now_us, by, what, |copy| {
            self.registrar.turn()?.record::<Stop>(now_us, &Key::Case(trx_key), |known| {
                let case = known.and_then(Image::case).ok_or(Stop::Unknown)?;
                let dispute = Some(by_operator(case, direction, refunded_fen));
                let facts =
                    Facts { amount_fen, dispute, trx_key, accepted_at_us: now_us, at_us: now_us, ..Facts::default() };
                check(RegisterRule::Adjust, &facts, known).map_err(Stop::Refused)?;
                let begun = follow(RegisterRule::Adjust, Stage::Accepted, &facts, known);
                let made = follow(RegisterRule::Adjust, Stage::Final(TrxStatus::Success), &facts, begun.as_ref());
                Ok(made.map_or_else(Vec::new, |case| vec![case, Image::Setting(copy)]))
            })?;
            Ok(self.registrar.flush()?)
        })
    }
}

const fn by_operator(case: &Case, direction: Direction, refunded_fen: u64) -> DisputeFacts {
    DisputeFacts {
        original_key: case.trx_key,
        original_status: case.status,
        original_business: case.business,
        original_has_reserve: case.has_reserve,
        original_amount_fen: case.amount_fen,
        refunded_fen,
        institution: case.institution,
        banks: case.banks,
        direction,
        agrees: true,
        by: NO_PARTICIPANT,
        of: NO_PARTICIPANT,
        by_operator: true,
    }
}

fn case_key(text: &str) -> Result<u128, Answer> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| Answer::error(400, "a case is named by the digits of its TrxId"))
}
