//! A batch whose live sums are not what the journal says is stopped, with a case, and nothing of it goes out; after a restart, which makes
//! the sums anew, a person has it sealed.

use std::path::Path;
use std::sync::Arc;

use clearway::books::case::cases;
use clearway::books::keeper::Did;
use clearway::books::{BatchEntry, CaseKind, NoSteps};
use clearway::domain::clearing::{BatchName, BatchPhase};
use clearway_codec::value::BeijingTime;

use crate::desk::Memory;
use crate::payments::write_hour;

fn time_us(text: &str) -> u64 {
    BeijingTime::parse(text.as_bytes()).expect("a time").unix_micros()
}

fn turn_out(memory: &Memory, dir: &Path, now_us: u64, asked: Option<BatchName>) {
    let (mut keeper, board) = memory.keeper(dir, Arc::new(NoSteps));
    asked.into_iter().for_each(|batch| board.ask(batch));
    while keeper.turn(now_us).expect("readable books") != Did::Nothing {}
    assert_eq!(board.failures(), 0, "{:?}", board.troubles());
}

fn phase(memory: &Memory, batch: BatchName) -> BatchPhase {
    BatchEntry::find(&memory.registers, batch).expect("readable").expect("closed").content.phase
}

#[test]
fn a_batch_that_the_journal_disagrees_with_stops_until_a_person_has_looked() {
    let dir = tempfile::tempdir().expect("a folder");
    let (hour_us, now_us) = (time_us("2026-11-20T13:00:00"), time_us("2026-11-20T14:00:05"));
    let batch = BatchName::at(hour_us);
    {
        let memory = Memory::open(dir.path(), now_us);
        write_hour(&memory, hour_us);
        // A bug, say: one payment is booked that the journal has never heard of.
        let mut stranger = None;
        memory.table.for_each(|payment| stranger = stranger.or_else(|| payment.is_final().then_some(*payment)));
        let stranger = stranger.expect("a final payment");
        memory.live.moved(0, None, &stranger, 1).expect("its batch is open");
        turn_out(&memory, dir.path(), now_us, None);
        assert_eq!(phase(&memory, batch), BatchPhase::Stopped);
        let open = cases(&memory.registers, true).expect("readable");
        assert_eq!(open.iter().map(|case| case.content.kind).collect::<Vec<_>>(), [CaseKind::Recomputation]);
        assert!(!dir.path().join("books/statements").exists() && !dir.path().join("books/archive").exists());
        turn_out(&memory, dir.path(), now_us + 1_000_000, Some(batch));
        assert_eq!(phase(&memory, batch), BatchPhase::Stopped, "nothing has changed");
    }
    let memory = Memory::open(dir.path(), now_us);
    turn_out(&memory, dir.path(), now_us + 2_000_000, None);
    assert_eq!(phase(&memory, batch), BatchPhase::Stopped, "nobody has asked for it");
    turn_out(&memory, dir.path(), now_us + 3_000_000, Some(batch));
    assert_eq!(phase(&memory, batch), BatchPhase::Retired);
}
