use super::*;
use crate::domain::Payment;
use crate::domain::transaction::samples::succeeded;
use crate::journal::{Options, Work};

const SEGMENT: u64 = 4 << 20;

/// Four segments full of records, a checkpoint, a payment in memory that needs a position, all in segments: how many go.
fn retired(checkpoint_at: Option<u64>, needs_at: Option<u64>, keep_from: u64) -> u64 {
    let dir = tempfile::tempdir().expect("a folder");
    let mut options = Options::new(dir.path());
    (options.segment_bytes, options.reserve_bytes, options.segments_ahead) = (SEGMENT, 1 << 20, 1);
    let (journal, _) = Journal::open(options).expect("a journal");
    let record = vec![7; 512 << 10];
    while journal.checkpoint_position().as_u64() < 4 * SEGMENT + SEGMENT / 2 {
        journal.append(Work::New, &[&record]).expect("room");
        journal.flush().expect("durable");
    }
    let within = |at: u64| Position(at * SEGMENT + 8_192);
    if let Some(at) = checkpoint_at {
        let writer = checkpoint::Writer::create(dir.path(), within(at)).expect("a checkpoint");
        writer.finish().expect("written");
    }
    let table = Table::new(1, 10);
    if let Some(at) = needs_at {
        let payment = Payment { receipt_position: within(at).as_u64(), ..succeeded(1) };
        table.lock(payment.trx_id).insert(payment).expect("room");
    }
    let gone = retire_segments(&journal, &table, within(keep_from)).expect("removed") as u64;
    assert_eq!(journal.stored().oldest().as_u64(), gone * SEGMENT);
    assert_eq!(retire_segments(&journal, &table, within(keep_from)).expect("nothing"), 0);
    gone
}

#[test]
fn segments_go_when_nothing_needs_them() {
    for (checkpoint_at, needs_at, keep_from, gone) in [
        (None, None, 4, 0),
        (Some(3), None, 4, 3),
        (Some(3), None, 1, 1),
        (Some(3), Some(2), 4, 2),
        (Some(3), Some(0), 4, 0),
        (Some(1), Some(2), 4, 1),
    ] {
        assert_eq!(retired(checkpoint_at, needs_at, keep_from), gone, "{checkpoint_at:?} {needs_at:?} {keep_from}");
    }
}
