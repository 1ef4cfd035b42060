//! `clearway books archive`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::super::progress::Bar;
use super::super::{Verdict, print};
use super::recompute::{of_journal, wrong_with};
use crate::books::NoSteps;
use crate::books::archive::{Archived, Writing, write};
use crate::books::extract::Records;
use crate::books::recompute::MEMORY_BYTES_MAX;
use crate::config::Config;
use crate::domain::clearing::BatchName;
use crate::error::Error;

#[derive(Debug, Args)]
pub(in crate::cli) struct ArchiveArguments {
    /// The batch, such as B202611200011; D... for one of adjustments.
    batch: BatchName,
    /// The node's clearway.toml. The node may be running, or not: only its journal is read.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The root of the archive to write to; day=.../batch=.../part-0.parquet is made in it, or replaced.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// JSON instead of words.
    #[arg(long)]
    json: bool,
}

/// The sums first, for they say whether the batch is closed and agrees; then the file, which is checked against them.
pub(super) fn run(arguments: &ArchiveArguments) -> Result<Verdict, Error> {
    let config = Config::load(&arguments.config)?;
    let batch = arguments.batch;
    let sums = of_journal(&config, batch, MEMORY_BYTES_MAX)?;
    let mut wrong = wrong_with(&sums, &config.participants);
    let provisional = sums.closed.is_none() || !wrong.is_empty();
    let records = Records::in_folder(&config.journal.dir)?;
    let records = match &sums.closed {
        Some(closed) => records.until(closed.until_position),
        None => records,
    };
    let name_of = |index: u16| {
        let known = config.participants.get(index);
        known.map_or_else(|| format!("#{index}"), |participant| participant.id.as_str().to_owned())
    };
    let threads = config.books.threads;
    let writing = Writing { dir: &arguments.out, batch, provisional, name_of: &name_of, threads };
    let archived = write(&records, &writing, &Bar::of_bytes("archiving"), &NoSteps)?;
    // Of a batch that still takes payments there may be more by now.
    if sums.closed.is_some() && archived.rows != sums.payments {
        wrong.push(format!("{} lines of {} payments", archived.rows, sums.payments));
    }
    print(&told(&archived, provisional, &wrong, arguments.json));
    Ok(if wrong.is_empty() { Verdict::Good } else { Verdict::Bad })
}

fn told(archived: &Archived, provisional: bool, wrong: &[String], as_json: bool) -> String {
    let path = archived.path.display().to_string();
    let (rows, bytes, moved_fen) = (archived.rows, archived.bytes, archived.moved_fen);
    if as_json {
        let told = json!({ "path": path, "rows": rows, "bytes": bytes, "moved_fen": moved_fen, "provisional": provisional, "wrong": wrong });
        return format!("{told:#}\n");
    }
    let state = if provisional { ", provisional: the batch is not closed, or does not agree" } else { "" };
    let mut text = format!("{path}: {rows} payments, {moved_fen} fen moved, {bytes} bytes{state}\n");
    wrong.iter().for_each(|one| text += &format!("WRONG: {one}\n"));
    text
}
