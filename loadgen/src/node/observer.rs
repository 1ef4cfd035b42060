//! Looks at a node when a run's window begins and when it ends.

use super::door::Door;
use super::look::StageLook;
use crate::error::Error;
use crate::plan::Plan;
use crate::record::{Slice, StageBudget};
use crate::run::{Conduct, Progress, Watcher};
use std::time::Duration;

/// A [`Watcher`] that shows the run to another one, and asks a node at both ends of the window.
pub struct Observer<'w> {
    watcher: &'w mut dyn Watcher,
    door: Option<Door>,
    begins: Duration,
    ends: Duration,
    opening: Option<StageLook>,
    closing: Option<StageLook>,
    trouble: Option<Error>,
}

impl std::fmt::Debug for Observer<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Observer").field("door", &self.door).finish_non_exhaustive()
    }
}

impl<'w> Observer<'w> {
    /// For one run of `plan`; without a door it only hands on. The node is asked at once, so that a wrong address ends a run
    /// before it begins.
    ///
    /// # Errors
    /// The node does not answer.
    pub fn new(door: Option<Door>, plan: &Plan, watcher: &'w mut dyn Watcher) -> Result<Self, Error> {
        if let Some(door) = &door {
            door.look()?;
        }
        let (begins, ends) = (plan.warm_up, plan.duration);
        Ok(Self { watcher, door, begins, ends, opening: None, closing: None, trouble: None })
    }

    /// What the node says of the window, up to now where the run was stopped in it. None without a door, and for a run that was
    /// stopped in its warm-up.
    ///
    /// # Errors
    /// The node has stopped answering on the way.
    pub fn budget(self) -> Result<Option<StageBudget>, Error> {
        if let Some(trouble) = self.trouble {
            return Err(trouble);
        }
        let (Some(door), Some(opening)) = (self.door, self.opening) else { return Ok(None) };
        let closing = self.closing.map_or_else(|| door.look(), Ok)?;
        Ok(Some(closing.since(&opening)))
    }

    /// Asks the node if this is the moment.
    fn observe(&mut self, seen: &Progress) {
        let Some(door) = self.door.as_ref().filter(|_| self.trouble.is_none()) else { return };
        let (due, slot) = match &self.opening {
            None => (self.begins, &mut self.opening),
            Some(_) => (self.ends, &mut self.closing),
        };
        if slot.is_some() || seen.elapsed < due {
            return;
        }
        match door.look() {
            Ok(look) => *slot = Some(look),
            Err(trouble) => self.trouble = Some(trouble),
        }
    }
}

impl Watcher for Observer<'_> {
    fn look(&mut self, seen: &Progress) -> Conduct {
        self.observe(seen);
        self.watcher.look(seen)
    }

    fn slice(&mut self, slice: &Slice) {
        self.watcher.slice(slice);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread::JoinHandle;

    /// A node that is asked `looks` times and has finished one payment of 100 us more each time.
    fn node(looks: u64) -> (Door, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let door = Door::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let serve = move || {
            for payments in 1..=looks {
                let (mut stream, _) = listener.accept().unwrap();
                let _ = stream.read(&mut [0; 4096]).unwrap();
                let line =
                    |name: &str| format!(r#"{{"name":"{name}","wall_sum_us":{0}00,"cpu_sum_us":{0}0}}"#, payments);
                let body = format!(
                    r#"{{"stages":{{"payments_since_start":{payments},"finals_since_start":{payments},"total":{},"stages":[{}]}}}}"#,
                    line("total"),
                    line("read")
                );
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
                stream.write_all((head + &body).as_bytes()).unwrap();
            }
        };
        (door, std::thread::spawn(serve))
    }

    fn at(elapsed_s: u64) -> Progress {
        Progress { elapsed: Duration::from_secs(elapsed_s), ..Progress::default() }
    }

    fn plan() -> Plan {
        Plan { warm_up: Duration::from_secs(2), duration: Duration::from_secs(10), ..Plan::default() }
    }

    #[test]
    fn the_node_is_asked_before_the_run_and_at_both_ends_of_its_window() {
        let (door, serving) = node(3);
        let mut nobody = ();
        let mut observer = Observer::new(Some(door), &plan(), &mut nobody).unwrap();
        for elapsed_s in [0, 1, 2, 3, 9, 10, 11, 12] {
            assert_eq!(observer.look(&at(elapsed_s)), Conduct::Continue);
        }
        let budget = observer.budget().unwrap().unwrap();
        assert_eq!((budget.payments, budget.total_wall_us, budget.stages[0].cpu_us), (1, 100.0, 10.0));
        serving.join().unwrap();
    }

    #[test]
    fn a_run_that_is_stopped_has_its_end_then_and_none_in_the_warm_up() {
        let (door, serving) = node(3);
        let mut nobody = ();
        let mut observer = Observer::new(Some(door), &plan(), &mut nobody).unwrap();
        observer.look(&at(3));
        assert_eq!(observer.budget().unwrap().unwrap().payments, 1);
        serving.join().unwrap();
        let (door, serving) = node(1);
        let mut observer = Observer::new(Some(door), &plan(), &mut nobody).unwrap();
        observer.look(&at(1));
        assert_eq!(observer.budget().unwrap(), None);
        serving.join().unwrap();
    }

    #[test]
    fn a_node_that_goes_away_does_not_end_the_run() {
        let (door, serving) = node(1);
        let mut nobody = ();
        let mut observer = Observer::new(Some(door), &plan(), &mut nobody).unwrap();
        serving.join().unwrap();
        assert_eq!([observer.look(&at(5)), observer.look(&at(11))], [Conduct::Continue; 2]);
        assert!(matches!(observer.budget(), Err(Error::Node(..))));
    }

    #[test]
    fn without_a_door_nobody_is_asked() {
        let mut nobody = ();
        let mut observer = Observer::new(None, &plan(), &mut nobody).unwrap();
        observer.look(&at(5));
        assert_eq!(observer.budget().unwrap(), None);
    }
}
