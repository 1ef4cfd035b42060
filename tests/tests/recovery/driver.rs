//! The ways to the disk: each of them keeps what was acknowledged, and a folder can change from one to the other.

use clearway::config::JournalDriver;
use clearway_codec::TrxStatus;
use clearway_loadgen::Behaviours;
use clearway_tests::requirement::skip;
use clearway_tests::site::Site;

use crate::NODE;

fn survives(driver: JournalDriver, expected: &str) {
    let site = Site::with(NODE, &Behaviours::healthy(), |options| options.journal.driver = driver);
    let mut payments = Vec::new();
    let institution = site.institution(0);
    for _ in 0..3 {
        let node = match site.try_start() {
            Ok(node) => node,
            Err(ended) if driver == JournalDriver::IoUring && ended.code == Some(4) => {
                skip("the io_uring driver", "a kernel and a filesystem with io_uring and O_DIRECT");
                return;
            }
            Err(ended) => panic!("{ended}"),
        };
        assert!(node.ready.driver.starts_with(expected), "{}", node.ready.driver);
        for payment in &payments {
            assert_eq!(institution.send(&institution.query(payment)).status(), Some(TrxStatus::Success));
        }
        payments.extend((0..5).map(|_| institution.pay()));
        node.kill();
    }
}

/// Where io_uring is forbidden, as in many containers, this is what runs.
#[test]
fn pwrite_keeps_what_was_acknowledged() {
    survives(JournalDriver::Pwrite, "pwrite");
}

#[test]
fn io_uring_keeps_what_was_acknowledged() {
    survives(JournalDriver::IoUring, "io_uring");
}

#[test]
fn a_journal_goes_on_under_another_driver() {
    let site = Site::new(NODE);
    let node = site.start();
    let institution = site.institution(0);
    let payment = institution.pay();
    node.kill();
    let config = std::fs::read_to_string(site.config()).expect("the configuration");
    assert!(config.contains("driver = \"auto\""));
    std::fs::write(site.config(), config.replace("driver = \"auto\"", "driver = \"pwrite\"")).expect("written");
    let node = site.start();
    assert!(node.ready.driver.starts_with("pwrite"), "{}", node.ready.driver);
    assert_eq!(institution.send(&institution.query(&payment)).status(), Some(TrxStatus::Success));
}
