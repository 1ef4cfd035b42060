//! Agreements and mandates: the report, one of them, is signing needed, the import.

use serde::Deserialize;
use serde_json::json;

use super::super::hooks::Answer;
use super::show::parties;
use super::{LIST_MAX, RegisterPages, check_author, failed, not_found, read};
use crate::config::ParticipantKind;
use crate::domain::business::{Initiator, rules};
use crate::domain::transaction::{Parties, Party, Payment};
use crate::registers::Channel;
use crate::registrar::Import;

/// Most channels of one question.
const CHANNELS_MAX: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    #[serde(default)]
    customer: String,
    #[serde(default)]
    account: String,
    channels: Vec<ChannelNames>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelNames {
    institution: String,
    bank: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lines {
    by: String,
    lines: Vec<String>,
}

impl RegisterPages {
    /// How many there are, and the ends that disagree.
    pub(super) fn report(&self) -> Result<Answer, Answer> {
        let (registers, now_us) = (self.registrar.registers(), self.clock.now_micros());
        let found = registers.disagreements(|key| (self.find_payment)(key).map_or(Parties::NONE, |one| owed(&one)));
        let listed = found.iter().take(LIST_MAX).map(|one| {
            let mut shown = self.show_agreement(&one.agreement, now_us);
            shown["unacknowledged"] = json!(parties(one.unacknowledged));
            shown
        });
        let report = json!({
            "agreements": registers.agreements(),
            "mandates": registers.mandates(),
            "old_numbers": registers.aliases(),
            "cases": registers.case_count(),
            "bytes": registers.memory_bytes(),
            "disagreeing": found.len(),
            "disagreements": listed.collect::<Vec<_>>(),
        });
        Ok(Answer::json(report.to_string()))
    }

    /// One agreement or mandate.
    pub(super) fn agreement(&self, encoded: &str) -> Result<Answer, Answer> {
        let number = percent_decoded(encoded).ok_or_else(|| Answer::error(400, "the number is not percent-encoded"))?;
        let (registers, now_us) = (self.registrar.registers(), self.clock.now_micros());
        let agreement = registers.find_agreement(&number).map(|found| self.show_agreement(&found, now_us));
        let mandate = registers.find_mandate(&number).map(|found| self.show_mandate(&found, now_us));
        if agreement.is_none() && mandate.is_none() {
            return Err(not_found("no agreement and no mandate of this number"));
        }
        Ok(Answer::json(json!({ "agreement": agreement, "mandate": mandate }).to_string()))
    }

    /// Where signing is needed.
    pub(super) fn needed(&self, body: &[u8]) -> Result<Answer, Answer> {
        let question: Question = read(body)?;
        if question.channels.len() > CHANNELS_MAX {
            return Err(Answer::error(400, "at most 100 channels"));
        }
        let names = self.names();
        let refused = |_| Answer::error(400, "no account or customer");
        let customer = names.customer(&question.customer).map_err(refused)?;
        let account =
            if question.account.is_empty() { 0 } else { names.account(&question.account).map_err(refused)? };
        let channels: Option<Vec<_>> = question.channels.iter().map(|channel| self.channel(channel)).collect();
        let channels = channels.ok_or_else(|| not_found("no such institution or bank"))?;
        let signed = self.registrar.registers().signed(customer, account, &channels, self.clock.now_micros());
        let answers = signed.iter().map(|one| {
            json!({
                "institution": self.id(one.channel.institution),
                "bank": self.id(one.channel.bank),
                "customer_signed": one.by_customer,
                "account_signed": one.by_account,
                "needed": !one.by_customer && !one.by_account,
            })
        });
        Ok(Answer::json(json!({ "channels": answers.collect::<Vec<_>>() }).to_string()))
    }

    fn channel(&self, names: &ChannelNames) -> Option<Channel> {
        let index = |id: &str, kind| self.names().index(id, kind);
        Some(Channel {
            institution: index(&names.institution, ParticipantKind::Institution)?,
            bank: index(&names.bank, ParticipantKind::Bank)?,
        })
    }

    /// Lines of an import file: how many brought something, were known, and which were rejected.
    pub(super) fn import(&self, body: &[u8]) -> Result<Answer, Answer> {
        let Lines { by, lines } = read(body)?;
        check_author(&by)?;
        let import = Import { registrar: &self.registrar, names: self.names(), at_us: self.clock.now_micros() };
        let (mut imported, mut known, mut rejected) = (0_u64, 0_u64, Vec::new());
        for (at, line) in lines.iter().enumerate() {
            match import.line(line.as_bytes()).map_err(failed)? {
                Ok(true) => imported += 1,
                Ok(false) => known += 1,
                Err(fault) => rejected.push(json!({ "line": at, "reason": fault.to_string() })),
            }
        }
        self.registrar.flush().map_err(failed)?;
        if imported > 0 {
            tracing::info!(%by, imported, known, rejected = rejected.len(), "agreements imported");
        }
        let done = json!({ "imported": imported, "known": known, "rejected": rejected });
        Ok(Answer::json(done.to_string()))
    }
}

/// Who is owed a notice, told as the ends of an agreement: a bank may have begun the transaction.
fn owed(payment: &Payment) -> Parties {
    let by_bank = matches!(rules(payment.business).initiator, Initiator::Bank(_));
    let end_of = |party| match party {
        Party::Institution if by_bank => Party::Bank1,
        Party::Bank1 | Party::Bank2 if by_bank => Party::Institution,
        Party::Bank2 => Party::Bank1,
        party => party,
    };
    payment.owed.iter().map(end_of).fold(Parties::NONE, Parties::with)
}

/// The bytes of a path segment.
fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        decoded.push(match byte {
            b'%' => (digit(bytes.next()?)? * 16 + digit(bytes.next()?)?) as u8,
            byte => byte,
        });
    }
    Some(decoded)
}
