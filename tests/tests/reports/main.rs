//! The pages of the load generator as those see them who live on them: a browser on a phone and at a desk, a printer, and
//! whoever checks a printed figure against the record.

mod browser;
mod documents;
mod figures;
mod samples;

use std::path::Path;

use clearway_loadgen::html::{comparison_page, overload_page, run_page, search_page};

/// Reports of real runs lie in this folder, or deeper.
const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../bench/runs");

/// Every page that is looked at, by name: each kind of made-up records, and the reports of real runs that are committed.
fn pages() -> Vec<(String, String)> {
    let mut pages: Vec<_> = made_up().into_iter().map(|(name, page)| (name.to_owned(), page)).collect();
    collect(Path::new(COMMITTED), &mut pages);
    pages
}

/// All pages in a folder and in those within, in the order of their names.
fn collect(folder: &Path, pages: &mut Vec<(String, String)>) {
    let entries = std::fs::read_dir(folder).expect("a folder of the repository");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry of it").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, pages);
        } else if path.extension().is_some_and(|extension| extension == "html") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            pages.push((name, std::fs::read_to_string(&path).expect("a page of the repository")));
        }
    }
}

/// Every kind of page, by name.
fn made_up() -> Vec<(&'static str, String)> {
    let mut spoiled = samples::run_record(5, 40, 300);
    spoiled.report.invalid = vec!["generator late: p99 lateness 4,120 us".into(), "12 requests dropped".into()];
    let runs = [("before", 1, 400), ("with-the-new-journal", 2, 400), ("twice the rate", 3, 800)];
    let runs: Vec<_> =
        runs.map(|(name, seed, rate)| (name.to_owned(), samples::run_record(seed, 40, rate))).into_iter().collect();
    vec![
        ("run", run_page(&samples::run_record(1, 60, 400))),
        ("run-invalid", run_page(&spoiled)),
        ("comparison", comparison_page(&runs)),
        ("search", search_page(&samples::search_record(3))),
        ("overload", overload_page(&samples::overload_record(4))),
    ]
}
