//! `clearway init` and `clearway check`.

use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use clearway_codec::value::BeijingTime;
use clearway_crypto::transport::{Material, not_after, peer_names};

use super::command::{InitArguments, ServeArguments};
use super::{Verdict, print};
use crate::admin::Entrance;
use crate::admission::Admission;
use crate::clock::Clock;
use crate::config::{Config, ParticipantKind};
use crate::domain::business::Business;
use crate::error::Error;
use crate::init;
use crate::routing::RoutesFile;

pub(super) fn run_init(arguments: &InitArguments) -> Result<Verdict, Error> {
    let now_unix_secs = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let mut options = init::Options::new(now_unix_secs);
    options.institutions = arguments.institutions;
    options.banks = arguments.banks;
    options.suite = arguments.suite;
    options.institution_suites.clone_from(&arguments.institution_suites);
    options.envelope = arguments.envelope;
    options.plain_http = arguments.plain_http;
    options.force = arguments.force;
    options.listen.address = arguments.listen.unwrap_or(options.listen.address);
    options.admin.address = arguments.admin.unwrap_or(options.admin.address);
    let written = init::write(&arguments.dir, &options)?;
    let (config, loadgen) = (written.config.display(), written.loadgen.display());
    print(&format!(
        "{} files written: {} institutions, {} banks, {} keys.\n\n\
         run the node          clearway serve --config {config}\n\
         run the other side    clearway-loadgen banks --config {loadgen}\n\
         send payments         clearway-loadgen run --config {loadgen}\n",
        written.files.len(),
        options.institutions,
        options.banks,
        options.suite
    ));
    Ok(Verdict::Good)
}

pub(super) fn run_check(arguments: &ServeArguments) -> Result<Verdict, Error> {
    let config = Config::load(&arguments.config)?;
    let keys = config.keys.load()?;
    Entrance::open(&config.admin, &Clock::real())?;
    Admission::new(&config, |name| Business::from_name(name).map(Business::code))?;
    if let Some(file) = &config.routes.file {
        RoutesFile::load(file, &config.participants)?;
    }
    let of_kind = |kind| config.participants.iter().filter(|participant| participant.kind == kind).count();
    let mut text = format!(
        "{}: good\nnode {} signs with {} (serial {})\n{} institutions, {} banks, {} keys, {} encryption keys\nlisten {} ({}), admin {}, journal {}\n",
        arguments.config.display(),
        config.node.id,
        keys.signing.suite(),
        config.node.serial,
        of_kind(ParticipantKind::Institution),
        of_kind(ParticipantKind::Bank),
        keys.ring.len(),
        keys.envelope.encryption.len(),
        config.listen.address,
        config.listen.transport.name(),
        config.admin.address,
        config.journal.dir.display(),
    );
    if let Some(section) = &config.tls {
        text.push_str(&certificates(&section.load()?));
    }
    for participant in config.participants.iter() {
        let _ = writeln!(
            text,
            "{:>5}  {}  {:<11}  {}  {}",
            participant.index,
            participant.id,
            participant.kind,
            participant.endpoint(),
            participant.name
        );
        for link in participant.links.iter().filter(|_| participant.links.len() > 1) {
            let (role, centre) = (link.role.name(), link.centre.as_str());
            let _ = writeln!(text, "{:>9}{:<14}  {role:<7}  {}  {centre}", "", link.name, link.endpoint);
        }
    }
    print(&text);
    Ok(Verdict::Good)
}

/// One line about what the node shows and whom it believes.
fn certificates(material: &Material) -> String {
    let certificate = material.credentials.certificate();
    let names = peer_names(certificate).unwrap_or_default();
    let until_us = not_after(certificate).unwrap_or(0).saturating_mul(1_000_000);
    format!(
        "certificate of {} until {}, {} authorities, {} revocation lists\n",
        names.join(", "),
        BeijingTime::from_unix_micros(until_us),
        material.trust.authorities(),
        material.trust.revocation_lists(),
    )
}
