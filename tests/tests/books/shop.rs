//! A journal with one batch of payments in it, and the books that are made of it: by live positions, from the journal again, as archive and
//! as statements.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clearway::books::archive::{Archive, Writing, write as write_archive};
use clearway::books::compare::{Compared, Comparison, DetailFiles, StatedLines};
use clearway::books::extract::Records;
use clearway::books::statement::{Statements, day_folder};
use clearway::books::{LineSource, NoSteps, Silent};
use clearway::config::{BooksSection, Compression, Participants};
use clearway::domain::Payment;
use clearway::domain::clearing::BatchName;
use clearway::domain::link::LinkNumber;
use clearway::domain::record::{Attachment, Record, RecordKind, Role};
use clearway::domain::statement::Particulars;
use clearway::domain::{Event, Party};
use clearway::journal::{Journal, Options, Work};
use clearway::positions::Live;
use clearway_crypto::DigestKey;
use clearway_tests::seed::Draws;
use flate2::read::MultiGzDecoder;

use crate::world::participants;

/// What participants may write into elements: text, bars, line ends, letters cut in half, bytes that are no text.
const STRANGE: [&[u8]; 6] = [b"110001", b"", b"a|b\r\nc", "\u{6e05}\u{7b97}".as_bytes(), &[0xE6, 0xB8], &[0xFF, 0x00]];

/// One batch.
pub(crate) struct Shop {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) batch: BatchName,
    pub(crate) live: Live,
    pub(crate) participants: Participants,
    journal: Journal,
}

impl Shop {
    /// Two institutions and four banks, the last of which clears through the first.
    pub(crate) fn open(batch: BatchName) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let mut options = Options::new(dir.path().join("journal"));
        options.segment_bytes = 8 << 20;
        options.reserve_bytes = 8 << 20;
        let (journal, _) = Journal::open(options).expect("a journal");
        Self { dir, batch, live: Live::new(1), participants: participants(2, &[0, 1, 2, 0]), journal }
    }

    /// Records a change of a payment, in the journal and in the live positions; the one that makes it final with particulars.
    pub(crate) fn record(&self, before: Option<&Payment>, after: &Payment, draws: &mut Draws) {
        let mut strange = || STRANGE[draws.below(STRANGE.len() as u64) as usize];
        let particulars = Particulars {
            biz_tp: strange(),
            trx_time: b"2026-10-01T10:00:00",
            sgn_no: strange(),
            serials: [strange(), strange()],
        };
        let mut body = Vec::new();
        particulars.encode(&mut body);
        let attachment = |role, message| Attachment { role, party: Party::Institution, at_us: 1, message };
        let first = [attachment(Role::Request, &b"<request/>"[..])];
        let last = [attachment(Role::Receipt, &b"<receipt/>"[..]), attachment(Role::Particulars, &body)];
        let became_final = after.is_final() && !before.is_some_and(Payment::is_final);
        let attachments: &[Attachment<'_>] = if became_final { &last } else { &first };
        let kind = if before.is_none() { RecordKind::Accepted } else { RecordKind::Event(Event::Due) };
        let (link, at_us) = (LinkNumber::NONE, after.accepted_at_us);
        let record = Record { kind, at_us, link, payment: after, original: None, images: &[], attachments };
        let mut bytes = Vec::new();
        record.encode(&mut bytes);
        let position = self.journal.append(Work::Running, &[&bytes]).expect("room").position.as_u64();
        self.live.moved(0, before, &record.payment_at(position), position).expect("the batch is open");
    }

    pub(crate) fn flush(&self) {
        self.journal.flush().expect("durable");
    }

    /// All that is durable.
    pub(crate) fn records(&self) -> Records {
        Records::of_journal(&self.journal).from(0)
    }

    pub(crate) fn archive(&self) -> Archive {
        let dir = self.dir.path().join("archive");
        let name_of = |index: u16| self.participants.get(index).map_or_else(String::new, |one| one.id.to_string());
        let writing = Writing { dir: &dir, batch: self.batch, provisional: false, name_of: &name_of, threads: 2 };
        write_archive(&self.records(), &writing, &Silent, &NoSteps).expect("archived");
        Archive::new(dir)
    }

    /// Statements of these lines in a folder of their own; the digest of all files.
    pub(crate) fn state(
        &self,
        source: &dyn LineSource,
        folder: &str,
        threads: usize,
        rows_max: u64,
    ) -> (PathBuf, String) {
        let dir = self.dir.path().join(folder);
        let compression = Compression::Gzip;
        let section = BooksSection { dir: dir.clone(), threads, rows_max, compression, ..BooksSection::default() };
        let key = Arc::new(DigestKey::from_hex(&"11".repeat(32)).expect("a key"));
        let statements = Statements::new(&section, &self.participants, &key);
        let manifest = statements.write(self.batch, source, &Silent, &NoSteps).expect("stated");
        (dir, manifest.digest())
    }

    /// The detail files of a participant.
    pub(crate) fn details(&self, dir: &Path, participant: u16) -> Vec<PathBuf> {
        let id = self.participants.get(participant).expect("a participant").id;
        let folder = day_folder(dir, &id, self.batch.date());
        let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
        files.retain(|path| path.to_string_lossy().contains("_DTL_"));
        files.sort();
        files
    }

    /// The rows of a participant, each as its columns.
    pub(crate) fn rows(&self, dir: &Path, participant: u16) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for path in self.details(dir, participant) {
            let mut text = String::new();
            MultiGzDecoder::new(File::open(&path).expect("a file")).read_to_string(&mut text).expect("UTF-8");
            let lines = text.lines().filter(|line| !line.starts_with("END"));
            rows.extend(lines.map(|line| line.split('|').map(str::to_owned).collect::<Vec<_>>()));
        }
        rows
    }

    /// A participant's files against our lines.
    pub(crate) fn compare(&self, source: &dyn LineSource, dir: &Path, participant: u16) -> Compared {
        let id = self.participants.get(participant).expect("a participant").id;
        let file = self.dir.path().join("differences.txt");
        let comparison = Comparison { batch: self.batch, participant: id, scratch: self.dir.path(), file: &file };
        let theirs = DetailFiles::new(self.batch, self.details(dir, participant));
        let ours = StatedLines::new(source, self.batch, participant);
        comparison.run(&ours, &theirs, &Silent, &NoSteps).expect("compared")
    }
}
