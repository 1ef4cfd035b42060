//! Strict TOML: reads a bounded file and turns a parser's complaint into file, key and line.

use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::constants::CONFIGURATION_BYTES_MAX;
use crate::error::{Error, Fault};

/// Reads `file` as TOML of exactly the form of `T`.
pub(crate) fn read<T: DeserializeOwned>(file: &Path) -> Result<T, Error> {
    parse(&read_text(file)?, file)
}

/// Reads a text file of the operator, bounded.
pub(super) fn read_text(file: &Path) -> Result<String, Error> {
    let failed =
        |source| Error::file("read", file, source).remedy("`clearway init DIR` writes a complete configuration");
    let length = fs::metadata(file).map_err(failed)?.len();
    if length > CONFIGURATION_BYTES_MAX {
        return Err(Error::new(Fault::Configuration, format!("{length} bytes are no configuration file"))
            .at(file.display().to_string()));
    }
    fs::read_to_string(file).map_err(failed)
}

fn parse<T: DeserializeOwned>(text: &str, file: &Path) -> Result<T, Error> {
    toml::from_str(text).map_err(|error| {
        let place = match error.span() {
            Some(span) => place_of(text, span.start),
            None => String::from("(whole file)"),
        };
        Error::new(Fault::Configuration, error.message().trim_end()).at(place).at(file.display().to_string())
    })
}

/// `table.key (line n)` for a byte offset: the last table header above it and the key that its line starts with.
fn place_of(text: &str, offset: usize) -> String {
    let mut table = String::new();
    let mut key = String::new();
    let mut line_number = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        line_number += 1;
        let content = line.trim();
        if let Some(header) = content.strip_prefix('[') {
            table = header.trim_start_matches('[').split(']').next().unwrap_or("").trim().to_owned();
            key.clear();
        } else if let Some((name, _)) = content.split_once('=')
            && !content.starts_with('#')
        {
            name.trim().clone_into(&mut key);
        }
        at += line.len();
        if at > offset {
            break;
        }
    }
    let path = [table.as_str(), key.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".");
    format!("{path} (line {line_number})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_table_key_and_line() {
        let text = "a = 1\n\n[limits]\n# x = 3\nb = 2\n[[participant]]\nid = \"x\"\nurl = 7\n";
        for (needle, place) in [
            ("a = 1", "a (line 1)"),
            ("limits", "limits (line 3)"),
            ("b = 2", "limits.b (line 5)"),
            ("7", "participant.url (line 8)"),
        ] {
            assert_eq!(place_of(text, text.find(needle).unwrap()), place);
        }
        assert_eq!(place_of("", 0), " (line 0)");
    }
}
