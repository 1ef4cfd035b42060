//! The key of a participant's day, and the file by which it is handed out a day ahead (wire.md section 5).
//!
//! ```text
//!  day key = a key derived from the node's digest key, for the participant and the day; never stored
//!  {IssrId}-{yyyyMMdd}.key      lines name=value: IssrId, Date, Cipher, NcrptnSN, Mode, DgtlEnvlp, Key
//! ```
//!
//! `DgtlEnvlp` and `Key` are a digital envelope to the participant's encryption key and a value in it, as in a message: the day key
//! as 64 hexadecimal digits. Invariant: a key file is the one kind of file that is not made twice alike, because sealing is random;
//! so one that is there, for the same certificate, stays.

use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::path::Path;

use clearway_codec::value::{Date, InstitutionId, SerialNumber};
use clearway_crypto::envelope::{CipherMode, DecryptionKey};
use clearway_crypto::file_seal::{FileCipher, FileKey};
use clearway_crypto::{DigestKey, EncryptionRecord};

use crate::books::{Draft, Steps};
use crate::error::{Error, Fault};

/// Longest key file that is read, bytes.
const BYTES_MAX: u64 = 16 * 1024;

/// The key of a participant's day.
pub(super) fn day_key(master: &DigestKey, participant: &InstitutionId, date: Date) -> FileKey {
    FileKey::new(master.derive(&format!("statements of {participant} on {date}")))
}

/// Whose key, which day's, for what.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyTerms<'k> {
    pub(super) participant: &'k InstitutionId,
    pub(super) date: Date,
    pub(super) cipher: FileCipher,
}

/// Writes a key file, unless there is one for the same terms and certificate; whether it was written.
///
/// # Errors
/// The disk's; sealing fails.
pub(super) fn hand_out(
    path: &Path,
    terms: KeyTerms<'_>,
    key: &FileKey,
    record: &EncryptionRecord,
    steps: &dyn Steps,
) -> Result<bool, Error> {
    let head = head_of(terms, record);
    if fs::read_to_string(path).is_ok_and(|text| text.starts_with(&head)) {
        return Ok(false);
    }
    let unsealed = |error: clearway_crypto::Error| {
        Error::new(Fault::Environment, error.to_string()).at(path.display().to_string()).caused_by(error)
    };
    let sealing = record.key.seal(record.mode).map_err(unsealed)?;
    let sealed = sealing.seal(&key.to_hex()).map_err(unsealed)?;
    let text = format!("{head}DgtlEnvlp={}\nKey={sealed}\n", sealing.envelope());
    let mut draft = Draft::create(path)?;
    draft.write_all(text.as_bytes()).map_err(|error| Error::file("write", path, error))?;
    draft.finish(steps)?;
    Ok(true)
}

fn head_of(terms: KeyTerms<'_>, record: &EncryptionRecord) -> String {
    let KeyTerms { participant, date, cipher } = terms;
    let mut text = format!("IssrId={participant}\nDate={date}\nCipher={cipher}\n");
    let serial = SerialNumber::parse(&record.serial).map(|serial| serial.as_str().to_owned()).unwrap_or_default();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "NcrptnSN={serial}\nMode={}", mode_name(record.mode));
    text
}

const fn mode_name(mode: CipherMode) -> &'static str {
    match mode {
        CipherMode::Cbc => "cbc",
        CipherMode::Ecb => "ecb",
    }
}

/// Opens a key file: what a participant does.
///
/// # Errors
/// It cannot be read, is none, or is sealed to another key.
pub fn open_key_file(path: &Path, private: &DecryptionKey) -> Result<FileKey, Error> {
    let wrong = |what: &str| Error::new(Fault::Data, what).at(path.display().to_string());
    let length = fs::metadata(path).map_err(|error| Error::file("read", path, error))?.len();
    if length > BYTES_MAX {
        return Err(wrong("longer than a key file can be"));
    }
    let text = fs::read_to_string(path).map_err(|error| Error::file("read", path, error))?;
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    let missing = |name: &str| wrong(&format!("no key file: {name} is missing"));
    let mode = match field("Mode").ok_or_else(|| missing("Mode"))? {
        "cbc" => CipherMode::Cbc,
        "ecb" => CipherMode::Ecb,
        _ => return Err(wrong("Mode is neither cbc nor ecb")),
    };
    let opening = private.open(field("DgtlEnvlp").ok_or_else(|| missing("DgtlEnvlp"))?, mode);
    let key = opening.open(field("Key").ok_or_else(|| missing("Key"))?);
    let key = key.map_err(|_| wrong("the key is sealed to another certificate, or damaged"))?;
    FileKey::from_hex(&key).map_err(|error| wrong(&error.to_string()).caused_by(error))
}
