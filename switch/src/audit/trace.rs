//! Rebuilds one payment from the records of the journal.
//!
//! Invariant: what is shown comes from the journal alone; the configuration gives names and keys. A fault is
//! reported, never repaired.

use std::collections::BTreeMap;

use clearway_codec::catalogue::schema;
use clearway_codec::value::{BatchId, TrxId};
use clearway_codec::{Checked, Message};

use super::mask::mask;
use super::report::{Step, Trace, TracedMessage};
use super::signature::SignatureJudge;
use super::words;
use crate::config::Participants;
use crate::domain::business::trx_id_of;
use crate::domain::record::{Attachment, Entry, RecordKind, RecordView, Role};
use crate::domain::route::Why;
use crate::domain::statement::Particulars;
use crate::domain::transaction::{Event, Leg, Party, Payment};

/// Collects the records of one payment, in journal order.
#[derive(Debug)]
pub struct Tracer<'c> {
    trx_id: TrxId,
    evidence: bool,
    participants: &'c Participants,
    judge: SignatureJudge,
    /// By key: the steps of a signing, and disputes, go by the same id as something else, and count for themselves.
    latest: BTreeMap<u128, Payment>,
    steps: Vec<Step>,
    faults: Vec<String>,
}

impl<'c> Tracer<'c> {
    /// A tracer for `trx_id`. With `evidence` nothing is masked and whole documents are kept.
    #[must_use]
    pub fn new(trx_id: TrxId, evidence: bool, participants: &'c Participants, judge: SignatureJudge) -> Self {
        Self { trx_id, evidence, participants, judge, latest: BTreeMap::new(), steps: Vec::new(), faults: Vec::new() }
    }

    /// Takes the next record of the journal; records of other payments are passed over.
    pub fn take(&mut self, position: u64, record: &[u8]) {
        let view = match Entry::decode(record) {
            Ok(Entry::Payment(view)) => view,
            Ok(Entry::Registers { .. }) => return,
            Err(error) => return self.add_fault(format!("record at position {position}: {error}")),
        };
        if trx_id_of(view.payment.trx_id) == Some(self.trx_id) {
            self.add_own(position, &view);
        } else if let Some(original) = view.original.filter(|original| original.trx_id == self.trx_id.as_u128()) {
            self.add_refund(position, &view, &original);
        }
    }

    /// Notes something that makes the trace incomplete or wrong.
    pub(super) fn add_fault(&mut self, fault: String) {
        self.faults.push(fault);
    }

    /// The whole payment, or nothing when the journal has no record of it.
    #[must_use]
    pub fn finish(self) -> Option<Trace> {
        let payment = *self.latest.values().next()?;
        let some_amount = |fen: u64| (fen > 0).then(|| words::amount(fen));
        Some(Trace {
            trx_id: self.trx_id.to_string(),
            business: format!("{:?}", payment.business),
            amount: words::amount(payment.amount_fen),
            refunded: some_amount(payment.refunded_fen),
            original: payment.original().and_then(TrxId::from_u128).map(|id| id.to_string()),
            institution: self.name(&payment, Party::Institution),
            banks: [self.name(&payment, Party::Bank1), self.name(&payment, Party::Bank2)],
            batch: BatchId::from_u32(payment.batch)
                .map_or_else(|| payment.batch.to_string(), |batch| batch.to_string()),
            status: payment.status.code().to_owned(),
            is_final: payment.is_final(),
            final_after_us: payment.is_final().then(|| payment.finished_at_us.saturating_sub(payment.accepted_at_us)),
            good: self.faults.is_empty(),
            faults: self.faults,
            steps: self.steps,
        })
    }

    fn add_own(&mut self, position: u64, view: &RecordView<'_>) {
        if !self.latest.contains_key(&view.payment.trx_id) && view.kind != RecordKind::Accepted {
            self.faults
                .push(format!("begins with step {}: what was before is no longer in the journal", view.payment.step));
        }
        let (mut messages, mut routes) = (Vec::new(), Vec::new());
        for attachment in view.attachments() {
            match attachment.role {
                Role::Route => match serde_json::from_slice::<Vec<Why>>(attachment.message) {
                    Ok(decided) => routes.extend(decided),
                    Err(error) => self.faults.push(format!("route at position {position}: {error}")),
                },
                Role::Particulars => {
                    // Repeats elements of messages that are shown.
                    if let Err(error) = Particulars::decode(attachment.message) {
                        self.faults.push(format!("particulars at position {position}: {error}"));
                    }
                }
                _ => {}
            }
            if !attachment.role.is_message() {
                continue;
            }
            let message = self.message(&view.payment, &attachment);
            if words::relies_on(view.kind, attachment.role) && !message.signature.is_valid() {
                self.faults.push(format!("{} at position {position}: signature {}", message.role, message.signature));
            }
            messages.push(message);
        }
        self.add(position, view.at_us, words::kind(view.kind), view.payment, (routes, messages));
        if let Some(step) = self.steps.last_mut() {
            step.link = link_of(self.participants, view);
        }
    }

    /// A record of a refund changed this payment, its original, as well.
    fn add_refund(&mut self, position: u64, view: &RecordView<'_>, original: &Payment) {
        let refund = TrxId::from_u128(view.payment.trx_id).map_or_else(|| "?".to_owned(), |id| id.to_string());
        let what =
            format!("refund {refund}: {}, {} refunded", words::kind(view.kind), words::amount(original.refunded_fen));
        self.add(position, view.at_us, what, *original, (Vec::new(), Vec::new()));
    }

    fn add(
        &mut self,
        position: u64,
        at_us: u64,
        what: String,
        payment: Payment,
        (routes, messages): (Vec<Why>, Vec<TracedMessage>),
    ) {
        let before = self.latest.get(&payment.trx_id).map_or(payment.step, |latest| latest.step);
        if payment.step > before.saturating_add(1) || payment.step < before {
            self.faults.push(format!("step {} at position {position} follows step {before}", payment.step));
        }
        let last_us = self.steps.last().map_or(at_us, |step| step.at_us);
        self.latest.insert(payment.trx_id, payment);
        let id = |index| self.participants.get(index).map_or_else(String::new, |known| known.id.to_string());
        let route_lines = routes.iter().flat_map(|why| why.lines(&id)).collect();
        self.steps.push(Step {
            position,
            at_us,
            at: words::time(at_us),
            elapsed_us: at_us.saturating_sub(last_us),
            what,
            step: payment.step,
            state: words::state(&payment),
            status: payment.status.code().to_owned(),
            route_lines,
            link: None,
            routes,
            messages,
        });
    }

    fn message(&mut self, payment: &Payment, attachment: &Attachment<'_>) -> TracedMessage {
        let (message, signature) = self.judge.judge(attachment.message, attachment.at_us);
        let header = message.as_ref().map(Message::header);
        let checked = message.as_ref().map(Message::check);
        let document = self.evidence.then(|| String::from_utf8_lossy(attachment.message).into_owned());
        TracedMessage {
            role: words::role(attachment.role),
            sent: attachment.role.is_sent(),
            party: words::party(attachment.party),
            participant: self.name(payment, attachment.party),
            at_us: attachment.at_us,
            message_type: header.map(|header| header.message_type.to_string()),
            signer: header.map(|header| header.issuer.to_string()),
            serial: header.map(|header| header.sign_sn.to_string()),
            bytes: attachment.message.len(),
            signature,
            schema_fault: checked.as_ref().and_then(|checked| checked.as_ref().err()).map(ToString::to_string),
            fields: checked.and_then(Result::ok).map_or_else(Vec::new, |checked| self.fields(&checked)),
            document,
        }
    }

    /// The values that are there, in wire order.
    fn fields(&self, message: &Checked<'_>) -> Vec<(&'static str, String)> {
        let mut fields = Vec::new();
        schema(message.message_type()).walk(&mut |_, element| {
            let Some(leaf) = element.leaf() else { return };
            if let Some(value) = message.text(leaf.field) {
                let shown =
                    if self.evidence { value.into_owned() } else { mask(message.message_type(), leaf.field, &value) };
                fields.push((element.name(), shown));
            }
        });
        fields
    }

    fn name(&self, payment: &Payment, party: Party) -> String {
        let index = payment.participant(party);
        self.participants
            .get(index)
            .map_or_else(|| format!("participant {index}"), |participant| participant.id.to_string())
    }
}

/// The link of a record. Its name is that of the bank's own link; a leg that went another way has the number alone.
fn link_of(participants: &Participants, view: &RecordView<'_>) -> Option<String> {
    let place = view.link.place()?;
    let (party, is_own) = match view.kind {
        RecordKind::Event(Event::NoticeAcknowledged(party)) => (Some(party), true),
        RecordKind::Event(event) => {
            let leg = event.leg();
            (leg.map(Leg::bank), leg.is_some_and(|leg| view.payment.way(leg) == 0))
        }
        RecordKind::Accepted | RecordKind::Evidence => (None, false),
    };
    let participant = party.filter(|_| is_own).and_then(|party| participants.get(view.payment.participant(party)));
    let name = participant.and_then(|one| one.links.get(place)).map(|link| link.name.as_str());
    Some(name.map_or_else(|| view.link.to_string(), |name| format!("{} ({name})", view.link)))
}
