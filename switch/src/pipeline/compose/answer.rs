//! Answers to what changes nothing: refusals, queries, probes, lists.

use bytes::BytesMut;
use clearway_codec::catalogue::{Field, MessageType};
use clearway_codec::value::{AmountText, BatchId, BeijingTime, Direction, InstitutionId, ReturnCode};
use clearway_codec::{Amount, Checked, Values, encode};

use super::{Verdict, Writer, Written, set_serials, system};
use crate::domain::transaction::{Payment, Phase};

/// What an order query or a closing is answered from: the payment, its own identity and category.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OrderAnswer<'a> {
    pub(crate) payment: &'a Payment,
    pub(crate) category: &'a str,
}

/// The participants of a transaction, by their ids.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parties {
    pub(crate) institution: Option<InstitutionId>,
    pub(crate) banks: [Option<InstitutionId>; 2],
}

impl Writer {
    /// 303: the message was refused, or a notice acknowledged.
    pub(crate) fn refusal(
        &self,
        out: &mut BytesMut,
        code: ReturnCode,
        detail: Option<&str>,
        direction: Direction,
    ) -> Written {
        let time = self.now.to_text();
        let mut values = Values::new();
        system(&mut values, &code, &time);
        if let Some(detail) = detail {
            values.set_text(Field::SysRtnDesc, detail);
        }
        encode(out, MessageType::Epcc303, &self.header(MessageType::Epcc303, direction), &values)
    }

    /// 302: the answer to a query; `found` is none when there is no such transaction.
    pub(crate) fn query_answer(
        &self,
        out: &mut BytesMut,
        query: &Checked<'_>,
        found: Option<&Payment>,
        serials: [Option<&[u8]>; 2],
        direction: Direction,
    ) -> Written {
        let time = self.now.to_text();
        let mut values = Values::new();
        system(&mut values, &ReturnCode::SUCCESS, &time);
        for field in [Field::OriTrxCtgy, Field::OriTrxId, Field::OriTrxDtTm, Field::RPFlg] {
            if let Some(value) = query.field(field) {
                values.set(field, value);
            }
        }
        let verdict = found.map(Verdict::of);
        let batch = found.and_then(|payment| BatchId::from_u32(payment.batch)).map(BatchId::to_text);
        match &verdict {
            Some(verdict) => {
                values.set(Field::OriSysRtnCd, verdict.system.as_bytes());
                values.set(Field::OriBizStsCd, verdict.business.as_bytes());
                values.set(Field::TrxStatus, verdict.status.code().as_bytes());
            }
            None => {
                values.set(Field::OriSysRtnCd, ReturnCode::SUCCESS.as_bytes());
                values.set(Field::OriBizStsCd, ReturnCode::PB531001.as_bytes());
            }
        }
        if let Some(batch) = &batch {
            values.set(Field::BatchId, batch);
        }
        set_serials(&mut values, serials);
        encode(out, MessageType::Epcc302, &self.header(MessageType::Epcc302, direction), &values)
    }

    /// 992: the answer to a link probe.
    pub(crate) fn probe_answer(&self, out: &mut BytesMut, probe: &Checked<'_>, direction: Direction) -> Written {
        let mut values = Values::new();
        values.set(Field::InstgId, self.issuer.as_bytes());
        if let Some(nonce) = probe.field(Field::Nonce) {
            values.set(Field::Nonce, nonce);
        }
        encode(out, MessageType::Epcc992, &self.header(MessageType::Epcc992, direction), &values)
    }

    /// 306: what became of an order; `found` is none when the institution has no such order.
    pub(crate) fn order_answer(
        &self,
        out: &mut BytesMut,
        query: &Checked<'_>,
        found: Option<OrderAnswer<'_>>,
        direction: Direction,
    ) -> Written {
        let time = self.now.to_text();
        let mut values = Values::new();
        system(&mut values, if found.is_some() { &ReturnCode::SUCCESS } else { &ReturnCode::PB530001 }, &time);
        if let Some(number) = query.field(Field::OrdrId) {
            values.set(Field::OrdrId, number);
        }
        let Some(OrderAnswer { payment, category }) = found else {
            return encode(out, MessageType::Epcc306, &self.header(MessageType::Epcc306, direction), &values);
        };
        let told = Told::of(payment);
        told.set_into(&mut values);
        values.set(Field::OriTrxCtgy, category.as_bytes());
        encode(out, MessageType::Epcc306, &self.header(MessageType::Epcc306, direction), &values)
    }

    /// 314: everything that is known of a transaction.
    pub(crate) fn details(
        &self,
        out: &mut BytesMut,
        query: &Checked<'_>,
        found: Option<(&Payment, Parties)>,
        direction: Direction,
    ) -> Written {
        let time = self.now.to_text();
        let mut values = Values::new();
        system(&mut values, if found.is_some() { &ReturnCode::SUCCESS } else { &ReturnCode::PB531001 }, &time);
        let told = found.map(|(payment, _)| Told::of(payment));
        if let Some(told) = &told {
            told.set_into(&mut values);
        }
        for field in [Field::OriTrxCtgy, Field::OriTrxId, Field::OriTrxDtTm] {
            if let Some(value) = query.field(field) {
                values.set(field, value);
            }
        }
        let parties = found.map(|(_, parties)| parties);
        if let Some(Parties { institution, banks: [one, two] }) = &parties {
            let named = [(Field::InstgId, institution), (Field::PyerAcctIssrId, one), (Field::PyeeAcctIssrId, two)];
            for (field, id) in named {
                if let Some(id) = id {
                    values.set(field, id.as_bytes());
                }
            }
        }
        encode(out, MessageType::Epcc314, &self.header(MessageType::Epcc314, direction), &values)
    }

    /// 318: what came of an order to close; `found` is none when the institution has no such order.
    ///
    /// Outcomes (S): PB500034 closed, 00000000 paid already and not closed, PB530001 unknown.
    pub(crate) fn closing_answer(
        &self,
        out: &mut BytesMut,
        request: &Checked<'_>,
        found: Option<&Payment>,
        direction: Direction,
    ) -> Written {
        let time = self.now.to_text();
        let mut values = Values::new();
        system(&mut values, &ReturnCode::SUCCESS, &time);
        for field in [Field::OriTrxCtgy, Field::OriTrxId, Field::OriTrxDtTm] {
            if let Some(value) = request.field(field) {
                values.set(field, value);
            }
        }
        let outcome = found.map_or(ReturnCode::PB530001, closing_outcome);
        values.set(Field::OriSysRtnCd, ReturnCode::SUCCESS.as_bytes());
        values.set(Field::OriBizStsCd, outcome.as_bytes());
        if let Some(payment) = found {
            values.set(Field::TrxStatus, payment.status.code().as_bytes());
        }
        encode(out, MessageType::Epcc318, &self.header(MessageType::Epcc318, direction), &values)
    }

    /// 402: the control numbers of a participant, six digits each.
    pub(crate) fn control_numbers(
        &self,
        out: &mut BytesMut,
        request: &Checked<'_>,
        numbers: &[&[u8]],
        direction: Direction,
    ) -> Written {
        let time = self.now.to_text();
        let mut values = Values::new();
        system(&mut values, &ReturnCode::SUCCESS, &time);
        if let Some(id) = request.field(Field::InstgId) {
            values.set(Field::InstgId, id);
        }
        values.set_items(Field::CtrlNbF, numbers);
        encode(out, MessageType::Epcc402, &self.header(MessageType::Epcc402, direction), &values)
    }
}

/// What closing an order came to.
fn closing_outcome(payment: &Payment) -> ReturnCode {
    match payment.phase {
        Phase::Final if payment.moves_money() => ReturnCode::SUCCESS,
        Phase::Leg2Sent | Phase::Leg2Unknown => ReturnCode::SUCCESS,
        Phase::Final => payment.outcome(),
        // It could not be recorded, so it goes on.
        Phase::Leg1Sent | Phase::Leg1Unknown | Phase::Waiting => ReturnCode::ES000033,
    }
}

/// The texts of what a payment is told to be.
struct Told {
    verdict: Verdict,
    id: Option<[u8; 31]>,
    time: [u8; 19],
    finished: [u8; 19],
    is_final: bool,
    amount: Option<AmountText>,
    batch: Option<[u8; 13]>,
}

impl Told {
    fn of(payment: &Payment) -> Self {
        Self {
            verdict: Verdict::of(payment),
            id: crate::domain::business::trx_id_of(payment.trx_id).map(|id| id.to_text()),
            time: BeijingTime::from_unix_micros(payment.accepted_at_us).to_text(),
            finished: BeijingTime::from_unix_micros(payment.finished_at_us).to_text(),
            is_final: payment.is_final(),
            amount: Amount::from_fen(payment.amount_fen).ok().map(|amount| amount.to_text()),
            batch: BatchId::from_u32(payment.batch).map(BatchId::to_text),
        }
    }

    fn set_into<'a>(&'a self, values: &mut Values<'a>) {
        values.set(Field::OriSysRtnCd, self.verdict.system.as_bytes());
        values.set(Field::OriBizStsCd, self.verdict.business.as_bytes());
        values.set(Field::TrxStatus, self.verdict.status.code().as_bytes());
        values.set(Field::OriTrxDtTm, &self.time);
        if let Some(id) = &self.id {
            values.set(Field::OriTrxId, id);
        }
        if let Some(batch) = &self.batch {
            values.set(Field::BatchId, batch);
        }
        if let Some(amount) = &self.amount {
            values.set(Field::OriTrxAmt, amount.as_bytes());
        }
        if self.is_final {
            values.set(Field::TrxFinishTm, &self.finished);
        }
    }
}
