//! The crate's public error: who is at fault, what happened, where, and what to do about it.
//!
//! Only *failures* are errors. A refusal (the sender's fault, or a business "no") is a value that becomes a return
//! code on the wire, an unknown outcome is a status, and a bug is an assertion. Modules keep their own error types;
//! they turn into this one where they leave the library.

use std::error::Error as StdError;
use std::fmt;
use std::path::Path;

/// Who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The configuration or the command line: whoever wrote it.
    Configuration,
    /// The machine: disk, memory, network address, permission.
    Environment,
    /// What was read from the journal or a checkpoint is damaged or contradicts itself.
    Data,
    /// The program that embeds this library called it against its contract, or after it stopped.
    Caller,
    /// The node stopped itself, to be safe, while it was running (for instance a failed sync).
    Stopped,
}

impl Fault {
    /// Exit code of the binary for an error of this kind; the list stands in [`crate::cli`].
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Configuration => 3,
            Self::Environment => 4,
            Self::Data => 5,
            Self::Caller | Self::Stopped => 6,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Environment => "environment",
            Self::Data => "data",
            Self::Caller => "caller",
            Self::Stopped => "stopped",
        }
    }
}

/// A failure of the switch. One pointer wide.
///
/// ```
/// use clearway::error::{Error, Fault};
/// let error = Error::new(Fault::Configuration, "no such port").at("listen.address").remedy("1 to 65535").at("node.toml");
/// assert_eq!(error.to_string(), "configuration: node.toml: listen.address: no such port (1 to 65535)");
/// ```
pub struct Error {
    detail: Box<Detail>,
}

#[derive(Debug)]
struct Detail {
    fault: Fault,
    what: String,
    place: Option<String>,
    remedy: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of which so far only the fault and the happening are known.
    #[must_use]
    pub fn new(fault: Fault, what: impl Into<String>) -> Self {
        let detail = Detail { fault, what: what.into(), place: None, remedy: None, source: None };
        Self { detail: Box::new(detail) }
    }

    /// A failed operation on a file or folder.
    #[must_use]
    pub fn file(doing: &str, path: &Path, source: std::io::Error) -> Self {
        Self::new(Fault::Environment, format!("cannot {doing}: {source}"))
            .at(path.display().to_string())
            .caused_by(source)
    }

    /// Says where: a file and key, an address, a journal position. A place set before is kept and stands behind the
    /// new one.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        let place = place.into();
        self.detail.place = Some(match self.detail.place.take() {
            Some(inner) => format!("{place}: {inner}"),
            None => place,
        });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.detail.remedy = Some(remedy.into());
        self
    }

    /// Keeps the underlying error for [`std::error::Error::source`].
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.detail.source = Some(source.into());
        self
    }

    /// Who has to act.
    #[must_use]
    pub fn fault(&self) -> Fault {
        self.detail.fault
    }

    /// What happened, without place and remedy.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.detail.what
    }

    /// Where it happened, if that is known.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        self.detail.place.as_deref()
    }

    /// What to do, if that is known.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.detail.remedy.as_deref()
    }

    /// Exit code of the binary.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        self.detail.fault.exit_code()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", self.detail.fault.name())?;
        if let Some(place) = &self.detail.place {
            write!(formatter, "{place}: ")?;
        }
        formatter.write_str(&self.detail.what)?;
        match &self.detail.remedy {
            Some(remedy) => write!(formatter, " ({remedy})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Detail { fault, what, place, remedy, source } = &*self.detail;
        formatter
            .debug_struct("Error")
            .field("fault", fault)
            .field("what", what)
            .field("place", place)
            .field("remedy", remedy)
            .field("source", source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.detail.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_nest_from_the_outside_in() {
        let error = Error::new(Fault::Data, "checksum differs").at("offset 4096").at("000001.seg");
        assert_eq!(error.place(), Some("000001.seg: offset 4096"));
        assert_eq!(error.to_string(), "data: 000001.seg: offset 4096: checksum differs");
    }

    #[test]
    fn a_file_error_names_the_file_and_keeps_its_cause() {
        let error = Error::file("read", Path::new("/none"), std::io::Error::from(std::io::ErrorKind::NotFound));
        assert!(error.to_string().starts_with("environment: /none: cannot read: "));
        assert!(StdError::source(&error).is_some());
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn exit_codes_are_told_apart_from_success_finding_and_usage() {
        for fault in [Fault::Configuration, Fault::Environment, Fault::Data, Fault::Caller, Fault::Stopped] {
            assert!(fault.exit_code() > 2, "{fault:?}");
        }
    }
}
