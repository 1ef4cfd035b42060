//! What the mini switch knows of agreements, mandates and refunds: enough to refuse what must be refused.

use super::messages::End;
use bytes::Bytes;
use clearway_codec::{Amount, Checked, Decoder, Field, ReturnCode, TrxId, TrxStatus};
use clearway_loadgen::business::{Business, BusinessRow};
use std::collections::HashMap;

#[derive(Debug, Clone, Copy, Default)]
struct Contract {
    /// Ends that are under way or done. One that fails does not undo another.
    ends: u32,
    /// Of a mandate: limit per payment in fen, payments a day.
    terms: Option<(u64, u32)>,
    payments: u32,
}

#[derive(Debug, Default)]
pub struct Register {
    contracts: HashMap<Vec<u8>, Contract>,
    /// What can still be refunded of each payment, in fen.
    refundable: HashMap<TrxId, u64>,
}

impl Register {
    /// The code of a refusal, or what it takes is reserved.
    pub fn admit(&mut self, row: &BusinessRow, request: &Bytes, fresh: bool, forgetful: bool) -> Option<ReturnCode> {
        let mut decoder = Decoder::new();
        let message = decoder.decode(request).unwrap().check().unwrap();
        match row.business {
            _ if !fresh => None,
            Business::Payment | Business::Entrusted if forgetful => None,
            Business::Payment => self.admit_payment(&message),
            Business::Entrusted => self.admit_entrusted(&message),
            Business::Refund => self.admit_refund(&message),
            Business::Unsigning | Business::MandateEnd => {
                self.end(message.field(Field::SgnNo).unwrap());
                None
            }
            _ => None,
        }
    }

    fn admit_payment(&mut self, message: &Checked<'_>) -> Option<ReturnCode> {
        let number = message.field(Field::SgnNo).unwrap();
        match self.contracts.get(number) {
            Some(contract) if contract.ends > 0 => Some(ReturnCode::PB521013),
            None if !number.starts_with(b"EPI") => Some(ReturnCode::PB521014),
            _ => None,
        }
    }

    fn admit_entrusted(&mut self, message: &Checked<'_>) -> Option<ReturnCode> {
        let number = message.field(Field::SgnNo).unwrap();
        let Some(contract) = self.contracts.get_mut(number) else { return Some(ReturnCode::PB521014) };
        let (limit_fen, payments_max) = contract.terms.unwrap();
        let fen = message.amount(Field::TrxAmt).unwrap().fen();
        let to_person = message.field(Field::PyeeAcctTp) == Some(b"00");
        if contract.ends > 0 || to_person || fen > limit_fen || contract.payments >= payments_max {
            return Some(ReturnCode::PB521013);
        }
        contract.payments += 1;
        None
    }

    fn admit_refund(&mut self, message: &Checked<'_>) -> Option<ReturnCode> {
        let fen = message.amount(Field::TrxAmt).unwrap().fen();
        let left = self.refundable.get_mut(&message.trx_id(Field::OriTrxId).unwrap());
        match left.filter(|left| **left >= fen) {
            Some(left) => {
                *left -= fen;
                None
            }
            None => Some(ReturnCode::RB622021),
        }
    }

    /// Nobody may use it any more.
    pub fn end(&mut self, number: &[u8]) {
        self.contracts.entry(number.to_vec()).or_default().ends += 1;
    }

    /// A transaction has its end.
    pub fn settle(&mut self, row: &BusinessRow, request: &Bytes, end: &End, was_refused: bool) {
        let mut decoder = Decoder::new();
        let message = decoder.decode(request).unwrap().check().unwrap();
        let id = message.trx_id(Field::TrxId).unwrap();
        let fen = message.amount(Field::TrxAmt).map_or(0, Amount::fen);
        let moved = matches!(end.status, TrxStatus::Success | TrxStatus::PresumedSuccess);
        if let (true, Some(number)) = (moved && row.effect.opens(), &end.number) {
            self.contracts.insert(number.clone(), Contract { terms: terms(&message), ..Contract::default() });
        }
        match row.business {
            Business::Unsigning | Business::MandateEnd if end.status == TrxStatus::Failure => {
                self.contracts.entry(message.field(Field::SgnNo).unwrap().to_vec()).or_default().ends -= 1;
            }
            Business::Refund if !moved && !was_refused => {
                *self.refundable.entry(message.trx_id(Field::OriTrxId).unwrap()).or_default() += fen;
            }
            _ if moved && row.is_refundable && to_reserve(row, &message) => {
                self.refundable.insert(id, fen);
            }
            _ => {}
        }
    }
}

fn to_reserve(row: &BusinessRow, message: &Checked<'_>) -> bool {
    row.business != Business::Entrusted || message.field(Field::ResfdAcctIssrId).is_some()
}

fn terms(message: &Checked<'_>) -> Option<(u64, u32)> {
    let limit = message.amount(Field::EntrstAmtLmt).ok()?.fen();
    let count = std::str::from_utf8(message.field(Field::EntrstFrqcy)?).ok()?.parse().ok()?;
    Some((limit, count))
}
