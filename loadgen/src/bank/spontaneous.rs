//! What a bank starts by itself: the end of an agreement (105), the wish to end a mandate (117).
//!
//! ```text
//! 105   ended in the register, then told; 303 = the switch knows
//! 117   asked; 118 with 00 = ended now, 01 = it stays, 02 or nothing = wait for 207
//! ```
//!
//! Only what a payment has used is ended, because the switch certainly knows that it is live.

use super::behaviour::Step;
use super::ledger::Leg;
use super::server::BankServer;
use crate::business::{Business, BusinessRow};
use crate::clock::unix_micros;
use crate::compose::{Form, Opinion, bank_transaction_id};
use crate::error::Error;
use crate::mix::below;
use crate::random::Draws;
use crate::sgn_no::SgnNo;
use crate::wire::{Draft, answer_header};
use clearway_codec::{BeijingTime, Direction, Field, InstitutionId, TrxId};
use std::rc::Rc;
use std::time::Duration;

/// How often a bank looks whether it is time.
const TICK: Duration = Duration::from_millis(100);

/// Ends agreements and mandates at the rates of the bank's behaviour, for ever.
pub(super) async fn act(bank: Rc<BankServer>) {
    for tick in 0_u64.. {
        tokio::time::sleep(TICK).await;
        let mut draws = bank.state.draws_of(Step::Spontaneous, tick);
        let (ends_per_s, mandate_ends_per_s) = bank.state.spontaneous_rates();
        for (business, rate) in [(Business::BankUnsigning, ends_per_s), (Business::BankMandateEnd, mandate_ends_per_s)]
        {
            if draws.chance(rate * TICK.as_secs_f64())
                && let Some(end) = choose(&bank, business, tick, &mut draws)
            {
                let bank = Rc::clone(&bank);
                tokio::task::spawn_local(async move {
                    if let Err(error) = bank.end(end).await {
                        tracing::warn!(%error, "a bank cannot end a contract");
                    }
                });
            }
        }
    }
}

/// One end that a bank has decided on.
pub(super) struct End {
    row: &'static BusinessRow,
    id: TrxId,
    number: SgnNo,
    institution: InstitutionId,
}

fn choose(bank: &BankServer, business: Business, tick: u64, draws: &mut Draws) -> Option<End> {
    let (is_mandate, place) = (business == Business::BankMandateEnd, bank.state.place());
    let now = BeijingTime::from_unix_micros(unix_micros());
    // Two businesses may end something in one tick.
    let id = bank_transaction_id(now.date(), place, 2 * (unix_micros() / 1_000 + tick) + u64::from(is_mandate))?;
    let mut ledger = bank.state.lock_ledger();
    let used = ledger.used(is_mandate);
    let number = *used.get(below(draws.unit(), used.len()))?;
    let contract = ledger.contract_mut(number, is_mandate);
    let institution = contract.with()?;
    contract.is_given_up = true;
    Some(End { row: business.row(), id, number, institution })
}

impl BankServer {
    async fn end(&self, end: End) -> Result<(), Error> {
        let (row, id, number) = (end.row, end.id, end.number);
        let is_mandate = row.effect.is_of_mandate();
        self.state.lock_ledger().note_entry(id, row.effect, Some(number), None);
        if !is_mandate {
            self.state.lock_ledger().execute(id, Leg::Entry, 0);
        }
        let answer = self.outbox.deliver(row.request, self.draft_end(&end)?).await?;
        let mut ledger = self.state.lock_ledger();
        match answer.map(|answer| (answer.status, answer.code.is_success())) {
            Some((Some(status), _)) if is_mandate && status.is_final() => {
                ledger.settle_notice(id, Leg::Entry, status);
            }
            Some((_, true)) if !is_mandate => {
                ledger.contract_mut(number, is_mandate).end_acknowledged_us = unix_micros()
            }
            _ => {}
        }
        Ok(())
    }

    fn draft_end(&self, end: &End) -> Result<Draft, Error> {
        let now = BeijingTime::from_unix_micros(unix_micros());
        let form = Form::fill(end.row.request, |field| match field {
            Field::SgnAcctIssrId => Opinion::is(self.identity.id.to_string()),
            Field::SgnAcctTp => Opinion::is("00"),
            Field::SgnNo => Opinion::is(end.number.to_string()),
            Field::RescindRsn => Opinion::is("\u{5ba2}\u{6237}\u{7533}\u{8bf7}"),
            Field::TrxCtgy => Opinion::is(String::from_utf8_lossy(end.row.category).into_owned()),
            Field::TrxId => Opinion::is(end.id.to_string()),
            Field::TrxDtTm => Opinion::is(now.to_string()),
            Field::InstgId => Opinion::is(end.institution.to_string()),
            _ => Opinion::Open,
        });
        let header = answer_header(end.row.request, &self.identity, Direction::PAYER_BANK_TO_SWITCH, now);
        form.write(&header, None)
    }
}
