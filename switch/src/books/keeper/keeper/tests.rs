//! The keeper over works that fail, wait and forget to answer, against what must come of it.

use parking_lot::Mutex;
use proptest::prelude::*;

use super::*;
use crate::domain::clearing::BatchEvent;

const HOUR_US: u64 = 3_600_000_000;

/// Books that exist in memory alone: what outlives a keeper.
#[derive(Default)]
struct Desk {
    phases: BTreeMap<BatchName, BatchPhase>,
    live: BTreeSet<BatchName>,
    disputes: BTreeSet<BatchName>,
    /// Batches whose first computation disagrees.
    wrong: BTreeSet<BatchName>,
    /// What the next runs come to, in turn: 0 fails, 1 waits, 2 is done and then fails, 3 panics; everything else is done.
    fates: Vec<u8>,
    runs: Vec<(Task, u64)>,
}

#[derive(Clone, Default)]
struct Fake(Arc<Mutex<Desk>>);

impl Works for Fake {
    fn phases(&self) -> Result<Vec<(BatchName, BatchPhase)>, Error> {
        Ok(self.0.lock().phases.iter().map(|(batch, phase)| (*batch, *phase)).collect())
    }

    fn phase(&self, batch: BatchName) -> Result<Option<BatchPhase>, Error> {
        Ok(self.0.lock().phases.get(&batch).copied())
    }

    fn batches(&self) -> BTreeSet<BatchName> {
        self.0.lock().live.clone()
    }

    fn run(&self, task: Task, _: &Hours, now_us: u64) -> Result<Outcome, Error> {
        let mut desk = self.0.lock();
        if task.batch().is_none() {
            return Ok(Outcome::Nothing);
        }
        desk.runs.push((task, now_us));
        let fate = desk.fates.pop();
        match fate {
            Some(0) => return Err(Error::new(Fault::Environment, "the disk is full")),
            Some(3) => panic!("a bug"),
            Some(1) => return Ok(Outcome::Waits("for a payment".to_owned())),
            _ => desk.perform(task, now_us),
        }
        if fate == Some(2) { Err(Error::new(Fault::Environment, "afterwards")) } else { Ok(Outcome::Done) }
    }
}

impl Desk {
    /// Done again, everything is as if it had been done once.
    fn perform(&mut self, task: Task, now_us: u64) {
        let batch = task.batch().expect("a batch");
        let event = match task {
            Task::Close(_) => {
                assert!(batch.ends_us() <= now_us, "{batch} is not over");
                if !batch.is_of_disputes() || self.disputes.contains(&batch) {
                    self.phases.entry(batch).or_insert(BatchPhase::Closed);
                }
                return;
            }
            Task::Recompute(_) if self.wrong.remove(&batch) => BatchEvent::Disagreed,
            Task::Recompute(_) => BatchEvent::Agreed,
            Task::Archive(_) => BatchEvent::Archived,
            Task::State(_) => BatchEvent::Stated,
            Task::Retire(_) => BatchEvent::Retired,
            Task::Settle | Task::Reserve | Task::EndDay | Task::HandOutKeys => return,
        };
        let phase = self.phases[&batch];
        let after = phase.after(event).unwrap_or_else(|| panic!("{event:?} of {batch} at {phase:?}"));
        self.phases.insert(batch, after);
    }
}

fn start_us() -> u64 {
    "B202611200009".parse::<BatchName>().expect("a batch").ends_us()
}

/// Turns until there is nothing to do for now.
fn turn_out(keeper: &mut Keeper<Fake>, now_us: u64) -> usize {
    let turns = (0..10_000).take_while(|_| keeper.turn(now_us).expect("readable") != Did::Nothing).count();
    assert!(turns < 10_000, "a turn that never ends");
    turns
}

proptest! {
    /// Whatever fails, waits or is done twice, and whenever the keeper is stopped and begun anew: every hour that is over goes all its
    /// way, in order, and what is stopped stands still until it is asked for.
    #[test]
    fn all_that_is_due_is_done(
        fates in prop::collection::vec(0_u8..9, 0..120),
        restarts in prop::collection::vec(any::<bool>(), 12),
        wrong in 0_u64..10,
        disputes in 0_u64..10,
    ) {
        let (fake, mut now_us) = (Fake::default(), start_us());
        let begin_us = now_us;
        let running = BatchName::at(now_us);
        let nth = |hours: u64| BatchName::at(begin_us + hours * HOUR_US);
        {
            let mut desk = fake.0.lock();
            (desk.fates, desk.wrong, desk.disputes) = (fates, [nth(wrong)].into(), [nth(disputes).of_disputes()].into());
            desk.live.insert(running);
        }
        let board = Arc::new(Board::default());
        let mut keeper = Keeper::new(fake.clone(), Arc::clone(&board));
        turn_out(&mut keeper, now_us);
        for restart in &restarts {
            if *restart {
                keeper = Keeper::new(fake.clone(), Arc::clone(&board));
            }
            now_us += HOUR_US;
            turn_out(&mut keeper, now_us);
        }
        fake.0.lock().fates.clear();
        now_us += 61_000_000;
        turn_out(&mut keeper, now_us);
        let expected = |wrong_one| (0..restarts.len() as u64).map(nth).chain([nth(disputes).of_disputes()])
            .map(|batch| (batch, if batch == nth(wrong) { wrong_one } else { BatchPhase::Retired }))
            .collect::<BTreeMap<_, _>>();
        prop_assert_eq!(&fake.0.lock().phases, &expected(BatchPhase::Stopped));
        board.ask(nth(wrong));
        turn_out(&mut keeper, now_us);
        prop_assert_eq!(&fake.0.lock().phases, &expected(BatchPhase::Retired));
        prop_assert_eq!(board.troubles(), Vec::new());
        prop_assert_eq!(board.turned_us(), now_us);
    }
}

#[test]
fn sealing_comes_before_statements_and_a_failure_keeps_nobody() {
    let (fake, now_us) = (Fake::default(), start_us());
    let first = BatchName::at(now_us);
    let second = first.next_hour();
    let board = Arc::new(Board::default());
    {
        let mut desk = fake.0.lock();
        desk.phases = [(first, BatchPhase::Sealed)].into();
        // From the back: the disputes of both hours, then closing and computing the second; the archive of the first fails.
        desk.fates = vec![9, 9, 9, 0, 9, 9, 9, 9];
    }
    let mut keeper = Keeper::new(fake.clone(), Arc::clone(&board));
    let now_us = second.ends_us();
    turn_out(&mut keeper, now_us);
    let names = |desk: &Desk| desk.runs.iter().map(|(task, _)| task.to_string()).collect::<Vec<_>>();
    let done = [
        format!("close {}", first.of_disputes()),
        format!("close {second}"),
        format!("recompute {second}"),
        format!("close {}", second.of_disputes()),
        format!("archive {first}"),
        format!("archive {second}"),
        format!("statements {second}"),
        format!("retire {second}"),
    ];
    assert_eq!(names(&fake.0.lock()), done);
    let troubles = board.troubles();
    assert_eq!(troubles.len(), 1);
    assert_eq!((troubles[0].attempts, board.failing(), board.failures()), (1, 1, 1));
    assert_eq!(troubles[0].why, "environment: the disk is full");
    board.ask(first);
    turn_out(&mut keeper, now_us);
    assert_eq!(fake.0.lock().phases[&first], BatchPhase::Retired, "asked for, it is tried at once");
    assert_eq!((board.troubles().len(), board.failures()), (0, 1));
}
