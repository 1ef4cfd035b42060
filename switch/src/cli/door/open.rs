//! The door as a command sees it: show a page, make a change.

use http::Method;
use serde_json::Value;

use super::super::{Verdict, print};
use super::arguments::{CertificateArguments, ChangeArguments, DoorArguments};
use super::line::Line;
use super::listing::made;
use crate::admin::{Answer, Call};
use crate::config::AdminSection;
use crate::error::{Error, Fault};

/// The admin server of a running node.
pub(in crate::cli) struct Door {
    line: Line,
    json: bool,
}

impl DoorArguments {
    /// Finds out where to knock; knocks nowhere yet.
    ///
    /// # Errors
    /// A configuration that cannot be read, certificates that are missing or cannot be used.
    pub(in crate::cli) fn open(&self) -> Result<Door, Error> {
        let line = match (&self.config, &self.node) {
            (Some(file), _) => self.certificates.line(&AdminSection::load(file)?)?,
            (None, Some(node)) => self.certificates.line_to(node.clone())?,
            (None, None) => return Err(Error::new(Fault::Configuration, "neither --config nor --node is there")),
        };
        Ok(Door { line, json: self.json })
    }
}

impl ChangeArguments {
    /// Makes a change: posts `body`, with who makes it, and prints what was journaled.
    ///
    /// # Errors
    /// As [`Door::call`].
    pub(in crate::cli) fn change(&self, path: &str, mut body: Value) -> Result<Verdict, Error> {
        let door = self.door.open()?;
        if let (Some(by), Some(fields)) = (self.author(&door)?, body.as_object_mut()) {
            fields.insert("by".to_owned(), Value::String(by));
        }
        door.print(&door.call(Method::POST, path, body.to_string().into_bytes())?, made)
    }

    /// Whether a change could be asked for, apart from the node's own word: before a long work whose outcome is one.
    ///
    /// # Errors
    /// A door that cannot be asked, or nobody who makes the change.
    pub(in crate::cli) fn check(&self) -> Result<(), Error> {
        self.author(&self.door.open()?).map(drop)
    }

    fn author(&self, door: &Door) -> Result<Option<String>, Error> {
        if self.by.is_some() || door.line.names_caller() {
            return Ok(self.by.clone());
        }
        let of_machine = ["SUDO_USER", "USER"].iter().find_map(|name| std::env::var(name).ok());
        let unknown = || Error::new(Fault::Configuration, "nobody knows who makes the change").remedy("say --by NAME");
        of_machine.filter(|name| !name.is_empty()).map(Some).ok_or_else(unknown)
    }
}

impl Door {
    /// The door of a node with this section.
    ///
    /// # Errors
    /// Certificates that are missing or cannot be used.
    pub(super) fn of(section: &AdminSection, certificates: &CertificateArguments) -> Result<Self, Error> {
        Ok(Self { line: certificates.line(section)?, json: true })
    }

    /// Shows a page as `list` lists it.
    ///
    /// # Errors
    /// As [`Door::call`].
    pub(in crate::cli) fn show(&self, path: &str, list: impl FnOnce(&Value) -> String) -> Result<Verdict, Error> {
        self.print(&self.call(Method::GET, path, Vec::new())?, list)
    }

    /// Makes one call.
    ///
    /// # Errors
    /// What keeps the call from being made, and every answer but 200 and 404.
    pub(in crate::cli) fn call(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Answer, Error> {
        let answer = self.line.exchange(&Call { method, body, ..Call::get(path) })?;
        let said = |fault| Error::new(fault, reason(&answer.text)).at(self.line.place());
        match answer.status {
            200 | 404 => Ok(answer),
            403 => Err(said(Fault::Configuration).remedy("another operator may")),
            400..500 => Err(said(Fault::Configuration)),
            _ => Err(said(Fault::Environment)),
        }
    }

    fn print(&self, answer: &Answer, list: impl FnOnce(&Value) -> String) -> Result<Verdict, Error> {
        if answer.status == 404 {
            eprintln!("clearway: {}", reason(&answer.text));
            return Ok(Verdict::Bad);
        }
        let value: Value = serde_json::from_str(&answer.text).map_err(|error| {
            Error::new(Fault::Environment, format!("the answer is no JSON: {error}"))
                .at(self.line.place())
                .caused_by(error)
        })?;
        print(&if self.json { format!("{}\n", answer.text.trim_end()) } else { list(&value) });
        Ok(Verdict::Good)
    }
}

/// Why a call was refused, as the node says it.
fn reason(text: &str) -> String {
    let said: Option<Value> = serde_json::from_str(text).ok();
    let reason = said.as_ref().and_then(|value| value["error"].as_str());
    reason.unwrap_or_else(|| text.trim_end()).to_owned()
}
