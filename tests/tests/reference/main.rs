//! The reference of the wire: it is what the catalogue makes of it, and its schemas say what the code says.

mod edits;
mod schemas;
mod signatures;

use std::path::{Path, PathBuf};

use clearway_tests::catalogue::stale;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a folder above").to_path_buf()
}

#[test]
fn what_is_committed_is_what_the_catalogue_says() {
    let stale = stale(&workspace()).expect("the reference is there");
    assert!(stale.is_empty(), "run cargo catalogue: {stale:?}");
}
