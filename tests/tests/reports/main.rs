//! The pages of the load generator as those see them who live on them: a browser on a phone and at a desk, a printer, and
//! whoever checks a printed figure against the record.

mod browser;
mod documents;
mod figures;
mod samples;

use std::path::{Path, PathBuf};

use clearway_loadgen::html::{comparison_page, overload_page, run_page, search_page};

/// Every kind of page, by name, and the capacity reports that are kept beside the measurements.
fn pages() -> Vec<(String, String)> {
    made().into_iter().map(|(name, page)| (name.to_owned(), page)).chain(kept()).collect()
}

/// The reports of real runs: `bench/runs/DAY/NAME/report.html`.
fn kept() -> Vec<(String, String)> {
    let runs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bench/runs");
    let mut pages = Vec::new();
    for folder in folders(&runs).iter().flat_map(|day| folders(day)) {
        if let Ok(page) = std::fs::read_to_string(folder.join("report.html")) {
            let name = folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            pages.push((name, page));
        }
    }
    pages
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// Every kind of page of the generator.
fn made() -> Vec<(&'static str, String)> {
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
