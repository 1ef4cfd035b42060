//! The statements of a batch, from wherever its lines come.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use clearway_codec::value::{Date, InstitutionId};
use clearway_crypto::{DigestKey, EncryptionRing};
use parking_lot::Mutex;

use super::crew::Crew;
use super::day_key::{KeyTerms, day_key, hand_out};
use super::detail::DetailFiles;
use super::form::FileForm;
use super::manifest::{Manifest, WrittenFile};
use super::place::{batch_prefix, day_folder, key_name, served_folder, summary_name};
use super::sheets::Dealer;
use crate::books::{Draft, LineSource, Progress, Steps};
use crate::config::{BooksSection, Participants};
use crate::domain::clearing::BatchName;
use crate::domain::statement::{FileEntry, Names, Summary};
use crate::error::Error;

/// Makes statements as `[books]` says.
#[derive(Debug, Clone)]
pub struct Statements {
    dir: PathBuf,
    form: FileForm,
    threads: usize,
    file_servers: Vec<String>,
    participants: Vec<(u16, InstitutionId)>,
    names: Names,
    /// What keys of days are derived from.
    master: Arc<DigestKey>,
}

/// Who has the keys of a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeysHandedOut {
    /// Key files written now.
    pub written: usize,
    /// Key files that were there already.
    pub kept: usize,
    /// Participants without an encryption certificate in the manifest: they cannot be given a key, and cannot read their files.
    pub without: Vec<InstitutionId>,
}

/// What is known of one participant's files.
struct Account {
    participant: InstitutionId,
    summary: Summary,
}

impl Statements {
    /// For these participants, in the folder of the books. Keys of days are derived from the node's digest key.
    #[must_use]
    pub fn new(section: &BooksSection, participants: &Participants, master: &Arc<DigestKey>) -> Self {
        let participants: Vec<_> = participants.iter().map(|one| (one.index, one.id)).collect();
        Self {
            dir: section.dir.clone(),
            form: FileForm::new(section),
            threads: section.threads.max(1),
            file_servers: section.file_servers.clone(),
            names: Names::new(participants.iter().copied()),
            participants,
            master: Arc::clone(master),
        }
    }

    /// Whether detail files are encrypted, so that keys must be handed out a day ahead.
    #[must_use]
    pub const fn are_encrypted(&self) -> bool {
        self.form.cipher.is_some()
    }

    /// Hands out the keys of a natural day to everybody who does not have it yet; nothing where files are not encrypted. Can be done
    /// again at any time: a participant whose encryption certificate has changed gets the same key sealed anew.
    ///
    /// # Errors
    /// The disk's; sealing fails.
    pub fn hand_out_keys(&self, date: Date, ring: &EncryptionRing, steps: &dyn Steps) -> Result<KeysHandedOut, Error> {
        let mut done = KeysHandedOut::default();
        let Some(cipher) = self.form.cipher else { return Ok(done) };
        for (_, participant) in &self.participants {
            let Some(record) = ring.find(participant.as_bytes()) else {
                done.without.push(*participant);
                continue;
            };
            let path = day_folder(&self.dir, participant, date).join(key_name(participant, date));
            let key = day_key(&self.master, participant, date);
            let terms = KeyTerms { participant, date, cipher };
            let count = if hand_out(&path, terms, &key, record, steps)? { &mut done.written } else { &mut done.kept };
            *count += 1;
        }
        Ok(done)
    }

    /// Writes summary and detail files of every participant, in place of older ones of the batch. Made twice, from whatever source,
    /// they are the same bytes. A summary gets its name only when the detail files that it names have theirs.
    ///
    /// `progress` is the source's.
    ///
    /// # Errors
    /// The source's; a line of another batch; the disk's. Then some files may be there, each of them whole.
    pub fn write(
        &self,
        batch: BatchName,
        source: &dyn LineSource,
        progress: &dyn Progress,
        steps: &dyn Steps,
    ) -> Result<Manifest, Error> {
        let mut manifest = Manifest::new(batch);
        let accounts = self.write_details(batch, source, progress, steps, &mut manifest)?;
        let written = self.in_parallel(&accounts, &|account| self.write_summary(account, steps))?;
        manifest.files = written.into_iter().flatten().collect();
        Ok(manifest)
    }

    /// Writes the detail files; the summaries as they will be, in the order of the participants.
    fn write_details(
        &self,
        batch: BatchName,
        source: &dyn LineSource,
        progress: &dyn Progress,
        steps: &dyn Steps,
        manifest: &mut Manifest,
    ) -> Result<Vec<Account>, Error> {
        let compression = self.form.compression;
        let crew = Crew::new(self.detail_files(batch), self.threads, compression, steps)?;
        let (files, sums) = thread::scope(|scope| {
            for _ in 1..self.threads {
                scope.spawn(|| crew.work(compression));
            }
            let _watch = crew.watch();
            let dealt = self.deal(batch, source, progress, &crew, manifest);
            if dealt.is_err() {
                crew.abandon();
            }
            dealt.and_then(|sums| Ok((crew.finish()?, sums)))
        })?;
        Ok(self.accounts(batch, files, sums, manifest))
    }

    fn deal(
        &self,
        batch: BatchName,
        source: &dyn LineSource,
        progress: &dyn Progress,
        crew: &Crew<'_>,
        manifest: &mut Manifest,
    ) -> Result<Vec<Summary>, Error> {
        let mut dealer = Dealer::new(batch, &self.names, self.form.rows_max, crew);
        source.for_each(batch, progress, &mut |line| dealer.deal(line))?;
        (manifest.lines, manifest.text_bytes) = (dealer.lines, dealer.text_bytes);
        dealer.finish()
    }

    /// For every index, in use or not: the crew's seats are indexes, and nothing is dealt to one that is nobody's.
    fn detail_files(&self, batch: BatchName) -> Vec<DetailFiles<'_>> {
        let nobody = self.participants.first().map(|(_, id)| *id);
        let files = |index| {
            let participant = self.names.id(index).copied().or(nobody)?;
            let folder = day_folder(&self.dir, &participant, batch.date());
            let seal = self.form.cipher.map(|cipher| (cipher, day_key(&self.master, &participant, batch.date())));
            Some(DetailFiles::new(participant, batch, folder, &self.form, seal))
        };
        (0..=u16::MAX).take(self.names.len()).filter_map(files).collect()
    }

    fn accounts(
        &self,
        batch: BatchName,
        files: Vec<DetailFiles<'_>>,
        sums: Vec<Summary>,
        manifest: &mut Manifest,
    ) -> Vec<Account> {
        let mut accounts = Vec::with_capacity(self.participants.len());
        for (index, (files, mut summary)) in (0_u16..).zip(files.into_iter().zip(sums)) {
            let Some(participant) = self.names.id(index).copied() else { continue };
            summary.files = files.done;
            let place = served_folder(&participant, batch.date());
            for (at, file) in summary.files.iter_mut().enumerate() {
                file.place = self.place_of(at, &place);
            }
            manifest.rows += summary.total().count;
            accounts.push(Account { participant, summary });
        }
        accounts
    }

    /// Detail files are spread over the file servers in turn.
    fn place_of(&self, at: usize, folder: &str) -> String {
        match self.file_servers.get(at % self.file_servers.len().max(1)) {
            Some(server) => format!("{server}/{folder}"),
            None => folder.to_owned(),
        }
    }

    /// Writes a summary, and removes what an earlier making with other settings left; all files of the participant.
    fn write_summary(&self, account: &Account, steps: &dyn Steps) -> Result<Vec<WrittenFile>, Error> {
        let Account { participant, summary } = account;
        let batch = summary.batch;
        let folder = day_folder(&self.dir, participant, batch.date());
        let name = summary_name(participant, batch);
        let text = summary.to_text(|bytes| self.form.digest.of(bytes));
        let mut draft = Draft::create(&folder.join(&name))?;
        draft.write_all(text.as_bytes()).map_err(|error| Error::file("write", draft.path(), error))?;
        draft.finish(steps)?;
        let mut files: Vec<_> = summary.files.iter().map(|file| detail(participant, file)).collect();
        let total = summary.total();
        files.push(WrittenFile {
            participant: participant.to_string(),
            name,
            rows: total.count,
            amount_fen: total.amount_fen,
            bytes: text.len() as u64,
            digest: self.form.digest.of(text.as_bytes()),
        });
        remove_others(&folder, &batch_prefix(participant, batch), &files)?;
        Ok(files)
    }

    /// Does `each` for all accounts on all threads: summaries are small, and each waits for the disk.
    fn in_parallel<T: Send>(
        &self,
        accounts: &[Account],
        each: &(dyn Fn(&Account) -> Result<T, Error> + Sync),
    ) -> Result<Vec<T>, Error> {
        let done: Vec<_> = accounts.iter().map(|_| Mutex::new(None)).collect();
        let next = AtomicUsize::new(0);
        let run = || loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let (Some(account), Some(place)) = (accounts.get(at), done.get(at)) else { return };
            *place.lock() = Some(each(account));
        };
        thread::scope(|scope| {
            for _ in 1..self.threads {
                scope.spawn(run);
            }
            run();
        });
        done.into_iter().filter_map(Mutex::into_inner).collect()
    }
}

fn detail(participant: &InstitutionId, file: &FileEntry) -> WrittenFile {
    WrittenFile {
        participant: participant.to_string(),
        name: file.name.clone(),
        rows: file.rows,
        amount_fen: file.amount_fen,
        bytes: file.bytes,
        digest: file.digest.clone(),
    }
}

/// Removes the files of the batch that are not among `files`: of a crash, or of a making with other settings.
fn remove_others(folder: &Path, prefix: &str, files: &[WrittenFile]) -> Result<(), Error> {
    let entries = fs::read_dir(folder).map_err(|error| Error::file("read", folder, error))?;
    for entry in entries {
        let entry = entry.map_err(|error| Error::file("read", folder, error))?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(prefix) && files.iter().all(|file| file.name != name) {
            fs::remove_file(entry.path()).map_err(|error| Error::file("remove", &entry.path(), error))?;
        }
    }
    Ok(())
}
