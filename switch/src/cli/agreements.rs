//! `clearway agreements`.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::command::{AgreementsCommand, ImportArguments, NeededArguments, ReportArguments, ShowArguments};
use super::door::RegisterDoor;
use super::{Verdict, cutover, print};
use crate::admin::Answer;
use crate::config::Config;
use crate::constants::ADMIN_BODY_BYTES_MAX;
use crate::error::{Error, Fault};
use crate::registrar::{Fate, Imported, LINE_BYTES_MAX, import_lines};

/// Lines of one call, at most.
const LINES_MAX: usize = 256;
/// Bytes of them: in JSON a character of a line may become two, and each line has quotes and a comma around it.
const BATCH_BYTES_MAX: usize = ADMIN_BODY_BYTES_MAX / 2 - 1024;
const _: () = assert!(LINE_BYTES_MAX <= BATCH_BYTES_MAX);

pub(super) fn run(command: &AgreementsCommand) -> Result<Verdict, Error> {
    match command {
        AgreementsCommand::Import(arguments) => run_import(arguments),
        AgreementsCommand::Report(arguments) => run_report(arguments),
        AgreementsCommand::Needed(arguments) => run_needed(arguments),
        AgreementsCommand::Show(arguments) => run_show(arguments),
        AgreementsCommand::Way(arguments) => cutover::run(arguments),
    }
}

fn run_report(arguments: &ReportArguments) -> Result<Verdict, Error> {
    let door = RegisterDoor::open(&Config::load(&arguments.config)?, &arguments.certificates)?;
    let report = parsed(&door.call(Method::GET, "/agreements", Vec::new())?)?;
    print(&pretty(&report)?);
    Ok(if report["disagreeing"] == json!(0) { Verdict::Good } else { Verdict::Bad })
}

fn run_show(arguments: &ShowArguments) -> Result<Verdict, Error> {
    let door = RegisterDoor::open(&Config::load(&arguments.config)?, &arguments.certificates)?;
    let answer = door.call(Method::GET, &format!("/agreements/{}", encoded(&arguments.number)), Vec::new())?;
    if answer.status == 404 {
        eprintln!("clearway: no agreement and no mandate of this number");
        return Ok(Verdict::Bad);
    }
    print(&pretty(&parsed(&answer)?)?);
    Ok(Verdict::Good)
}

fn run_needed(arguments: &NeededArguments) -> Result<Verdict, Error> {
    let door = RegisterDoor::open(&Config::load(&arguments.config)?, &arguments.certificates)?;
    let channel = |bank: &String| json!({ "institution": arguments.institution, "bank": bank });
    let question = json!({
        "customer": arguments.customer.as_deref().unwrap_or(""),
        "account": arguments.account.as_deref().unwrap_or(""),
        "channels": arguments.bank.iter().map(channel).collect::<Vec<_>>(),
    });
    let answer = door.call(Method::POST, "/agreements/needed", question.to_string().into_bytes())?;
    let answers = parsed(&answer)?;
    print(&pretty(&answers)?);
    Ok(if answer.status == 200 { Verdict::Good } else { Verdict::Bad })
}

fn run_import(arguments: &ImportArguments) -> Result<Verdict, Error> {
    let door = RegisterDoor::open(&Config::load(&arguments.config)?, &arguments.certificates)?;
    let file = File::open(&arguments.file).map_err(|error| Error::file("open", &arguments.file, error))?;
    let mut rejects = rejects_file(arguments.rejects.as_deref())?;
    let mut send = |lines: &[String]| send(&door, &arguments.by, lines);
    let done = import_lines(BufReader::new(file), &mut rejects, LINES_MAX, BATCH_BYTES_MAX, &mut send)?;
    print(&summary(&done));
    Ok(if done.rejected == 0 { Verdict::Good } else { Verdict::Bad })
}

/// What the node says of some lines.
#[derive(Deserialize)]
struct Said {
    imported: u64,
    known: u64,
    rejected: Vec<Rejected>,
}

#[derive(Deserialize)]
struct Rejected {
    line: usize,
    reason: String,
}

/// Sends some lines; for each its fate.
fn send(door: &RegisterDoor, by: &str, lines: &[String]) -> Result<Vec<Fate>, Error> {
    let body = json!({ "by": by, "lines": lines }).to_string().into_bytes();
    let said: Said = serde_json::from_value(parsed(&door.call(Method::POST, "/agreements/import", body)?)?)
        .map_err(|error| Error::new(Fault::Environment, format!("the node's answer: {error}")).caused_by(error))?;
    let mut fates: Vec<Fate> = vec![Ok(true); lines.len()];
    for Rejected { line, reason } in said.rejected {
        if let Some(fate) = fates.get_mut(line) {
            *fate = Err(reason);
        }
    }
    // Which of the accepted ones were known makes no difference to anybody; how many does.
    fates.iter_mut().filter(|fate| fate.is_ok()).take(said.known as usize).for_each(|fate| *fate = Ok(false));
    let brought = fates.iter().filter(|fate| **fate == Ok(true)).count() as u64;
    if brought == said.imported {
        Ok(fates)
    } else {
        Err(Error::new(Fault::Environment, "the node's answer does not add up"))
    }
}

/// Where rejected lines go; they may hold account numbers, so nobody else may read the file.
fn rejects_file(path: Option<&Path>) -> Result<Box<dyn Write>, Error> {
    use std::os::unix::fs::OpenOptionsExt;
    let Some(path) = path else { return Ok(Box::new(std::io::sink())) };
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    let file = file.map_err(|error| Error::file("write", path, error))?;
    Ok(Box::new(BufWriter::new(file)))
}

fn summary(done: &Imported) -> String {
    let Imported { lines, imported, known, rejected, .. } = done;
    format!("{lines} lines: {imported} imported, {known} known already, {rejected} rejected\n")
}

fn parsed(answer: &Answer) -> Result<Value, Error> {
    serde_json::from_str(&answer.text)
        .map_err(|error| Error::new(Fault::Environment, format!("the node's answer: {error}")).caused_by(error))
}

fn pretty(value: &Value) -> Result<String, Error> {
    let text = serde_json::to_string_pretty(value);
    text.map(|text| text + "\n")
        .map_err(|error| Error::new(Fault::Environment, format!("cannot write JSON: {error}")).caused_by(error))
}

/// A path segment: letters and digits as they are, everything else percent-encoded.
fn encoded(text: &str) -> String {
    let one = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::super::door::CertificateArguments;
    use super::*;
    use crate::config::ParticipantKind;
    use crate::init;

    #[test]
    fn a_number_is_encoded_for_the_path() {
        assert_eq!(encoded("EP1/2%"), "EP1%2F2%25");
    }

    /// A node that is stopped: imported from its own files, reported, shown, and found again.
    #[test]
    fn the_commands_work_on_the_files_of_a_node_that_is_stopped() {
        let none = CertificateArguments::default;
        let dir = tempfile::tempdir().unwrap();
        let mut options = init::Options::new(1_795_140_000);
        (options.institutions, options.banks) = (1, 1);
        // A port that nobody listens on: it was free a moment ago.
        options.admin.address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let config = init::write(dir.path(), &options).unwrap().config;
        let ids: Vec<_> = Config::load(&config).unwrap().participants.iter().map(|one| (one.kind, one.id)).collect();
        let id = |kind| ids.iter().find(|(of, _)| *of == kind).unwrap().1.to_string();
        let (institution, bank) = (id(ParticipantKind::Institution), id(ParticipantKind::Bank));
        let (file, rejects) = (dir.path().join("agreements.csv"), dir.path().join("rejects.csv"));
        let good: String = (0..600).map(|n| format!("EPTEN{n},OLD{n},{institution},{bank},6222{n},C1,,,\n")).collect();
        std::fs::write(&file, format!("{good}EPTEN600,,{bank},{bank},6222,C1,,,\n")).unwrap();

        let import = ImportArguments {
            file,
            config: config.clone(),
            rejects: Some(rejects.clone()),
            by: "li".to_owned(),
            certificates: none(),
        };
        assert_eq!(run_import(&import).unwrap(), Verdict::Bad);
        let rejected = std::fs::read_to_string(&rejects).unwrap();
        assert!(rejected.starts_with("# line 601: the institution is no participant") && rejected.lines().count() == 2);
        let show = |number: &str| {
            run_show(&ShowArguments { number: number.to_owned(), config: config.clone(), certificates: none() })
                .unwrap()
        };
        assert_eq!((show("OLD599"), show("EPTEN600")), (Verdict::Good, Verdict::Bad));
        assert_eq!(
            run_report(&ReportArguments { config: config.clone(), certificates: none() }).unwrap(),
            Verdict::Good
        );
        let door = RegisterDoor::open(&Config::load(&config).unwrap(), &CertificateArguments::default()).unwrap();
        let report = parsed(&door.call(Method::GET, "/agreements", Vec::new()).unwrap()).unwrap();
        assert_eq!((&report["agreements"], &report["old_numbers"]), (&json!(600), &json!(600)));
        let customer = Some("C1".to_owned());
        let needed =
            NeededArguments { customer, account: None, institution, bank: vec![bank], config, certificates: none() };
        drop(door);
        assert_eq!(run_needed(&needed).unwrap(), Verdict::Good);
    }
}
