//! Checkpoints bound a restart, and are never needed: a damaged one costs time, not payments.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use clearway_codec::TrxStatus;
use clearway_loadgen::Behaviours;
use clearway_tests::site::Site;
use clearway_tests::wait;

use crate::NODE;

fn checkpoints(site: &Site) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(site.journal()).expect("the journal's folder").filter_map(Result::ok).map(|entry| entry.path());
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "checkpoint")).collect()
}

#[test]
fn a_restart_begins_at_the_checkpoint_and_does_without_it() {
    let site = Site::with(NODE, &Behaviours::healthy(), |options| options.checkpoint.interval_s = 1);
    let node = site.start();
    let institution = site.institution(0);
    let payments: Vec<_> = (0..20).map(|_| institution.pay()).collect();
    wait::until("a checkpoint", || (!checkpoints(&site).is_empty()).then_some(()));
    let after = institution.pay();
    node.kill();

    let node = site.start();
    assert!(!node.log().contains("from_checkpoint=0"), "{}", node.log());
    for payment in payments.iter().chain([&after]) {
        assert_eq!(institution.send(&institution.query(payment)).status(), Some(TrxStatus::Success));
    }
    node.kill();

    for checkpoint in checkpoints(&site) {
        let file = OpenOptions::new().write(true).open(&checkpoint).expect("the checkpoint");
        file.write_all_at(b"damage", 4_096 + 20).expect("written");
    }
    let node = site.start();
    assert!(node.log().contains("from_checkpoint=0"), "{}", node.log());
    for payment in payments.iter().chain([&after]) {
        assert_eq!(institution.send(&institution.query(payment)).status(), Some(TrxStatus::Success));
        assert_eq!(institution.send(payment).status(), Some(TrxStatus::Success), "the stored receipt");
    }
}
