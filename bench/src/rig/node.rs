//! The node's process: this program again, under a hidden command that is the switch's own `serve`.
//!
//! ```text
//!  NodeProcess --launcher thread (pinned)--> child: `clearway-bench serve --config F`, inherits the core
//!              <-- stdout: ready listen=... admin=... driver=... pid=...
//! ```
//!
//! Invariant: the child never outlives its owner. Dropping kills it; should this process be killed itself, the kernel kills the child,
//! because the child has asked for that ([`die_with_parent`]) and the thread that started it lives as long as it should.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getppid, kill_process, set_parent_process_death_signal};

use super::admin::Admin;
use crate::cpu::pin_among;
use crate::error::Error;
use crate::interrupt;

/// The hidden command: the first argument that makes this program a node.
pub const HIDDEN_COMMAND: &str = "serve";
/// Names the process that the node must not outlive.
const PARENT: &str = "CLEARWAY_BENCH_PARENT";
/// Bytes of the node's log that an error shows.
const LOG_TAIL_BYTES: usize = 2_000;

/// Makes this process end when the one that started it ends. Called by the child before anything else; a node that somebody starts by hand
/// is left alone.
pub fn die_with_parent() {
    let Some(parent) = std::env::var(PARENT).ok().and_then(|text| text.parse().ok()).and_then(Pid::from_raw) else {
        return;
    };
    // Without it a killed parent would leave the node behind: worth a line, not worth a refusal.
    if let Err(error) = set_parent_process_death_signal(Some(Signal::KILL)) {
        eprintln!("cannot tie the node to its parent: {error}");
    }
    if getppid() != Some(parent) {
        std::process::exit(1);
    }
}

/// A running node.
#[derive(Debug)]
pub struct NodeProcess {
    child: Child,
    /// The thread that started the child ends when this is dropped.
    _launcher: mpsc::Sender<()>,
    listen: SocketAddr,
    admin: Admin,
    driver: String,
    log: PathBuf,
}

impl NodeProcess {
    /// Starts a node and waits until it takes payments.
    ///
    /// # Errors
    /// It does not start, or not within `limit`; the end of its log is in the message.
    pub fn start(config: &Path, cores: &[usize], log: &Path, limit: Duration) -> Result<Self, Error> {
        let (child, launcher) = launch(config, cores, log)?;
        let mut guard = Killed(Some(child));
        let stdout = guard.0.as_mut().and_then(|child| child.stdout.take());
        let line = stdout.map_or_else(|| Err(Error::Node("has no output".into())), |stdout| ready_line(stdout, limit));
        let line = line.map_err(|error| Error::Node(format!("{error}{}", log_tail(log))))?;
        let value = |name: &str| line.split_whitespace().find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        let address = |name: &str| {
            value(name).and_then(|text| text.parse().ok()).ok_or_else(|| Error::Node(format!("said {line:?}")))
        };
        let (listen, admin) = (address("listen")?, Admin::new(address("admin")?));
        let driver = value("driver").unwrap_or("unknown").to_owned();
        let child = guard.0.take().ok_or_else(|| Error::Node("is gone".into()))?;
        Ok(Self { child, _launcher: launcher, listen, admin, driver, log: log.to_path_buf() })
    }

    /// Where it takes messages.
    pub fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// Its operator door.
    pub fn admin(&self) -> Admin {
        self.admin
    }

    /// Its journal driver, by its own account.
    pub fn driver(&self) -> &str {
        &self.driver
    }

    /// Says so if the node is gone.
    ///
    /// # Errors
    /// It has ended; the end of its log is in the message.
    pub fn check(&mut self) -> Result<(), Error> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(Error::Node(format!("ended by itself ({status}){}", log_tail(&self.log)))),
            Err(source) => Err(Error::Machine { what: "ask for the node's process".into(), source }),
        }
    }

    /// Tells the node to drain and waits for its end; kills it after `limit`. Whether it ended well.
    pub fn stop(mut self, limit: Duration) -> bool {
        let asked = i32::try_from(self.child.id())
            .ok()
            .and_then(Pid::from_raw)
            .is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok());
        let until = Instant::now() + limit;
        while asked && Instant::now() < until {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }
}

impl Drop for NodeProcess {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// A child that did not get as far as a [`NodeProcess`].
struct Killed(Option<Child>);

impl Drop for Killed {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            end(child);
        }
    }
}

fn end(child: &mut Child) {
    // Both fail only when it has ended already.
    let _ = child.kill();
    let _ = child.wait();
}

/// Starts the child from a thread on the node's cores: all threads of the child then run there.
fn launch(config: &Path, cores: &[usize], log: &Path) -> Result<(Child, mpsc::Sender<()>), Error> {
    let program = std::env::current_exe().map_err(Error::machine("find this program"))?;
    let errors = File::create(log).map_err(Error::machine(format!("make {}", log.display())))?;
    let mut command = Command::new(program);
    command.arg(HIDDEN_COMMAND).arg("--config").arg(config).args(["--log", "info"]);
    // A group of its own: Ctrl-C is for us, and we end the node.
    command.env(PARENT, std::process::id().to_string()).process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors);
    let (started, child) = mpsc::channel();
    let (launcher, until_dropped) = mpsc::channel::<()>();
    let cores = cores.to_vec();
    let work = move || {
        pin_among(&cores);
        if started.send(command.spawn()).is_ok() {
            let _ = until_dropped.recv();
        }
    };
    std::thread::Builder::new().name("launcher".into()).spawn(work).map_err(Error::machine("launcher thread"))?;
    let child = child.recv().map_err(|_| Error::Node("could not be started".into()))?;
    Ok((child.map_err(Error::machine("start the node"))?, launcher))
}

fn ready_line(stdout: ChildStdout, limit: Duration) -> Result<String, Error> {
    let (said, heard) = mpsc::channel();
    let read = move || {
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let _ = said.send(lines.find(|line| line.starts_with("ready ")));
        // Whatever it says later is read and dropped, so that it never waits for us.
        lines.for_each(drop);
    };
    std::thread::Builder::new().name("node-output".into()).spawn(read).map_err(Error::machine("output thread"))?;
    let until = Instant::now() + limit;
    loop {
        interrupt::check()?;
        match heard.recv_timeout(Duration::from_millis(100)) {
            Ok(Some(line)) => return Ok(line),
            Ok(None) | Err(mpsc::RecvTimeoutError::Disconnected) => {
                return Err(Error::Node("ended before it was ready".into()));
            }
            Err(mpsc::RecvTimeoutError::Timeout) if Instant::now() >= until => {
                return Err(Error::Node(format!("was not ready within {} s", limit.as_secs())));
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
        }
    }
}

fn log_tail(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let tail = text.get(text.len().saturating_sub(LOG_TAIL_BYTES)..).unwrap_or_default();
    if tail.is_empty() { String::new() } else { format!("; its log ends:\n{}", String::from_utf8_lossy(tail)) }
}
