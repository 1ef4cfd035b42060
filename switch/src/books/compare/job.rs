//! One comparison from beginning to end.

use std::path::Path;

use clearway_codec::value::InstitutionId;

use super::Rows;
use super::difference_file::DifferenceFile;
use super::parts::{PARTS, Parts, ScratchFolder, Spread};
use crate::books::{Progress, Silent, Steps};
use crate::domain::clearing::BatchName;
use crate::domain::statement::compare::{Difference, Tally, match_rows};
use crate::error::{Error, Fault};

/// Differences that an outcome shows one by one; the rest stand in the file.
pub const DIFFERENCES_SHOWN: usize = 1_000;

/// What is compared, and where.
#[derive(Debug, Clone, Copy)]
pub struct Comparison<'a> {
    /// The batch.
    pub batch: BatchName,
    /// Whose files they are.
    pub participant: InstitutionId,
    /// A folder on a disk with room for 24 bytes a row; a folder is made in it and removed.
    pub scratch: &'a Path,
    /// Where the file of differences is to be.
    pub file: &'a Path,
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Rows and money of each class.
    pub tally: Tally,
    /// Rows of the statement.
    pub ours: u64,
    /// Rows of the participant.
    pub theirs: u64,
    /// Rows of the participant that name another batch.
    pub passed_over: u64,
    /// The first [`DIFFERENCES_SHOWN`] differences, in the order of the file.
    pub first: Vec<Difference>,
}

impl Compared {
    /// Whether the two sides agree.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.tally.differences() == 0
    }
}

impl Comparison<'_> {
    /// Compares, and writes the file of differences, with the same bytes whenever the same rows are compared.
    ///
    /// # Errors
    /// A side cannot be read or has a line that is no row, there are too many rows, or the disk's.
    pub fn run(
        &self,
        ours: &dyn Rows,
        theirs: &dyn Rows,
        progress: &dyn Progress,
        steps: &dyn Steps,
    ) -> Result<Compared, Error> {
        let name = format!(".compare-{}-{}", self.batch, self.participant);
        let scratch = ScratchFolder::create(self.scratch.join(name))?;
        let (ours, (theirs, passed_over)) = self.spread(&scratch, ours, theirs, progress)?;
        let mut file = DifferenceFile::create(self.file)?;
        let (mut tally, mut first) = (Tally::default(), Vec::new());
        let mut tell = |difference: Difference| {
            if first.len() < DIFFERENCES_SHOWN {
                first.push(difference);
            }
            file.add(&difference)
        };
        let (mut own, mut other) = (Vec::new(), Vec::new());
        for part in 0..PARTS {
            ours.take(part, &mut own)?;
            theirs.take(part, &mut other)?;
            tally.absorb(&match_rows(&own, &other, &mut tell)?);
        }
        file.finish(self.batch, self.participant, &tally, steps)?;
        Ok(Compared { tally, ours: ours.rows(), theirs: theirs.rows(), passed_over, first })
    }

    /// Both sides at the same time; progress is that of the participant's.
    fn spread(
        &self,
        scratch: &ScratchFolder,
        ours: &dyn Rows,
        theirs: &dyn Rows,
        progress: &dyn Progress,
    ) -> Result<(Parts, (Parts, u64)), Error> {
        std::thread::scope(|scope| {
            let own = scope.spawn(|| spread_side(scratch.path(), "ours", ours, &Silent));
            let other = spread_side(scratch.path(), "theirs", theirs, progress);
            let (own, _) = own.join().map_err(|_| Error::new(Fault::Stopped, "reading our rows panicked"))??;
            Ok((own, other?))
        })
    }
}

fn spread_side(
    folder: &Path,
    side: &'static str,
    rows: &dyn Rows,
    progress: &dyn Progress,
) -> Result<(Parts, u64), Error> {
    let mut spread = Spread::create(folder, side)?;
    let passed_over = rows.for_each(progress, &mut |row| spread.add(row))?;
    Ok((spread.finish()?, passed_over))
}

#[cfg(test)]
mod tests {
    use clearway_codec::value::TrxStatus;

    use super::*;
    use crate::books::{NoSteps, compare::ROWS_MAX};
    use crate::domain::clearing::Side;
    use crate::domain::statement::compare::{Class, ComparedRow};

    /// Rows that are made on the way.
    struct Made<F>(F, u64);

    impl<F: Fn(u64) -> Option<ComparedRow> + Sync> Rows for Made<F> {
        fn for_each(
            &self,
            _: &dyn Progress,
            each: &mut dyn FnMut(ComparedRow) -> Result<(), Error>,
        ) -> Result<u64, Error> {
            (0..self.1).filter_map(&self.0).try_for_each(each)?;
            Ok(3)
        }
    }

    fn row(number: u64, status: TrxStatus, amount_fen: u64) -> ComparedRow {
        let trx_id = 20_261_120 * 10_u128.pow(23) + u128::from(number) * 7_919;
        ComparedRow::new(trx_id, false, Side::Debit, status, amount_fen)
    }

    fn run(dir: &Path, ours: &dyn Rows, theirs: &dyn Rows) -> Result<Compared, Error> {
        let (batch, participant) = ("B202611200011".parse().unwrap(), InstitutionId::parse(b"C1030844001362").unwrap());
        let comparison = Comparison { batch, participant, scratch: dir, file: &dir.join("differences.txt") };
        comparison.run(ours, theirs, &Silent, &NoSteps)
    }

    #[test]
    fn differences_are_counted_shown_and_written() {
        let dir = tempfile::tempdir().unwrap();
        let ours = Made(|number| (number != 7).then(|| row(number, TrxStatus::Success, number + 1)), 30_000);
        let theirs = Made(
            |number| match 29_999 - number {
                11 => None,
                12 => Some(row(12, TrxStatus::Success, 99)),
                13 => Some(row(13, TrxStatus::PresumedFailure, 14)),
                number => Some(row(number, TrxStatus::Success, number + 1)),
            },
            30_000,
        );
        let compared = run(dir.path(), &ours, &theirs).unwrap();
        let counts = Class::ALL.map(|class| compared.tally.of(class).rows);
        assert_eq!(counts, [29_996, 1, 1, 1, 1]);
        assert_eq!((compared.ours, compared.theirs, compared.passed_over), (29_999, 29_999, 3));
        assert!(!compared.agrees() && compared.first.len() == 4);
        let text = std::fs::read_to_string(dir.path().join("differences.txt")).unwrap();
        let mut lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.pop(), Some("END|B202611200011|C1030844001362|29996|1|1|1|1"));
        assert_eq!(lines.len(), 4);
        let expected = "amount-differs|2026112000000000000000000095028|payment|1|00|CNY0.13|00|CNY0.99|take-amount|";
        assert!(lines.iter().any(|line| line.starts_with(expected)), "{text}");
        assert!(lines.iter().any(|line| line.starts_with("only-theirs|") && line.contains("|1|||00|CNY0.08|seek-")));
        let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["differences.txt"], "the scratch folder is gone");
        assert_eq!(run(dir.path(), &ours, &theirs).unwrap(), compared);
        assert_eq!(std::fs::read_to_string(dir.path().join("differences.txt")).unwrap(), text);
    }

    #[test]
    fn only_so_many_differences_are_shown() {
        let dir = tempfile::tempdir().unwrap();
        let ours = Made(|number| Some(row(number, TrxStatus::Success, 1)), 1_500);
        let compared = run(dir.path(), &ours, &Made(|_| None, 0)).unwrap();
        assert_eq!(compared.tally.of(Class::OnlyOurs).rows, 1_500);
        assert_eq!(compared.first.len(), DIFFERENCES_SHOWN);
    }

    #[test]
    fn a_file_that_repeats_one_transaction_without_end_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let theirs = Made(|_| Some(row(1, TrxStatus::Success, 1)), ROWS_MAX);
        let error = run(dir.path(), &Made(|_| None, 0), &theirs).unwrap_err();
        assert!(error.to_string().contains("more rows than can be compared"), "{error}");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is left");
    }
}
