//! A node as a child process: started, watched, killed.
//!
//! Invariant: the process does not outlive its [`NodeProcess`], and a failure to start or to stop shows the node's log.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};

use rustix::process::{Pid, Signal, kill_process};

use crate::wait::{LIMIT, until};

/// What the node says when it takes payments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// Where participants post.
    pub listen: SocketAddr,
    /// Where the operator asks.
    pub admin: SocketAddr,
    /// The journal driver that won.
    pub driver: String,
    /// The node's process.
    pub pid: u32,
}

impl Ready {
    /// Reads `ready listen=.. admin=.. driver=.. pid=..`.
    ///
    /// # Errors
    /// What is missing, in words.
    pub fn parse(line: &str) -> Result<Self, String> {
        let mut words = line.split_ascii_whitespace();
        if words.next() != Some("ready") {
            return Err(format!("not a ready line: {line:?}"));
        }
        let pairs: Vec<_> = words.filter_map(|word| word.split_once('=')).collect();
        let value = |name: &str| {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| *value).ok_or_else(|| format!("{name} is missing in {line:?}"))
        };
        let address = |name: &str| value(name)?.parse().map_err(|error| format!("{name}: {error}"));
        Ok(Self {
            listen: address("listen")?,
            admin: address("admin")?,
            driver: value("driver")?.to_owned(),
            pid: value("pid")?.parse().map_err(|error| format!("pid: {error}"))?,
        })
    }
}

/// A node that ended instead of starting, or was told to end.
#[derive(Debug)]
pub struct Ended {
    /// Exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// What it logged.
    pub log: String,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit code {:?}; log:\n{}", self.code, self.log)
    }
}

/// A running node.
pub struct NodeProcess {
    child: Child,
    log: PathBuf,
    /// What it said when it was ready.
    pub ready: Ready,
}

impl NodeProcess {
    /// Runs `binary serve --config config` and waits until it is ready. `log` receives what it logs.
    ///
    /// # Errors
    /// The node ended before it was ready.
    ///
    /// # Panics
    /// If the process cannot be started at all, or is neither ready nor ended within the limit.
    pub fn start(binary: &Path, config: &Path, log: PathBuf) -> Result<Self, Ended> {
        Self::start_command(Command::new(binary).arg("serve").arg("--config").arg(config), log)
    }

    /// [`start`](Self::start) with a command of the caller's.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    ///
    /// # Panics
    /// As [`start`](Self::start).
    pub fn start_command(command: &mut Command, log: PathBuf) -> Result<Self, Ended> {
        let file = File::create(&log).expect("the log can be made");
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(file).spawn().expect("the node can be started");
        let lines = read_lines(&mut child);
        match lines.recv_timeout(LIMIT) {
            Ok(line) => {
                let ready = Ready::parse(&line).unwrap_or_else(|error| panic!("{error}"));
                Ok(Self { child, log, ready })
            }
            Err(_) => {
                let ended = child.try_wait().ok().flatten();
                let _ = child.kill();
                let status = child.wait().expect("the child can be waited for");
                assert!(
                    ended.is_some() || status.code().is_some(),
                    "neither ready nor ended; log:\n{}",
                    read_log(&log)
                );
                Err(Ended { code: status.code(), log: read_log(&log) })
            }
        }
    }

    /// Ends it as a crash would, and waits until it is gone.
    pub fn kill(mut self) {
        self.end();
    }

    /// Sends SIGTERM and waits for the end.
    ///
    /// # Panics
    /// If it does not end within the limit.
    #[must_use]
    pub fn terminate(mut self) -> Ended {
        self.signal(Signal::TERM);
        self.wait()
    }

    /// Sends a signal.
    ///
    /// # Panics
    /// If the process is gone.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id().cast_signed()).expect("a process id is not 0");
        kill_process(pid, signal).expect("the node can be signalled");
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// If it does not end within the limit.
    pub fn wait(&mut self) -> Ended {
        let status: ExitStatus =
            until("the end of the node", || self.child.try_wait().expect("the node can be waited for"));
        Ended { code: status.code(), log: self.log() }
    }

    /// Whether it still runs.
    ///
    /// # Panics
    /// If the system does not say.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("the node can be waited for").is_none()
    }

    /// What it has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        read_log(&self.log)
    }

    fn end(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for NodeProcess {
    fn drop(&mut self) {
        self.end();
        if std::thread::panicking() {
            eprintln!("log of the node:\n{}", self.log());
        }
    }
}

/// The lines of the child's stdout, read by a thread so that waiting for one can have a limit.
fn read_lines(child: &mut Child) -> Receiver<String> {
    let stdout = child.stdout.take().expect("stdout is a pipe");
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                break;
            }
        }
    });
    receive
}

fn read_log(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ready_line_is_read_and_nothing_else() {
        let ready = Ready::parse("ready listen=127.0.0.1:1 admin=127.0.0.1:2 driver=pwrite+fdatasync pid=3")
            .expect("a ready line");
        assert_eq!(
            (ready.listen.port(), ready.admin.port(), ready.driver.as_str(), ready.pid),
            (1, 2, "pwrite+fdatasync", 3)
        );
        for line in ["", "listening", "ready listen=127.0.0.1:1", "ready listen=x admin=127.0.0.1:2 driver=a pid=3"] {
            assert!(Ready::parse(line).is_err(), "{line}");
        }
    }
}
