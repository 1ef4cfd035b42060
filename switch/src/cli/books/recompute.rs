//! `clearway books recompute`.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::super::door::{cell, listed};
use super::super::progress::Bar;
use super::super::{Verdict, print};
use crate::books::BatchEntry;
use crate::books::extract::Records;
use crate::books::recompute::{MEMORY_BYTES_MAX, Recomputed, recompute};
use crate::config::{Config, Participants};
use crate::domain::business::rules;
use crate::domain::clearing::{BatchName, Side, add_fen};
use crate::error::Error;

const MIB: usize = 1 << 20;

#[derive(Debug, Args)]
pub(in crate::cli) struct RecomputeArguments {
    /// The batch, such as B202611200011; D... for one of adjustments.
    batch: BatchName,
    /// The node's clearway.toml. The node may be running, or not: only its journal is read.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Memory for it, in MiB. A batch of 26,000 payments a MiB is computed in one walk over the journal, a larger one in several.
    #[arg(long, value_name = "MIB", default_value_t = MEMORY_BYTES_MAX / MIB, value_parser = memory)]
    memory: usize,
    /// JSON instead of tables.
    #[arg(long)]
    json: bool,
}

/// 1 MiB to 1 TiB.
fn memory(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|mib| (1..=MIB).contains(mib)).ok_or_else(|| format!("must be 1 to {MIB}"))
}

pub(super) fn run(arguments: &RecomputeArguments) -> Result<Verdict, Error> {
    let config = Config::load(&arguments.config)?;
    let batch = arguments.batch;
    let sums = of_journal(&config, batch, arguments.memory * MIB)?;
    let wrong = wrong_with(&sums, &config.participants);
    let report = report(batch, &sums, &wrong, &config.participants);
    print(&if arguments.json { format!("{report:#}\n") } else { text(&report) });
    Ok(if wrong.is_empty() { Verdict::Good } else { Verdict::Bad })
}

/// The batch from the journal of a configuration, with a bar.
pub(super) fn of_journal(config: &Config, batch: BatchName, memory_bytes_max: usize) -> Result<Recomputed, Error> {
    let records = Records::in_folder(&config.journal.dir)?;
    recompute(&records, batch, memory_bytes_max, &Bar::of_bytes("reading"))
}

/// What does not add up: within the sums, and against what was recorded when the batch was closed.
pub(super) fn wrong_with(sums: &Recomputed, participants: &Participants) -> Vec<String> {
    let mut wrong = Vec::new();
    let sum_fen = sums.positions.sum_fen();
    if sum_fen != 0 {
        wrong.push(format!("the positions add up to {sum_fen} fen, not to nothing"));
    }
    let Some(closed) = &sums.closed else { return wrong };
    let here = BatchEntry::closed(0, [0, 0], &sums.positions, |bank| participants.clearing_bank_of(bank));
    if here.payments != closed.payments {
        wrong.push(format!("{} payments; it was closed with {}", here.payments, closed.payments));
    }
    if here.moved_fen != closed.moved_fen {
        wrong.push(format!("{} fen moved; it was closed with {}", here.moved_fen, closed.moved_fen));
    }
    if here.nets_fen != closed.nets_fen {
        wrong.push("other nets of clearing banks than it was closed with".to_owned());
    }
    wrong
}

fn report(batch: BatchName, sums: &Recomputed, wrong: &[String], participants: &Participants) -> Value {
    let id = |index: u16| {
        participants.get(index).map_or_else(|| format!("#{index}"), |participant| participant.id.as_str().to_owned())
    };
    let cells = sums.positions.cells().map(|(key, sum)| {
        let side = match key.side {
            Side::Initiator => "initiator",
            Side::Debit => "debit",
            Side::Credit => "credit",
        };
        let business = key.business().map_or("?", |business| rules(business).name);
        let (participant, status) = (id(key.participant), format!("{:02}", key.status));
        json!({ "participant": participant, "side": side, "business": business, "status": status, "payments": sum.count,
                "amount_fen": sum.amount_fen })
    });
    let nets = sums.positions.net_fen(|bank| participants.clearing_bank_of(bank));
    let nets = nets.into_iter().map(|(bank, fen)| json!({ "clearing_bank": id(bank), "net_fen": whole(fen) }));
    let reserves = sums.reserves.accounts().map(|(account, sum)| {
        json!({ "institution": id(account.institution), "bank": id(account.bank), "payments": sum.payments(),
                "paid_in_fen": sum.paid_in.amount_fen, "paid_out_fen": sum.paid_out.amount_fen })
    });
    let moved = sums.positions.cells().filter(|(key, _)| key.side == Side::Debit && key.moves_money());
    json!({
        "batch": batch.to_string(),
        "payments": sums.payments,
        "moved_fen": moved.fold(0, |all, (_, sum)| add_fen(all, sum.amount_fen)),
        "sum_of_positions_fen": whole(sums.positions.sum_fen()),
        "records": sums.records,
        "walks": sums.walks,
        "closed": sums.closed.is_some(),
        "agrees": sums.closed.as_ref().map(|_| wrong.is_empty()),
        "wrong": wrong,
        "cells": cells.collect::<Vec<_>>(),
        "nets": nets.collect::<Vec<_>>(),
        "reserves": reserves.collect::<Vec<_>>(),
    })
}

/// JSON has no larger numbers; more fen than there are become text.
fn whole(fen: i128) -> Value {
    i64::try_from(fen).map_or_else(|_| json!(fen.to_string()), |fen| json!(fen))
}

fn text(report: &Value) -> String {
    let columns = ["participant", "side", "business", "status", "payments", "amount_fen"];
    let heads = ["PARTICIPANT", "SIDE", "BUSINESS", "STATUS", "PAYMENTS", "FEN"];
    let cells = listed(&report["cells"], heads, |one| columns.map(|key| cell(&one[key])));
    let nets = listed(&report["nets"], ["CLEARING BANK", "NET FEN"], |one| {
        ["clearing_bank", "net_fen"].map(|key| cell(&one[key]))
    });
    let columns = ["institution", "bank", "payments", "paid_in_fen", "paid_out_fen"];
    let heads = ["RESERVE ACCOUNT OF", "AT", "PAYMENTS", "IN FEN", "OUT FEN"];
    let reserves = listed(&report["reserves"], heads, |one| columns.map(|key| cell(&one[key])));
    format!("{cells}\n{nets}\n{reserves}\n{}", verdict(report))
}

fn verdict(report: &Value) -> String {
    let [batch, payments, moved] = ["batch", "payments", "moved_fen"].map(|key| cell(&report[key]));
    let counted = format!("{batch}: {payments} payments, {moved} fen moved");
    let wrong = report["wrong"].as_array().map_or(&[][..], Vec::as_slice);
    match (wrong, &report["agrees"]) {
        ([], Value::Null) => format!("{counted}; the batch is not closed, there is nothing to compare with\n"),
        ([], _) => format!("{counted}; it agrees with what the batch was closed with, to the fen\n"),
        (wrong, _) => {
            wrong.iter().fold(format!("{counted}; IT DOES NOT AGREE\n"), |text, one| text + &cell(one) + "\n")
        }
    }
}
