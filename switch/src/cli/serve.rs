//! `clearway serve`: one node until it is told to stop.

use std::io::Write;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Verdict;
use super::command::ServeArguments;
use super::memory;
use crate::config::Config;
use crate::error::{Error, Fault};
use crate::node::Node;

/// How often the main thread looks whether the node has failed. Its workers have refused payments since the failure
/// itself.
const LOOK_EVERY: Duration = Duration::from_millis(200);

pub(super) fn run(arguments: &ServeArguments) -> Result<Verdict, Error> {
    memory::keep();
    let config = Config::load(&arguments.config)?;
    let node = Node::start(config)?;
    let mut stop = Stop::listen()?;
    announce(&node);
    stop.wait(&node)?;
    tracing::info!("draining; a second signal ends the process at once");
    stop.exit_at_next();
    node.drain();
    tracing::info!("drained");
    Ok(Verdict::Good)
}

/// One line on stdout for whoever started the process; the addresses have the ports that the system chose.
fn announce(node: &Node) {
    let line = format!(
        "ready listen={} admin={} driver={} pid={}\n",
        node.listen_address(),
        node.admin_address(),
        node.journal_driver(),
        std::process::id()
    );
    // Whoever closed stdout does not want the line; the node runs all the same.
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(line.as_bytes()).and_then(|()| stdout.flush());
}

/// SIGTERM and SIGINT.
struct Stop {
    runtime: Runtime,
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn listen() -> Result<Self, Error> {
        let failed = |error: std::io::Error| {
            Error::new(Fault::Environment, format!("cannot listen for signals: {error}")).caused_by(error)
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let guard = runtime.enter();
        let terminate = signal(SignalKind::terminate()).map_err(failed)?;
        let interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        drop(guard);
        Ok(Self { runtime, terminate, interrupt })
    }

    /// Returns at the first signal, or with the reason when the node failed before.
    fn wait(&mut self, node: &Node) -> Result<(), Error> {
        let Self { runtime, terminate, interrupt } = self;
        runtime.block_on(async {
            let mut look = tokio::time::interval(LOOK_EVERY);
            loop {
                tokio::select! {
                    _ = terminate.recv() => return Ok(()),
                    _ = interrupt.recv() => return Ok(()),
                    _ = look.tick() => node.failure().map_or(Ok(()), |why| Err(stopped(why)))?,
                }
            }
        })
    }

    /// Lets the next signal end the process as a crash would: what is durable stays, the next start takes it up.
    fn exit_at_next(mut self) {
        let wait = move || {
            self.runtime.block_on(async {
                tokio::select! {
                    _ = self.terminate.recv() => {}
                    _ = self.interrupt.recv() => {}
                }
            });
            std::process::exit(i32::from(Fault::Stopped.exit_code()));
        };
        // Without this thread a second signal does nothing; draining ends by its deadline anyway.
        let _ = std::thread::Builder::new().name("clearway-signal".to_owned()).spawn(wait);
    }
}

fn stopped(why: String) -> Error {
    Error::new(Fault::Stopped, format!("the node stopped itself: {why}"))
        .remedy("check the disk, then start again: everything acknowledged is on it")
}
