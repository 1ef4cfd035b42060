//! Damage on the disk: what was never acknowledged is cut, what was acknowledged is never passed over.
//!
//! Every region of a group and every fault of the disk is gone through beside the journal itself, on a disk in memory; here are the
//! outcomes that an operator sees: a log line, or a node that does not start and says why.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use clearway::journal::frame::{BLOCK_BYTES, GroupHeader, GroupKind};
use clearway_codec::TrxStatus;
use clearway_tests::letter::Letter;
use clearway_tests::site::Site;

use crate::NODE;

/// A journal with payments in it that was ended by a kill, and what was paid.
fn killed_site() -> (Site, Vec<Letter>) {
    let site = Site::new(NODE);
    let node = site.start();
    let payments = (0..10).map(|_| site.institution(0).pay()).collect();
    node.kill();
    (site, payments)
}

fn first_segment(site: &Site) -> PathBuf {
    let entries =
        fs::read_dir(site.journal()).expect("the journal's folder").filter_map(Result::ok).map(|entry| entry.path());
    let mut segments: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "segment")).collect();
    segments.sort();
    segments.remove(0)
}

/// The groups of a segment: offset and header.
fn groups(bytes: &[u8]) -> Vec<(usize, GroupHeader)> {
    let (mut groups, mut at) = (Vec::new(), BLOCK_BYTES);
    while let Some(Ok((header, _))) = bytes.get(at..).map(GroupHeader::decode) {
        groups.push((at, header));
        at += usize::try_from(header.group_bytes()).expect("a group is small");
    }
    groups
}

fn write_at(path: &PathBuf, offset: usize, bytes: &[u8]) {
    let file = OpenOptions::new().write(true).open(path).expect("the segment");
    file.write_all_at(bytes, offset as u64).expect("written");
}

fn check_all_there(site: &Site, payments: &[Letter]) {
    let institution = site.institution(0);
    for payment in payments {
        assert_eq!(institution.send(&institution.query(payment)).status(), Some(TrxStatus::Success));
    }
    let _ = institution.pay();
}

/// A group that was being written when the power went: half of it is there.
#[test]
fn a_torn_tail_is_cut_and_nothing_acknowledged_is_lost() {
    for torn_bytes in [1, 40, 80, 600, 4_000] {
        let (site, payments) = killed_site();
        let segment = first_segment(&site);
        let bytes = fs::read(&segment).expect("the segment");
        let groups = groups(&bytes);
        let (last_at, last) = *groups.last().expect("there are groups");
        let end = last_at + usize::try_from(last.group_bytes()).expect("a group is small");
        // What the next group would have begun with: a header that follows, and then nothing.
        let (_, sample) = groups.iter().rfind(|(_, header)| header.kind == GroupKind::Records).expect("records");
        let next = GroupHeader { index: last.index + 1, durable_index: last.index, offset: end as u32, ..*sample };
        let mut torn = next.encode().to_vec();
        torn.resize(BLOCK_BYTES, 0xa5);
        write_at(&segment, end, &torn[..torn_bytes]);
        let node = site.start();
        assert!(node.log().contains("cut"), "{torn_bytes}: {}", node.log());
        check_all_there(&site, &payments);
        node.kill();
        let _again = site.start();
        check_all_there(&site, &payments);
    }
}

/// The tail of zeros behind the last group belongs to the file; a file that lost it is not the file that was written.
#[test]
fn a_segment_that_has_become_shorter_is_refused() {
    let (site, _) = killed_site();
    let segment = first_segment(&site);
    let whole = fs::read(&segment).expect("the segment");
    OpenOptions::new()
        .write(true)
        .open(&segment)
        .expect("the segment")
        .set_len(whole.len() as u64 - 4_096)
        .expect("cut");
    let ended = site.try_start().err().expect("it must not start");
    assert_eq!(ended.code, Some(5), "{ended}");
    fs::write(&segment, whole).expect("restored");
    let _node = site.start();
}

#[test]
fn a_flipped_byte_in_what_was_acknowledged_keeps_the_node_from_starting() {
    let (site, payments) = killed_site();
    let segment = first_segment(&site);
    let whole = fs::read(&segment).expect("the segment");
    let groups = groups(&whole);
    let (at, header) = *groups.iter().find(|(_, header)| header.kind == GroupKind::Records).expect("records");
    let end = at + usize::try_from(header.group_bytes()).expect("a group is small");
    let frames_end = at + 80 + header.payload_bytes as usize;
    for (region, offset) in [
        ("magic", at),
        ("index", at + 24),
        ("header checksum", at + 76),
        ("length of a frame", at + 80),
        ("checksum of a frame", at + 84),
        ("a record", at + 200),
        ("the last byte of a record", frames_end - 1),
        ("padding", end - 1),
    ] {
        write_at(&segment, offset, &[whole[offset] ^ 0x10]);
        let ended = site.try_start().err().unwrap_or_else(|| panic!("{region}: it must not start"));
        assert_eq!(ended.code, Some(5), "{region}: {ended}");
        let name = segment.file_name().and_then(|name| name.to_str()).expect("a name");
        assert!(ended.log.contains(name) && ended.log.contains("restore"), "{region}: {ended}");
        let (journal, untouched) = (site.journal().display().to_string(), fs::read(&segment).expect("the segment"));
        assert_eq!(untouched[offset], whole[offset] ^ 0x10, "{region}: nothing was changed");
        assert_eq!(site.run(&["journal", "verify", &journal]).status.code(), Some(1), "{region}");
        write_at(&segment, offset, &[whole[offset]]);
    }
    let _node = site.start();
    check_all_there(&site, &payments);
}

#[test]
fn a_missing_segment_keeps_the_node_from_starting() {
    const SEGMENT_BYTES: u64 = 3 << 20;
    let site = Site::with(NODE, &clearway_loadgen::Behaviours::healthy(), |options| {
        options.journal.segment_bytes = SEGMENT_BYTES
    });
    let node = site.start();
    let institution = site.institution(0);
    let segment = |base| site.journal().join(clearway::journal::segment::segment_name(base));
    let mut payments = Vec::new();
    while !segment(2 * SEGMENT_BYTES).exists() {
        payments.push(institution.pay());
    }
    node.kill();
    let kept = site.dir().join("kept");
    // Also the first one: a journal that begins in the middle lacks payments, and the node once started on it without a word.
    for base in [0, SEGMENT_BYTES] {
        let lost = segment(base);
        fs::rename(&lost, &kept).expect("moved");
        let ended = site.try_start().err().unwrap_or_else(|| panic!("without {}: it must not start", lost.display()));
        assert_eq!(ended.code, Some(5), "{ended}");
        assert!(ended.log.contains("missing") || ended.log.contains("gone"), "{ended}");
        fs::rename(&kept, &lost).expect("moved back");
    }
    let _node = site.start();
    check_all_there(&site, &payments);
}
