//! Made-up lines for tests: the same for the same seed.

use std::path::Path;
use std::sync::Arc;

use clearway_codec::value::{BatchId, InstitutionId, TrxStatus};
use clearway_crypto::DigestKey;
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};

use crate::books::{LineSource, Progress};
use crate::config::{BooksSection, Endpoint, Participant, ParticipantKind, Participants};
use crate::domain::business::Business;
use crate::domain::clearing::BatchName;
use crate::domain::statement::{Line, Particulars};
use crate::error::Error;

/// Banks 0 to 3 and institutions 4 and 5; bank 3 never takes part.
pub(super) fn participants() -> Participants {
    let one = |index: u16| {
        let kind = if index < 4 { ParticipantKind::Bank } else { ParticipantKind::Institution };
        let letter = if index < 4 { 'C' } else { 'Z' };
        let id = InstitutionId::parse(format!("{letter}100011100001{index}").as_bytes()).expect("an id");
        let endpoint: Endpoint = format!("http://127.0.0.1:{}/epcc", 20_000 + index).parse().expect("an endpoint");
        Participant::new(index, id, kind, endpoint)
    };
    Participants::new((0..6).map(one).collect()).expect("participants")
}

/// Everything below `dir`.
pub(super) fn section(dir: &Path) -> BooksSection {
    BooksSection { dir: dir.to_owned(), ..BooksSection::default() }
}

/// The node's digest key.
pub(super) fn master() -> Arc<DigestKey> {
    Arc::new(DigestKey::from_hex(&"0c".repeat(32)).expect("a key"))
}

/// The batch of all lines.
pub(super) fn batch() -> BatchName {
    BatchName::payments(BatchId::parse(b"B202611200011").expect("a batch"))
}

/// So many lines.
pub(super) struct Lines {
    pub(super) seed: u8,
    pub(super) count: u64,
}

impl LineSource for Lines {
    fn for_each(
        &self,
        batch: BatchName,
        progress: &dyn Progress,
        each: &mut dyn FnMut(&Line<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[self.seed; 32]);
        for at in 0..self.count {
            let serial = format!("{:032}", random.next_u64());
            each(&line(batch, at, random.next_u64(), serial.as_bytes()))?;
            progress.at(at + 1, self.count);
        }
        Ok(())
    }
}

fn line<'a>(batch: BatchName, at: u64, random: u64, serial: &'a [u8]) -> Line<'a> {
    let pick = |shift: u32, of: u64| (random >> shift) % of;
    let statuses = [TrxStatus::Success, TrxStatus::Failure, TrxStatus::PresumedSuccess, TrxStatus::PresumedFailure];
    let businesses = [Business::AgreementPayment, Business::Refund, Business::Payout, Business::EntrustedPayment];
    Line {
        trx_id: 2_026_112_010_000_000_000_000_000_000_000 + u128::from(at),
        batch,
        business: businesses[pick(0, 4) as usize],
        status: statuses[pick(2, 4) as usize],
        amount_fen: 1 + pick(4, 1_000_000),
        institution: 4 + pick(24, 2) as u16,
        // A bank that nobody knows, now and then.
        banks: [pick(28, 3) as u16, if pick(32, 64) == 0 { u16::MAX } else { pick(38, 3) as u16 }],
        original: 0,
        accepted_at_us: 1_795_140_413_000_000 + at * 10,
        finished_at_us: 1_795_140_413_500_000 + at * 1_000,
        code: *b"00000000",
        has_reserve: pick(42, 2) == 0,
        particulars: Particulars {
            biz_tp: b"110001",
            trx_time: b"2026-11-20T10:06:50",
            sgn_no: b"EP1",
            serials: [serial, serial.get(8..).unwrap_or_default()],
        },
    }
}
