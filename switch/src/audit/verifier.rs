//! Judges a whole journal, record by record: form, continuity of each payment, and on demand every signature.

use serde::Serialize;

use super::continuity::Continuity;
use super::signature::{SignatureJudge, SignatureVerdict};
use super::words;
use crate::domain::record::{Entry, RecordView};
use clearway_codec::value::TrxStatus;

/// Faults that are told in full; more are only counted.
const FAULTS_TOLD_MAX: usize = 100;

/// What was found in the records of a journal.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct RecordFindings {
    /// Records read.
    pub records: u64,
    /// Bytes of records read.
    pub bytes: u64,
    /// Messages kept in them.
    pub messages: u64,
    /// Payments that they are about.
    pub payments: usize,
    /// Payments by wire status after their last record.
    pub payments_by_status: Vec<(&'static str, u64)>,
    /// Signatures, when they were asked for.
    pub signatures: Option<SignatureCounts>,
    /// How many faults there are.
    pub fault_count: u64,
    /// The first hundred faults.
    pub faults: Vec<String>,
}

/// Signatures of kept messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SignatureCounts {
    /// They verify.
    pub valid: u64,
    /// They do not, and the switch did not believe the message either: kept as evidence of an unknown outcome.
    pub disbelieved: u64,
    /// They do not, though the switch relied on the message: each is a fault.
    pub wrong: u64,
}

/// Takes the records of a journal, in order.
#[derive(Debug)]
pub struct Verifier {
    continuity: Continuity,
    judge: Option<SignatureJudge>,
    findings: RecordFindings,
}

impl Verifier {
    /// A verifier. `from_birth`: the walk begins with the journal's first record. With `judge` every signature is
    /// verified again.
    #[must_use]
    pub fn new(from_birth: bool, judge: Option<SignatureJudge>) -> Self {
        let findings = RecordFindings {
            signatures: judge.as_ref().map(|_| SignatureCounts::default()),
            ..RecordFindings::default()
        };
        Self { continuity: Continuity::new(from_birth), judge, findings }
    }

    /// Takes the next record.
    pub fn take(&mut self, position: u64, record: &[u8]) {
        self.findings.records += 1;
        self.findings.bytes += record.len() as u64;
        match Entry::decode(record) {
            Ok(Entry::Payment(view)) => self.take_view(position, &view),
            Ok(Entry::Registers { .. }) => {}
            Err(error) => self.findings.add_fault(position, &error.to_string()),
        }
    }

    fn take_view(&mut self, position: u64, view: &RecordView<'_>) {
        let findings = &mut self.findings;
        self.continuity.take(view, &mut |fault| findings.add_fault(position, &fault));
        for attachment in view.attachments().filter(|attachment| attachment.role.is_message()) {
            self.findings.messages += 1;
            let Some(judge) = &mut self.judge else { continue };
            let (_, verdict) = judge.judge(attachment.message, attachment.at_us);
            let relied_on = words::relies_on(view.kind, attachment.role);
            self.findings.count_signature(position, words::role(attachment.role), verdict, relied_on);
        }
    }

    /// What was found.
    #[must_use]
    pub fn finish(mut self) -> RecordFindings {
        self.findings.payments = self.continuity.payments();
        self.findings.payments_by_status =
            TrxStatus::ALL.iter().map(|status| status.code()).zip(self.continuity.by_status()).collect();
        self.findings
    }
}

impl RecordFindings {
    fn add_fault(&mut self, position: u64, what: &str) {
        self.fault_count += 1;
        if self.faults.len() < FAULTS_TOLD_MAX {
            self.faults.push(format!("record at position {position}: {what}"));
        }
    }

    fn count_signature(&mut self, position: u64, role: &str, verdict: SignatureVerdict, relied_on: bool) {
        let Some(counts) = &mut self.signatures else { return };
        if verdict.is_valid() {
            counts.valid += 1;
        } else if relied_on {
            counts.wrong += 1;
            self.add_fault(position, &format!("{role}: signature {verdict}"));
        } else {
            counts.disbelieved += 1;
        }
    }
}
