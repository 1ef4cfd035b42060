//! The detail files of one participant, written one after the other.

use std::io::{self, Write};
use std::path::PathBuf;

use clearway_codec::value::InstitutionId;
use clearway_crypto::Digester;
use clearway_crypto::file_seal::{FileCipher, FileKey, FileSealer};

use super::form::FileForm;
use super::packer::{Packer, Packing};
use super::place::detail_name;
use super::sheets::Sheet;
use crate::books::{Draft, Steps};
use crate::domain::clearing::{BatchName, Sum, add_fen};
use crate::domain::statement::{FileEntry, Trailer};
use crate::error::{Error, Fault};

/// The files of one participant in one batch.
pub(super) struct DetailFiles<'s> {
    participant: InstitutionId,
    batch: BatchName,
    folder: PathBuf,
    form: &'s FileForm,
    /// How they are encrypted, under the participant's key of the day.
    seal: Option<(FileCipher, FileKey)>,
    open: Option<DetailFile>,
    /// What has been written, in order; their places are filled in by the summary's maker.
    pub(super) done: Vec<FileEntry>,
}

/// The one that is being written.
struct DetailFile {
    draft: Draft,
    text: Digester,
    file: Digester,
    packing: Packing,
    sealer: Option<FileSealer>,
    /// What the sealer gives.
    sealed: Vec<u8>,
    rows: Sum,
    bytes: u64,
}

impl<'s> DetailFiles<'s> {
    /// None yet.
    pub(super) const fn new(
        participant: InstitutionId,
        batch: BatchName,
        folder: PathBuf,
        form: &'s FileForm,
        seal: Option<(FileCipher, FileKey)>,
    ) -> Self {
        Self { participant, batch, folder, form, seal, open: None, done: Vec::new() }
    }

    /// Writes the next sheet, and ends the file behind it if it is the last.
    ///
    /// # Errors
    /// The disk's.
    pub(super) fn take(&mut self, sheet: &mut Sheet, packer: &mut Packer, steps: &dyn Steps) -> Result<(), Error> {
        let mut file = match self.open.take() {
            Some(file) => file,
            None => self.begin()?,
        };
        let path = file.draft.path().to_owned();
        file.add(sheet, packer).map_err(|error| Error::file("write", &path, error))?;
        if sheet.is_last {
            return self.end(file, steps);
        }
        self.open = Some(file);
        Ok(())
    }

    fn name(&self) -> String {
        detail_name(&self.participant, self.batch, self.done.len() as u64 + 1, &self.form.ending())
    }

    fn begin(&self) -> Result<DetailFile, Error> {
        let name = self.name();
        let sealer = self.seal.as_ref().map(|(cipher, key)| FileSealer::new(*cipher, key, &name)).transpose();
        Ok(DetailFile {
            draft: Draft::create(&self.folder.join(&name))?,
            text: Digester::new(self.form.digest),
            file: Digester::new(self.form.digest),
            packing: Packing::new(),
            sealer: sealer
                .map_err(|error| Error::new(Fault::Environment, error.to_string()).at(name).caused_by(error))?,
            sealed: Vec::new(),
            rows: Sum::default(),
            bytes: 0,
        })
    }

    fn end(&mut self, file: DetailFile, steps: &dyn Steps) -> Result<(), Error> {
        let name = self.name();
        let DetailFile { draft, file, rows, bytes, .. } = file;
        draft.finish(steps)?;
        let (count, amount_fen, digest) = (rows.count, rows.amount_fen, file.finish());
        self.done.push(FileEntry { name, place: String::new(), rows: count, amount_fen, bytes, digest });
        Ok(())
    }
}

impl DetailFile {
    fn add(&mut self, sheet: &mut Sheet, packer: &mut Packer) -> io::Result<()> {
        self.text.update(&sheet.text);
        self.rows.count += sheet.rows.count;
        self.rows.amount_fen = add_fen(self.rows.amount_fen, sheet.rows.amount_fen);
        if sheet.is_last {
            let (count, amount_fen) = (self.rows.count, self.rows.amount_fen);
            let trailer = Trailer { count, amount_fen, digest: self.text.clone().finish() };
            sheet.text.extend_from_slice(trailer.to_line().as_bytes());
        }
        let packed = packer.pack(&mut self.packing, &sheet.text, sheet.is_last)?;
        let bytes = match &mut self.sealer {
            None => packed,
            Some(sealer) => {
                self.sealed.clear();
                sealer.seal(packed, &mut self.sealed).map_err(io::Error::other)?;
                if let Some(sealer) = self.sealer.take_if(|_| sheet.is_last) {
                    sealer.finish(&mut self.sealed).map_err(io::Error::other)?;
                }
                &self.sealed
            }
        };
        self.file.update(bytes);
        self.bytes += bytes.len() as u64;
        self.draft.write_all(bytes)
    }
}
