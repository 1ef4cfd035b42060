//! `clearway books compare`.

use std::path::{Path, PathBuf};

use clap::Args;
use clearway_codec::value::InstitutionId;
use comfy_table::{Table, presets};
use serde_json::json;

use super::super::door::{ChangeArguments, cell};
use super::super::progress::Bar;
use super::super::{Verdict, print};
use crate::books::NoSteps;
use crate::books::archive::Archive;
use crate::books::compare::{Compared, Comparison, DetailFiles, Findings, Rows, StatedLines};
use crate::config::{Config, Participant};
use crate::domain::clearing::BatchName;
use crate::domain::statement::compare::Class;
use crate::error::{Error, Fault};

#[derive(Debug, Args)]
pub(in crate::cli) struct CompareArguments {
    /// The batch.
    batch: BatchName,
    /// IssrId of the participant whose files they are.
    participant: String,
    /// Its detail files, in the columns of the statements: plain, gzip or zstd; rows of other batches are passed over.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Where the differences are written. Default: in the folder of the books, reports/compare.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Only compare: open no case, and take no agreement.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    change: ChangeArguments,
}

pub(super) fn run(arguments: &CompareArguments) -> Result<Verdict, Error> {
    let CompareArguments { batch, change, .. } = arguments;
    let file =
        change.door.config.as_ref().ok_or_else(|| wrong("the statements are not here").remedy("say --config"))?;
    let config = Config::load(file)?;
    let participant = find(&config, &arguments.participant)?;
    let reports = config.books.dir.join("reports").join("compare");
    let out = arguments.out.clone().unwrap_or_else(|| reports.join(format!("{}_{batch}_DIFF.txt", participant.id)));
    let comparison = Comparison { batch: *batch, participant: participant.id, scratch: &reports, file: &out };
    let archive = Archive::new(config.books.dir.join("archive"));
    let (lines, files);
    let ours: &dyn Rows = if archive.has(*batch) {
        lines = StatedLines::new(&archive, *batch, participant.index);
        &lines
    } else {
        files = DetailFiles::new(*batch, our_files(&config.books.dir, *batch, &participant.id)?);
        &files
    };
    let theirs = DetailFiles::new(*batch, arguments.files.clone());
    if !arguments.dry_run {
        change.check()?;
    }
    let compared = comparison.run(ours, &theirs, &Bar::of_bytes("comparing"), &NoSteps)?;
    print(&report(&compared, &out));
    if !arguments.dry_run {
        let found = Findings::of(*batch, participant.id, &compared);
        change.change("/books/differences", json!({ "found": found }))?;
    }
    Ok(if compared.agrees() { Verdict::Good } else { Verdict::Bad })
}

fn find<'c>(config: &'c Config, id: &str) -> Result<&'c Participant, Error> {
    let found = InstitutionId::parse(id.as_bytes()).ok().and_then(|id| config.participants.find(&id));
    found.ok_or_else(|| wrong(&format!("{id:?} is no participant of this node")))
}

fn wrong(what: &str) -> Error {
    Error::new(Fault::Configuration, what)
}

/// The detail files of the participant's statement; none when nothing happened.
fn our_files(dir: &Path, batch: BatchName, id: &InstitutionId) -> Result<Vec<PathBuf>, Error> {
    let folder = dir.join("statements").join(id.as_str()).join(batch.date().to_string()).join("trans");
    if !folder.join(format!("{id}_{batch}_SUM.txt")).is_file() {
        return Err(Error::new(Fault::Environment, "there is no statement of this batch yet")
            .at(folder.display().to_string())
            .remedy("clearway books status shows how far the batch is"));
    }
    let (entries, start) = (std::fs::read_dir(&folder), format!("{id}_{batch}_DTL_"));
    let entries = entries.map_err(|error| Error::file("read", &folder, error))?;
    let is_detail = |path: &PathBuf| {
        path.file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with(&start) && !name.ends_with(".writing"))
    };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_detail).collect();
    files.sort_unstable();
    Ok(files)
}

fn report(compared: &Compared, out: &Path) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["CLASS", "ROWS", "OURS FEN", "THEIRS FEN"]);
    for class in Class::ALL {
        let tally = compared.tally.of(class);
        let row = [tally.rows, tally.ours_fen, tally.theirs_fen].map(|number| cell(&json!(number)));
        table.add_row([class.name().to_owned()].into_iter().chain(row));
    }
    let Compared { ours, theirs, passed_over, .. } = compared;
    format!(
        "{table}\n{ours} rows of the statement, {theirs} of the participant, {passed_over} of other batches passed over\n{}\n",
        out.display()
    )
}

#[cfg(test)]
mod tests {
    use super::super::super::door::{CertificateArguments, DoorArguments};
    use super::*;
    use crate::config::ParticipantKind;
    use crate::init;

    const ROW: &str = "|B202611200011|0110|110001|00|CNY1.00|C1030844001362|Z2004944000010|C1010211000012|1|A1|A2|||2026-11-20T10:00:00|2026-11-20T10:00:01|00000000|00000000\n";

    fn rows(numbers: std::ops::Range<u32>) -> String {
        numbers.map(|number| format!("20261120{number:023}{ROW}")).collect()
    }

    fn compare(config: &Path, participant: &str, file: &Path, out: &Path) -> Result<Verdict, Error> {
        let (config, certificates) = (Some(config.to_owned()), CertificateArguments::default());
        let door = DoorArguments { config, node: None, certificates, json: false };
        run(&CompareArguments {
            batch: "B202611200011".parse().unwrap(),
            participant: participant.to_owned(),
            files: vec![file.to_owned()],
            out: Some(out.to_owned()),
            dry_run: true,
            change: ChangeArguments { door, by: None },
        })
    }

    #[test]
    fn a_file_is_compared_with_the_statement_in_the_folder_of_the_books() {
        let dir = tempfile::tempdir().unwrap();
        let mut options = init::Options::new(1_795_140_000);
        (options.institutions, options.banks) = (1, 1);
        let file = init::write(dir.path(), &options).unwrap().config;
        let config = Config::load(&file).unwrap();
        let bank = config.participants.iter().find(|one| one.kind == ParticipantKind::Bank).unwrap().id;
        let (theirs, out) = (dir.path().join("theirs.txt"), dir.path().join("out/differences.txt"));
        std::fs::write(&theirs, rows(0..50)).unwrap();
        let error = compare(&file, bank.as_str(), &theirs, &out).unwrap_err();
        assert!(error.to_string().contains("no statement of this batch yet"), "{error}");
        let folder = config.books.dir.join("statements").join(bank.as_str()).join("20261120/trans");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{bank}_B202611200011_SUM.txt")), "").unwrap();
        std::fs::write(folder.join(format!("{bank}_B202611200011_DTL_001.txt")), rows(0..20)).unwrap();
        std::fs::write(folder.join(format!("{bank}_B202611200011_DTL_002.txt")), rows(20..50)).unwrap();
        assert_eq!(compare(&file, bank.as_str(), &theirs, &out).unwrap(), Verdict::Good);
        std::fs::write(&theirs, rows(1..50)).unwrap();
        assert_eq!(compare(&file, bank.as_str(), &theirs, &out).unwrap(), Verdict::Bad);
        let text = std::fs::read_to_string(&out).unwrap();
        assert!(text.starts_with("only-ours|2026112000000000000000000000000|payment|1|00|CNY1.00|||debit|"), "{text}");
        assert!(compare(&file, "Z9", &theirs, &out).is_err());
    }
}
