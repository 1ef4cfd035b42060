//! What is asked: for each kind of request an order, drawn, and where it needs something earlier, taken from there.

use crate::business::Business;
use crate::config::Config;
use crate::history::{Contract, History, Success};
use crate::mandate::MandateTerms;
use crate::mix::{Mix, below};
use crate::random::Draws;
use crate::sgn_no::{SgnNo, imported_agreement};
use crate::tracker::{Order, Payee};
use clearway_codec::TrxId;

/// Largest amount of a composed payment: 5,000 yuan.
const PAYMENT_FEN_MAX: u64 = 500_000;
/// Share of payments on agreements that were signed in this run, where there are any.
const FRESH_SHARE: f64 = 0.5;
/// Share of uses of an agreement or mandate that was ended before: the switch must refuse them.
const ENDED_SHARE: f64 = 0.1;
/// Share of entrusted payments over the mandate's limit, and of those to a person: the switch must refuse them.
const FORBIDDEN_SHARE: f64 = 0.05;

/// What orders are drawn from.
pub(super) struct Desk<'a> {
    pub(super) config: &'a Config,
    pub(super) mix: &'a Mix,
    pub(super) institution: u16,
    pub(super) started_s: u64,
}

impl Desk<'_> {
    /// An order of this business between the institution's reserve bank and a drawn one.
    pub(super) fn draw(&self, business: Business, draws: &mut Draws) -> Order {
        let customer = below(draws.unit(), self.config.banks.len()) as u16;
        let reserve = self.config.institutions[usize::from(self.institution)].reserve_bank as u16;
        let fen = if business.moves_money() { 1 + draws.bits() % PAYMENT_FEN_MAX } else { 0 };
        let (debit_bank, credit_bank) = match business {
            Business::Payout => (reserve, customer),
            _ if business.moves_money() => (customer, reserve),
            _ => (customer, customer),
        };
        Order {
            business,
            institution: self.institution,
            debit_bank,
            credit_bank,
            fen,
            started_s: self.started_s,
            original: None,
            contract: None,
            payee: Payee::Reserve,
            is_forbidden: false,
            is_altered: false,
        }
    }

    /// 201, on an agreement of the direct-link time or one that was signed in this run.
    pub(super) fn payment(&self, draws: &mut Draws, history: &mut History) -> Order {
        let order = self.draw(Business::Payment, draws);
        let (share, which, fresh) = (draws.unit(), draws.bits(), draws.unit());
        match pick_contract(&mut history.agreements, fresh, draws).filter(|_| share < FRESH_SHARE) {
            Some(contract) => self.on_contract(Business::Payment, &contract, order.fen),
            None => Order { contract: Some(self.imported(&order, which)), ..order },
        }
    }

    fn imported(&self, order: &Order, which: u64) -> SgnNo {
        let index = which % u64::from(self.config.agreements.max(1));
        imported_agreement(usize::from(order.institution), usize::from(order.debit_bank), index as u32)
    }

    /// An order on something that was signed: its institution and its bank, not the drawn ones.
    fn on_contract(&self, business: Business, contract: &Contract, fen: u64) -> Order {
        let reserve = self.config.institutions[usize::from(contract.institution)].reserve_bank as u16;
        Order {
            business,
            institution: contract.institution,
            debit_bank: contract.bank,
            credit_bank: if business.moves_money() { reserve } else { contract.bank },
            fen,
            started_s: self.started_s,
            original: None,
            contract: Some(contract.number),
            payee: Payee::Reserve,
            is_forbidden: contract.is_ended && business.moves_money(),
            is_altered: false,
        }
    }

    /// 221, within the mandate's terms most of the time.
    pub(super) fn entrusted(&self, draws: &mut Draws, history: &mut History) -> Option<Order> {
        let at = draws.unit();
        let mandate = pick_contract(&mut history.mandates, at, draws)?;
        let limit = MandateTerms::of(mandate.opened_by).limit_fen;
        let excess = draws.chance(FORBIDDEN_SHARE);
        let fen = if excess { limit + 1 } else { 1 + draws.bits() % limit };
        let order = self.on_contract(Business::Entrusted, &mandate, fen);
        let order = Order { is_forbidden: order.is_forbidden || excess, ..order };
        let bank = below(draws.unit(), self.config.banks.len()) as u16;
        let to_bank = |payee| Order { payee, credit_bank: bank, ..order };
        Some(match draws.unit() {
            share if share < FORBIDDEN_SHARE => Order { is_forbidden: true, ..to_bank(Payee::Person) },
            share if share < 0.5 => to_bank(Payee::Company),
            _ => order,
        })
    }

    /// 103 and 115: something live is ended, once.
    pub(super) fn end(&self, business: Business, draws: &mut Draws, history: &mut History) -> Option<Order> {
        let of_mandate = business.row().effect.is_of_mandate();
        let ring = if of_mandate { &mut history.mandates } else { &mut history.agreements };
        let contract = ring.pick(draws.unit()).filter(|contract| !contract.is_ended)?;
        contract.is_ended = true;
        let ended = *contract;
        Some(self.on_contract(business, &ended, 0))
    }

    /// A payment to refund and how much of it; what is asked for is taken off what can be refunded still.
    pub(super) fn refund(&self, draws: &mut Draws, history: &mut History) -> Option<(Success, Order)> {
        let excess = self.mix.draw_excess(draws);
        let original = history.successes.pick(draws.unit())?;
        let part = draws.unit();
        let left = original.refundable_fen;
        let fen = if excess { original.order.fen + 1 } else { (1 + (part * left as f64) as u64).min(left) };
        if fen == 0 {
            return None;
        }
        original.refundable_fen = left.saturating_sub(if excess { 0 } else { fen });
        let order = Order {
            business: Business::Refund,
            debit_bank: original.order.credit_bank,
            credit_bank: original.order.debit_bank,
            fen,
            started_s: self.started_s,
            original: Some(original.id),
            payee: Payee::Reserve,
            is_forbidden: excess,
            ..original.order
        };
        Some((*original, order))
    }
}

/// Something signed: live most of the time, ended now and then.
fn pick_contract(ring: &mut crate::history::Ring<Contract>, at: f64, draws: &mut Draws) -> Option<Contract> {
    let wants_ended = draws.chance(ENDED_SHARE);
    ring.pick(at).copied().filter(|contract| !contract.is_ended || wants_ended)
}

/// The order of the second step of a signing whose first step went well.
pub(super) fn signing(draws: &mut Draws, history: &mut History, started_s: u64) -> Option<(TrxId, Order)> {
    let (id, order) = History::take(&mut history.checked, draws.unit())?;
    Some((id, Order { business: Business::Signing, started_s, ..order }))
}
