//! `clearway books statements`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::super::progress::Bar;
use super::super::{Verdict, print};
use crate::books::NoSteps;
use crate::books::archive::Archive;
use crate::books::statement::{Manifest, Statements};
use crate::config::Config;
use crate::domain::clearing::BatchName;
use crate::error::{Error, Fault};

#[derive(Debug, Args)]
pub(in crate::cli) struct StatementsArguments {
    /// The batch, such as B202611200011; D... for one of adjustments.
    batch: BatchName,
    /// The node's clearway.toml. The node may be running, or not: only its archive is read.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Where to write: statements/... is made in it. Left out: the folder of the books, where the same bytes stand already unless
    /// something was lost or configured anew.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// JSON instead of words, with every file and its digest.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &StatementsArguments) -> Result<Verdict, Error> {
    let mut config = Config::load(&arguments.config)?;
    let keys = config.keys.load()?;
    let archive = Archive::new(config.books.dir.join("archive"));
    if !archive.has(arguments.batch) {
        let what = format!("{} is not archived: statements are made of sealed batches", arguments.batch);
        return Err(Error::new(Fault::Caller, what)
            .at(archive.path(arguments.batch).display().to_string())
            .remedy("clearway books status says how far it is"));
    }
    if let Some(dir) = &arguments.out {
        config.books.dir.clone_from(dir);
    }
    let statements = Statements::new(&config.books, &config.participants, &keys.digest);
    let manifest = statements.write(arguments.batch, &archive, &Bar::of_things("rows"), &NoSteps)?;
    print(&told(&manifest, arguments.json)?);
    Ok(Verdict::Good)
}

fn told(manifest: &Manifest, as_json: bool) -> Result<String, Error> {
    let (digest, bytes) = (manifest.digest(), manifest.bytes());
    if as_json {
        let told = json!({ "digest": digest, "bytes": bytes, "manifest": manifest });
        return Ok(format!("{told:#}\n"));
    }
    let Manifest { batch, lines, rows, files, .. } = manifest;
    Ok(format!(
        "{batch}: {lines} payments, {rows} rows in {} files, {bytes} bytes\ndigest of all {digest}\n",
        files.len()
    ))
}
