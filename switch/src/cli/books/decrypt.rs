//! `clearway books decrypt`: for participants, who have no configuration of the node.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use clearway_crypto::envelope::DecryptionKey;
use zeroize::Zeroizing;

use super::super::progress::Bar;
use super::super::{Verdict, print};
use crate::books::statement::{SEALED_ENDING, decrypt, open_key_file};
use crate::error::{Error, Fault};

#[derive(Debug, Args)]
pub(in crate::cli) struct DecryptArguments {
    /// The detail file, under the name that it was fetched with.
    file: PathBuf,
    /// The key file of its day: {IssrId}-{yyyyMMdd}.key.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The participant's private encryption key, PKCS#8 PEM, to which the day's key is sealed.
    #[arg(long, value_name = "FILE")]
    private_key: PathBuf,
    /// Where to write. Left out: beside the file, without .enc.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(arguments: &DecryptArguments) -> Result<Verdict, Error> {
    let path = &arguments.private_key;
    let pem = Zeroizing::new(fs::read_to_string(path).map_err(|error| Error::file("read", path, error))?);
    let private = DecryptionKey::from_pkcs8_pem(&pem).map_err(|error| {
        Error::new(Fault::Configuration, error.to_string()).at(path.display().to_string()).caused_by(error)
    })?;
    let key = open_key_file(&arguments.key, &private)?;
    let out = match &arguments.out {
        Some(out) => out.clone(),
        None => beside(arguments)?,
    };
    let bytes = decrypt(&arguments.file, &key, &out, &Bar::of_bytes("decrypting"))?;
    print(&format!("{}: {bytes} bytes\n", out.display()));
    Ok(Verdict::Good)
}

fn beside(arguments: &DecryptArguments) -> Result<PathBuf, Error> {
    let name = arguments.file.to_string_lossy();
    name.strip_suffix(SEALED_ENDING).map(PathBuf::from).ok_or_else(|| {
        Error::new(Fault::Configuration, format!("the name does not end with {SEALED_ENDING}"))
            .at(arguments.file.display().to_string())
            .remedy("--out says where to write")
    })
}
