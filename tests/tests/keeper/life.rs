//! Two hours and the day behind them, from tick to tick of a clock that nothing but the test moves.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use clearway::books::Steps;
use clearway::books::keeper::Did;
use clearway_codec::value::BeijingTime;

use crate::bank;
use crate::desk::Memory;
use crate::payments::{write_adjustment, write_hour};

/// When something is due: hours are over, a session opens, refused orders are made again, a day ends, banks are told. A Friday.
const TICKS: [&str; 7] = [
    "2026-11-20T13:59:58",
    "2026-11-20T14:00:05",
    "2026-11-20T15:00:05",
    "2026-11-20T15:10:10",
    "2026-11-20T15:20:15",
    "2026-11-20T16:02:00",
    "2026-11-20T18:00:05",
];
/// The hours in which there are payments.
const HOURS: [&str; 2] = ["2026-11-20T13:00:00", "2026-11-20T14:00:00"];

fn time_us(text: &str) -> u64 {
    BeijingTime::parse(text.as_bytes()).expect("a time").unix_micros()
}

/// Writes what payments leave in journal and memory, durably: where every life begins.
pub(crate) fn begin(dir: &Path) {
    let memory = Memory::open(dir, time_us(HOURS[0]));
    HOURS.iter().for_each(|hour| write_hour(&memory, time_us(hour)));
    write_adjustment(&memory, time_us(HOURS[1]));
    memory.journal.flush().expect("durable");
}

/// Lives from where the folder's life has come to until its end.
pub(crate) fn live(dir: &Path, steps: Arc<dyn Steps>) {
    let mark = dir.join("tick");
    let from = fs::read_to_string(&mark).map_or(0, |text| text.parse().expect("a tick"));
    let memory = Memory::open(dir, time_us(TICKS[from]));
    let (mut keeper, board) = memory.keeper(dir, steps);
    for (tick, time) in TICKS.iter().enumerate().skip(from) {
        let half = mark.with_extension("half");
        fs::write(&half, tick.to_string()).expect("written");
        fs::rename(half, &mark).expect("named");
        loop {
            match keeper.turn(time_us(time)).expect("readable books") {
                Did::Done(_) => {}
                Did::Failed(task) => panic!("{time}: {task}: {:?}", board.troubles()),
                Did::Nothing if bank::answer(dir) == 0 => break,
                Did::Nothing => {}
            }
        }
    }
}
