//! `xmllint` with the schemas gives the verdict that the code gives, of every sample and of everything that is done to it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use clearway_codec::{Decoder, MessageType};
use clearway_tests::catalogue::FOLDER;
use clearway_tests::requirement::{find, skip, tools_are_required};

use crate::edits::{Kind, edits};
use crate::workspace;

/// What the code says of a document without signature.
fn code_accepts(document: &str) -> bool {
    Decoder::new().decode(document.as_bytes()).is_ok_and(|message| message.check().is_ok())
}

/// What `xmllint` says of each of these files, in their order.
fn schema_accepts(schema: &Path, folder: &Path, files: usize) -> Vec<bool> {
    let names: Vec<String> = (0..files).map(|number| format!("{number}.xml")).collect();
    let output = Command::new("xmllint")
        .args(["--noout", "--nowarning", "--schema"])
        .arg(schema)
        .args(&names)
        .current_dir(folder)
        .output()
        .expect("xmllint runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let verdicts: BTreeMap<&str, bool> = said
        .lines()
        .filter_map(|line| {
            let valid = line.strip_suffix(" validates").map(|name| (name, true));
            valid.or_else(|| line.strip_suffix(" fails to validate").map(|name| (name, false)))
        })
        .collect();
    names
        .iter()
        .map(|name| *verdicts.get(name.as_str()).unwrap_or_else(|| panic!("{}: {name}: {said}", schema.display())))
        .collect()
}

#[test]
fn the_schemas_say_what_the_code_says() {
    if find("xmllint").is_none() {
        assert!(!tools_are_required(), "needs xmllint");
        return skip("the schemas against the code", "xmllint (Debian: apt install libxml2-utils)");
    }
    let reference = workspace().join(FOLDER);
    let mut refused: BTreeMap<Kind, usize> = BTreeMap::new();
    for message_type in MessageType::ALL {
        let sample = fs::read_to_string(reference.join(format!("samples/{message_type}.msg"))).expect("a sample");
        let (document, _) = sample.split_once("{S:").expect("it is signed");
        let edits = edits(*message_type, document);
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("0.xml"), document).expect("written");
        for (number, edit) in edits.iter().enumerate() {
            fs::write(folder.path().join(format!("{}.xml", number + 1)), &edit.text).expect("written");
        }
        let schema = reference.join(format!("xsd/{message_type}.xsd"));
        let verdicts = schema_accepts(&schema, folder.path(), edits.len() + 1);
        assert!(verdicts[0] && code_accepts(document), "{message_type}: the sample itself");
        for (edit, is_valid) in edits.iter().zip(&verdicts[1..]) {
            assert_ne!(edit.text, document, "{message_type}: {:?} {}", edit.kind, edit.name);
            assert_eq!(*is_valid, code_accepts(&edit.text), "{message_type}: {:?} {}", edit.kind, edit.name);
            assert!(!*is_valid || !edit.kind.is_breach(), "{message_type}: {:?} {}", edit.kind, edit.name);
            *refused.entry(edit.kind).or_default() += usize::from(!is_valid);
        }
    }
    for kind in Kind::ALL {
        let count = refused.get(&kind).copied().unwrap_or_default();
        assert_eq!(count > 30, kind != Kind::Spaced, "{kind:?}: {count} refused");
    }
}
