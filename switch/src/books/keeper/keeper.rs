//! One turn: the next thing that is due.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::board::Board;
use super::hours::Hours;
use super::retries::Retries;
use super::task::{Outcome, Task, Works};
use crate::domain::clearing::{BatchName, BatchPhase};
use crate::error::{Error, Fault};

/// What a turn came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Did {
    /// There is nothing to do for now.
    Nothing,
    /// This was done; there may be more.
    Done(Task),
    /// This was tried, and will be again.
    Failed(Task),
}

/// Does the books of a node.
pub struct Keeper<W> {
    works: W,
    board: Arc<Board>,
    /// None: the books could not be read yet.
    books: Option<Books>,
    retries: Retries,
}

/// How far all batches are with which something is left to do.
struct Books {
    hours: Hours,
    phases: BTreeMap<BatchName, BatchPhase>,
    asked: BTreeSet<BatchName>,
}

impl<W> std::fmt::Debug for Keeper<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").field("board", &self.board).finish_non_exhaustive()
    }
}

impl<W: Works> Keeper<W> {
    /// A keeper that shows itself on `board`.
    pub fn new(works: W, board: Arc<Board>) -> Self {
        Self { works, board, books: None, retries: Retries::default() }
    }

    /// Does the next thing that is due at `now_us`. To be called again at once unless it says [`Did::Nothing`].
    ///
    /// # Errors
    /// The books cannot be read; what a task fails with is on the board instead.
    pub fn turn(&mut self, now_us: u64) -> Result<Did, Error> {
        self.board.begins(now_us);
        for task in self.plan(now_us)? {
            if !self.retries.allow(task, now_us) {
                continue;
            }
            let Some(books) = &self.books else { break };
            match run(&self.works, task, &books.hours, now_us) {
                Ok(Outcome::Nothing) => self.quiet(task),
                Ok(Outcome::Waits(why)) => self.board.waits(task, why, now_us),
                Ok(Outcome::Done) => return self.done(task),
                Err(error) => return Ok(self.failed(task, &error, now_us)),
            }
        }
        self.board.turned(now_us);
        Ok(Did::Nothing)
    }

    /// What is due, in order: all that leads to sealing first, the older first.
    fn plan(&mut self, now_us: u64) -> Result<Vec<Task>, Error> {
        if self.books.is_none() {
            self.books = Some(Books::read(&self.works, now_us)?);
        }
        let asked = self.board.take_asked();
        let Some(books) = &mut self.books else { return Ok(Vec::new()) };
        books.hours.pass(now_us);
        books.asked.extend(&asked);
        let mut tasks = books.tasks();
        self.retries.keep(|task| tasks.contains(task) && task.batch().is_none_or(|batch| !asked.contains(&batch)));
        self.board.keep(|task| tasks.contains(task));
        let stopped = books.phases.values().filter(|phase| **phase == BatchPhase::Stopped).count();
        self.board.sees_stopped(stopped);
        tasks.sort_by_key(|task| (task.urgency(), task.batch(), *task));
        Ok(tasks)
    }

    /// There was nothing to do: what had failed has not failed now.
    fn quiet(&mut self, task: Task) {
        if self.retries.succeeded(task) {
            tracing::info!(%task, "the books go on");
            self.board.clear(task);
        }
    }

    fn done(&mut self, task: Task) -> Result<Did, Error> {
        if self.retries.succeeded(task) {
            tracing::info!(%task, "the books go on");
        }
        self.note(task)?;
        self.board.clear(task);
        if let (Task::Close(batch), Some(books)) = (task, &mut self.books) {
            books.hours.close(batch);
        }
        Ok(Did::Done(task))
    }

    /// Says so once in the log; the board and the metrics go on saying it.
    fn failed(&mut self, task: Task, error: &Error, now_us: u64) -> Did {
        let attempts = self.retries.failed(task, now_us);
        if attempts == 1 {
            tracing::error!(%task, %error, "the books cannot go on with this, and will try again");
        }
        self.board.fails(task, error.to_string(), attempts, now_us);
        // It may have failed after it was done.
        if let Err(error) = self.note(task) {
            tracing::error!(%task, %error, "the books cannot be read");
        }
        Did::Failed(task)
    }

    /// Looks how far the batch of a task is now.
    fn note(&mut self, task: Task) -> Result<(), Error> {
        let Some(batch) = task.batch() else { return Ok(()) };
        let phase = self.works.phase(batch)?;
        if let (Some(books), Some(phase)) = (&mut self.books, phase) {
            books.note(batch, phase);
        }
        Ok(())
    }
}

/// A bug in one task must keep no other from being done, and no payment from being made.
fn run(works: &impl Works, task: Task, hours: &Hours, now_us: u64) -> Result<Outcome, Error> {
    let outcome = catch_unwind(AssertUnwindSafe(|| works.run(task, hours, now_us)));
    outcome.unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        let text = format!("a bug: {}", said.unwrap_or("a panic that says nothing"));
        Err(Error::new(Fault::Stopped, text).remedy("report it with the log"))
    })
}

impl Books {
    fn read(works: &impl Works, now_us: u64) -> Result<Self, Error> {
        let phases = works.phases()?;
        let closed = phases.iter().map(|(batch, _)| *batch).collect();
        let hours = Hours::new(&closed, &works.batches(), now_us);
        let phases = phases.into_iter().filter(|(_, phase)| *phase != BatchPhase::Retired).collect();
        Ok(Self { hours, phases, asked: BTreeSet::new() })
    }

    fn tasks(&self) -> Vec<Task> {
        let closing = self.hours.due().map(Task::Close);
        let next = |(batch, phase): (&BatchName, &BatchPhase)| match phase {
            BatchPhase::Stopped => self.asked.contains(batch).then_some(Task::Recompute(*batch)),
            phase => Task::after(*phase, *batch),
        };
        let always = [Task::Settle, Task::Reserve, Task::EndDay, Task::HandOutKeys];
        always.into_iter().chain(closing).chain(self.phases.iter().filter_map(next)).collect()
    }

    /// A batch is this far.
    fn note(&mut self, batch: BatchName, phase: BatchPhase) {
        self.hours.close(batch);
        self.asked.remove(&batch);
        if phase == BatchPhase::Retired {
            self.phases.remove(&batch);
        } else {
            self.phases.insert(batch, phase);
        }
    }
}

#[cfg(test)]
mod tests;
