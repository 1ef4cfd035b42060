//! Every input that a fuzz target has ever found, and its seeds, once more: on the stable compiler, in every `cargo test`.
//!
//! The files lie in `tests/fuzz/seeds` and `tests/fuzz/findings`, a folder for each target; the signed messages of the codec, vectors and samples, are
//! seeds as well. What must hold is in `clearway_tests::invariant`.

use std::fs;
use std::path::{Path, PathBuf};

use clearway_tests::invariant::{check_decode, check_envelope, check_http_head, check_journal_recovery};
use clearway_tests::seed::Seed;

type Check = fn(&[u8]);

/// A fuzz target and what it checks.
const TARGETS: [(&str, Check); 4] = [
    ("decode", check_decode),
    ("envelope", check_envelope),
    ("http_head", check_http_head),
    ("journal_recovery", check_journal_recovery),
];

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> =
        entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

fn inputs(target: &str) -> Vec<PathBuf> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = files_in(&tests.join("fuzz/seeds").join(target));
    files.extend(files_in(&tests.join("fuzz/findings").join(target)));
    if matches!(target, "decode" | "envelope") {
        files.extend(files_in(&tests.join("../codec/tests/vectors")));
        files.extend(files_in(&tests.join("../codec/reference/samples")));
    }
    files
}

fn repeat(target: &str) {
    let (_, check) = TARGETS.iter().find(|(name, _)| *name == target).expect("a target");
    let files = inputs(target);
    assert!(!files.is_empty(), "{target} has no seeds");
    for file in files {
        println!("{}", file.display());
        check(&fs::read(&file).expect("a seed can be read"));
    }
}

#[test]
fn decode() {
    repeat("decode");
}

#[test]
fn envelope() {
    repeat("envelope");
}

#[test]
fn http_head() {
    repeat("http_head");
}

#[test]
fn journal_recovery() {
    repeat("journal_recovery");
}

/// A little of what the fuzzer does, for machines without it: seeds with bytes changed, seeded.
#[test]
fn seeds_with_changes() {
    let mut draws = Seed::of_test("corpus").draws();
    for (target, check) in TARGETS {
        for file in inputs(target) {
            let seed = fs::read(&file).expect("a seed can be read");
            for _ in 0..10 {
                let mut bytes = seed.clone();
                for _ in 0..=draws.below(4) {
                    let at = draws.below(bytes.len().max(1) as u64) as usize;
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = draws.below(256) as u8;
                    }
                }
                check(&bytes);
            }
        }
    }
}

#[test]
fn every_target_of_the_fuzz_crate_is_repeated_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/targets");
    let mut targets: Vec<String> =
        files_in(&folder).iter().filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned())).collect();
    targets.sort();
    assert_eq!(targets, TARGETS.map(|(name, _)| name));
}
