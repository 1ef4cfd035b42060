//! A disk that is full: new payments are refused, running ones end, nothing acknowledged is lost, and room makes all well again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clearway_codec::{MessageType, TrxStatus};
use clearway_loadgen::Behaviours;
use clearway_tests::requirement::skip;
use clearway_tests::site::Site;
use clearway_tests::wait;

use crate::NODE;

/// A little disk in memory, taken away at the end.
struct SmallDisk {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl SmallDisk {
    /// `None` when the machine does not let us mount anything.
    fn mount(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("disk");
        fs::create_dir(&path).expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(&path)
            .output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self { _folder: folder, path })
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: whoever still has a file open on it does not keep the folder.
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}

#[test]
fn new_payments_are_refused_and_nothing_acknowledged_is_lost() {
    let Some(disk) = SmallDisk::mount(14) else {
        skip("a full disk", "the right to mount a tmpfs (root)");
        return;
    };
    let site = Site::with(NODE, &Behaviours::healthy(), |options| {
        options.journal.dir = disk.path().join("journal");
        options.journal.segment_bytes = 3 << 20;
    });
    let mut node = site.start();
    let institution = site.institution(0);
    let mut paid = Vec::new();
    let refusal = loop {
        let payment = institution.payment(0, 10);
        let answer = institution.send(&payment);
        match answer.message_type() {
            MessageType::Epcc206 => {
                assert_eq!(answer.status(), Some(TrxStatus::Success), "{answer}");
                paid.push(payment);
            }
            _ => break answer,
        }
        assert!(paid.len() < 20_000, "the disk never gets full");
    };
    assert_eq!((refusal.message_type(), refusal.code().as_str()), (MessageType::Epcc303, "ES000098"), "{refusal}");
    assert!(paid.len() > 100, "{}", paid.len());
    assert!(node.is_running());
    let check = || {
        for payment in &paid {
            assert_eq!(institution.send(&institution.query(payment)).status(), Some(TrxStatus::Success));
        }
    };
    check();
    // Room comes back while the node runs.
    fs::remove_file(disk.path().join("ballast")).ok();
    let remounted = Command::new("mount")
        .args(["-o", "remount,size=64m"])
        .arg(disk.path())
        .status()
        .is_ok_and(|status| status.success());
    assert!(remounted);
    wait::until("payments again", || {
        (institution.send(&institution.payment(0, 10)).status() == Some(TrxStatus::Success)).then_some(())
    });
    node.kill();
    let _node = site.start();
    check();
}

/// The disk is full before the first start: the node says so and does not run.
#[test]
fn a_node_without_room_for_its_journal_does_not_start() {
    let Some(disk) = SmallDisk::mount(1) else {
        skip("a full disk at start", "the right to mount a tmpfs (root)");
        return;
    };
    let site = Site::with(NODE, &Behaviours::healthy(), |options| options.journal.dir = disk.path().join("journal"));
    let ended = site.try_start().err().expect("it must not start");
    assert_eq!(ended.code, Some(4), "{ended}");
    assert!(ended.log.contains("room") || ended.log.contains("space"), "{ended}");
}
