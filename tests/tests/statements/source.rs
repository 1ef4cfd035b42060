//! A batch that nobody paid for, and a configuration to write it with.

use std::path::Path;

use clearway::books::statement::{Manifest, Statements};
use clearway::books::{LineSource, NoSteps, Progress, Silent};
use clearway::config::{Config, NodeKeys};
use clearway::domain::business::Business;
use clearway::domain::clearing::BatchName;
use clearway::domain::statement::{Line, Particulars};
use clearway::error::Error;
use clearway::init;
use clearway_codec::value::TrxStatus;

/// The batch of all lines.
pub(crate) const BATCH: &str = "B202611200011";
/// Lines in it.
const COUNT: u64 = 5_000;
/// Some hour of 2026-11-20.
const HOUR_US: u64 = 1_795_140_000_000_000;

/// A new node's configuration: institutions 0 and 1, banks 2 to 4.
pub(crate) struct Books {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) config: Config,
    pub(crate) keys: NodeKeys,
}

impl Books {
    /// In a folder of its own below `parent`, which the file server's rules must like.
    pub(crate) fn new(parent: &Path) -> Self {
        let folder = tempfile::Builder::new().prefix("clearway-statements-").tempdir_in(parent).expect("a folder");
        let mut options = init::Options::new(HOUR_US / 1_000_000);
        (options.institutions, options.banks) = (2, 3);
        let written = init::write(folder.path(), &options).expect("a configuration");
        let config = Config::load(&written.config).expect("it loads");
        let keys = config.keys.load().expect("keys");
        Self { folder, config, keys }
    }

    /// Who writes its statements.
    pub(crate) fn statements(&self) -> Statements {
        Statements::new(&self.config.books, &self.config.participants, &self.keys.digest)
    }

    /// Writes them.
    pub(crate) fn write(&self) -> Manifest {
        self.statements().write(batch(), &Lines, &Silent, &NoSteps).expect("statements")
    }

    /// IssrId of a participant.
    pub(crate) fn id(&self, index: u16) -> String {
        self.config.participants.get(index).expect("a participant").id.to_string()
    }
}

pub(crate) fn batch() -> BatchName {
    BATCH.parse().expect("a batch")
}

/// The same lines every time.
pub(crate) struct Lines;

impl LineSource for Lines {
    fn for_each(
        &self,
        batch: BatchName,
        progress: &dyn Progress,
        each: &mut dyn FnMut(&Line<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for at in 0..COUNT {
            let (one, two) = (format!("P{at:031}"), format!("R{:031}", at.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
            let particulars = Particulars {
                biz_tp: b"110001",
                trx_time: b"2026-11-20T10:06:50",
                sgn_no: b"EP1",
                serials: [one.as_bytes(), two.as_bytes()],
            };
            each(&line(batch, at, particulars))?;
            progress.at(at + 1, COUNT);
        }
        Ok(())
    }
}

fn line(batch: BatchName, at: u64, particulars: Particulars<'_>) -> Line<'_> {
    let status = [TrxStatus::Success, TrxStatus::PresumedSuccess, TrxStatus::Failure][(at % 3) as usize];
    Line {
        trx_id: 2_026_112_010_000_000_000_000_000_000_000 + u128::from(at),
        batch,
        business: if at.is_multiple_of(5) { Business::Refund } else { Business::AgreementPayment },
        status,
        amount_fen: 1 + at * 7 % 100_000,
        institution: (at % 2) as u16,
        banks: [2 + (at % 3) as u16, 2 + (at / 3 % 3) as u16],
        original: if at.is_multiple_of(5) { 2_026_111_910_000_000_000_000_000_000_000 } else { 0 },
        accepted_at_us: HOUR_US + at * 1_000,
        finished_at_us: HOUR_US + at * 1_000 + 500,
        code: *b"00000000",
        has_reserve: true,
        particulars,
    }
}
