//! What a comparison finds, on its way to the node that records it: from the command that compared to the page of the console.
//!
//! No difference is an agreement, which releases the reserve bookings of the batch. Differences are cases, one each up to
//! [`DIFFERENCES_SHOWN`]; of more, one case says that the rest stands in the file. Found twice, they are recorded once.

use clearway_codec::value::{Amount, InstitutionId, TrxId};
use serde::{Deserialize, Serialize};

use super::{Compared, DIFFERENCES_SHOWN};
use crate::books::agreement::AgreedBy;
use crate::books::{Agreement, BookCase, CaseKind, Desk};
use crate::domain::clearing::BatchName;
use crate::domain::register::BookEntry;
use crate::domain::statement::compare::{Class, ComparedRow, Difference};
use crate::error::{Error, Fault};

/// Entries in one record of the journal: some 600 bytes each.
const ENTRIES_AT_ONCE: usize = 200;

/// A comparison's outcome as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Findings {
    /// The batch.
    pub batch: BatchName,
    /// IssrId of the participant.
    pub participant: String,
    /// Rows of the statement.
    pub rows: u64,
    /// How many differences there are.
    pub differences: u64,
    /// The first of them, at most [`DIFFERENCES_SHOWN`].
    pub first: Vec<Finding>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Its kind.
    pub kind: CaseKind,
    /// TrxId.
    pub trx_id: String,
    /// RPFlg: empty, 1 or 2.
    pub side: String,
    /// What the two sides say and what is proposed, for people.
    pub text: String,
    /// Fen of the statement less fen of the participant, as far as their states move money.
    pub amount_fen: i64,
}

impl Findings {
    /// Of a comparison.
    #[must_use]
    pub fn of(batch: BatchName, participant: InstitutionId, compared: &Compared) -> Self {
        Self {
            batch,
            participant: participant.to_string(),
            rows: compared.ours,
            differences: compared.tally.differences(),
            first: compared.first.iter().filter_map(Finding::of).collect(),
        }
    }

    /// Records cases, or the agreement; returns how many entries were new.
    ///
    /// # Errors
    /// Findings that contradict themselves, a participant that is none, or the journal takes no more.
    pub fn record(&self, at_us: u64, desk: &Desk<'_>) -> Result<usize, Error> {
        let participant = self.check(desk)?;
        let mut new = 0;
        if self.differences == 0 {
            let by = AgreedBy::Comparison { rows: self.rows };
            let entry = Agreement { batch: self.batch, participant, by }.agree(at_us, desk.registers)?;
            new += usize::from(entry.is_some());
            desk.record(at_us, entry.into_iter().collect())?;
            return Ok(new);
        }
        for cases in self.cases(participant).chunks(ENTRIES_AT_ONCE) {
            let opened = cases.iter().map(|case| case.clone().open(at_us, desk.registers));
            let mut entries: Vec<BookEntry> =
                opened.collect::<Result<Vec<_>, Error>>()?.into_iter().flatten().collect();
            // A file that repeats a transaction repeats its case.
            entries.sort_by_key(|entry| entry.key);
            entries.dedup_by_key(|entry| entry.key);
            new += entries.len();
            desk.record(at_us, entries)?;
        }
        Ok(new)
    }

    /// The participant's index.
    fn check(&self, desk: &Desk<'_>) -> Result<u16, Error> {
        let shown = self.first.len() as u64;
        if shown > self.differences || self.first.len() > DIFFERENCES_SHOWN || (shown == 0) != (self.differences == 0) {
            return Err(Error::new(Fault::Caller, "the number of differences contradicts their list"));
        }
        if self.first.iter().any(|finding| !finding.is_sound()) {
            return Err(Error::new(Fault::Caller, "a difference has no TrxId, side or kind of a comparison"));
        }
        let id = InstitutionId::parse(self.participant.as_bytes()).ok();
        let index = id.and_then(|id| desk.participants.index_of(&id));
        index.ok_or_else(|| Error::new(Fault::Caller, "is no participant").at(self.participant.clone()))
    }

    fn cases(&self, participant: u16) -> Vec<BookCase> {
        let Self { batch, participant: issr_id, differences, .. } = self;
        let about = |case: BookCase| case.of_batch(*batch).of_participant(participant);
        let one = |finding: &Finding| {
            let subject = format!("{batch} {issr_id} {} {}", finding.trx_id, finding.side);
            about(BookCase::new(finding.kind, subject.trim_end(), finding.text.clone()))
                .of_fen(finding.amount_fen.into())
        };
        let mut cases: Vec<BookCase> = self.first.iter().map(one).collect();
        if *differences > self.first.len() as u64 {
            let text = format!(
                "{differences} rows differ; cases stand for the first {}, the file of differences has all: look for one \
                 cause, such as a file of another batch",
                self.first.len()
            );
            cases.push(about(BookCase::new(CaseKind::ManyDifferences, format!("{batch} {issr_id}"), text)));
        }
        cases
    }
}

impl Finding {
    fn of(difference: &Difference) -> Option<Self> {
        let row = difference.row();
        let kind = match difference.class {
            Class::Matched => return None,
            Class::AmountDiffers => CaseKind::AmountDiffers,
            Class::StateDiffers => CaseKind::StateDiffers,
            Class::OnlyOurs => CaseKind::OnlyOurs,
            Class::OnlyTheirs => CaseKind::OnlyTheirs,
        };
        let said = |row: Option<_>| row.map_or_else(|| "nothing".to_owned(), state_and_amount);
        let handling = difference.handling();
        Some(Self {
            kind,
            trx_id: format!("{:031}", row.trx_id()),
            side: row.side().flag().to_owned(),
            text: format!(
                "the statement says {}, the participant {}: {}",
                said(difference.ours),
                said(difference.theirs),
                handling.text()
            ),
            amount_fen: difference.moved_fen(),
        })
    }

    fn is_sound(&self) -> bool {
        const KINDS: [CaseKind; 4] =
            [CaseKind::AmountDiffers, CaseKind::StateDiffers, CaseKind::OnlyOurs, CaseKind::OnlyTheirs];
        KINDS.contains(&self.kind)
            && TrxId::parse(self.trx_id.as_bytes()).is_ok()
            && matches!(self.side.as_str(), "" | "1" | "2")
    }
}

fn state_and_amount(row: ComparedRow) -> String {
    let amount = Amount::from_fen(row.amount_fen()).map_or_else(|_| "nothing".to_owned(), |amount| amount.to_string());
    format!("{} {amount}", row.status().code())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::path::Path;

    use clearway_codec::value::TrxStatus::{Failure, Success};

    use super::*;
    use crate::admission::samples::{BANK, config};
    use crate::books::{NoSteps, agreement::is_agreed, case::cases};
    use crate::domain::clearing::Side;
    use crate::domain::register::Image;
    use crate::domain::statement::compare::{ComparedRow, match_rows};
    use crate::registers::Registers;

    const BATCH: &str = "B202611200011";

    fn compared(ours: &[ComparedRow], theirs: &[ComparedRow]) -> Compared {
        let mut first = Vec::new();
        let tally = match_rows(ours, theirs, |difference| {
            first.push(difference);
            Ok::<_, Error>(())
        });
        let (ours, theirs) = (ours.len() as u64, theirs.len() as u64);
        first.truncate(DIFFERENCES_SHOWN);
        Compared { tally: tally.expect("a tally"), ours, theirs, passed_over: 0, first }
    }

    /// Records findings in registers of their own, twice; how many entries were new each time.
    fn record(findings: &Findings, registers: &Registers) -> Result<(usize, usize), Error> {
        let config = config(|_, _| {});
        let records = RefCell::new(0);
        let apply = |_: u64, entries: Vec<BookEntry>| {
            *records.borrow_mut() += 1;
            entries.into_iter().for_each(|entry| {
                registers.apply(&Image::Book(entry));
            });
            Ok(())
        };
        let desk = Desk {
            dir: Path::new("/nowhere"),
            participants: &config.participants,
            registers,
            record: &apply,
            steps: &NoSteps,
        };
        Ok((findings.record(5, &desk)?, findings.record(6, &desk)?))
    }

    fn findings(compared: &Compared) -> Findings {
        let participant = InstitutionId::parse(BANK.as_bytes()).expect("an id");
        let findings = Findings::of(BATCH.parse().expect("a batch"), participant, compared);
        let json = serde_json::to_vec(&findings).expect("JSON");
        assert_eq!(serde_json::from_slice::<Findings>(&json).expect("JSON"), findings);
        findings
    }

    fn row(number: u128, status: clearway_codec::value::TrxStatus, fen: u64) -> ComparedRow {
        ComparedRow::new(20_261_120 * 10_u128.pow(23) + number, false, Side::Debit, status, fen)
    }

    #[test]
    fn no_difference_is_an_agreement() {
        let registers = Registers::new(0);
        let rows = [row(1, Success, 5)];
        assert_eq!(record(&findings(&compared(&rows, &rows)), &registers).expect("recorded"), (1, 0));
        assert!(is_agreed(&registers, BATCH.parse().expect("a batch"), 1));
    }

    #[test]
    fn each_difference_is_a_case_once() {
        let registers = Registers::new(0);
        let ours = [row(1, Success, 5), row(2, Success, 7), row(3, Failure, 9)];
        let theirs = [row(1, Success, 6), row(2, Failure, 7), row(4, Success, 11), row(4, Success, 11)];
        let found = findings(&compared(&ours, &theirs));
        assert_eq!(record(&found, &registers).expect("recorded"), (4, 0), "one transaction is there twice");
        let mut cases: Vec<_> = cases(&registers, true).expect("cases").into_iter().map(|kept| kept.content).collect();
        cases.sort_by_key(|case| case.kind);
        let told: Vec<_> = cases.iter().map(|case| (case.kind, case.amount_fen)).collect();
        use CaseKind::{AmountDiffers, OnlyOurs, OnlyTheirs, StateDiffers};
        assert_eq!(told, [(AmountDiffers, -1), (StateDiffers, 7), (OnlyOurs, 0), (OnlyTheirs, -11)]);
        assert!(cases[1].text.starts_with("the statement says 00 CNY0.07, the participant 01 CNY0.07: debit"));
        assert!(!is_agreed(&registers, BATCH.parse().expect("a batch"), 1));
    }

    #[test]
    fn of_very_many_one_case_says_so() {
        let registers = Registers::new(0);
        let ours: Vec<_> = (0..1_200).map(|number| row(number, Success, 1)).collect();
        assert_eq!(record(&findings(&compared(&ours, &[])), &registers).expect("recorded"), (1_001, 0));
    }

    #[test]
    fn findings_that_contradict_themselves_are_refused() {
        let sound = findings(&compared(&[row(1, Success, 5)], &[]));
        let change = |change: &dyn Fn(&mut Findings)| {
            let mut findings = sound.clone();
            change(&mut findings);
            record(&findings, &Registers::new(0)).map(drop).expect_err("refused").to_string()
        };
        assert!(change(&|findings| findings.differences = 0).contains("contradicts"));
        assert!(change(&|findings| findings.first.clear()).contains("contradicts"));
        assert!(change(&|findings| findings.first[0].trx_id = "1".into()).contains("TrxId"));
        assert!(change(&|findings| findings.first[0].kind = CaseKind::Suspense).contains("kind"));
        assert!(change(&|findings| findings.participant = "Z9".into()).contains("no participant"));
    }
}
