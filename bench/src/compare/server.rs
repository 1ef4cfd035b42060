//! A PostgreSQL server for one measurement: its own folder, its own user, a unix socket and nothing else.
//!
//! Invariant: it never outlives the measurement for long. Dropping stops it, and `timeout` stops it should this process be killed.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getuid, kill_process};

use super::installation::{Installation, bounded};
use crate::disk::{Filesystem, Scratch};
use crate::error::Error;
use crate::interrupt;

/// Longest life of the server, in seconds: it is stopped then whoever is alive.
const LIFE_S: u32 = 180;
/// Longest making of a cluster, and longest answer to one query, in seconds.
const INITDB_S: u32 = 60;
const QUERY_S: u32 = 10;
const START_MAX: Duration = Duration::from_secs(30);
const STOP_MAX: Duration = Duration::from_secs(15);
/// Where the socket's path may not be longer (108 bytes with its file name).
const SOCKET_PATH_MAX: usize = 80;
/// What a careful team sets; durability is left as it comes.
const SETTINGS: [&str; 6] = [
    "listen_addresses=",
    "shared_buffers=512MB",
    "max_wal_size=16GB",
    "wal_buffers=64MB",
    "checkpoint_timeout=30min",
    "max_connections=200",
];

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    folder: PathBuf,
    psql: PathBuf,
}

/// Who runs it: PostgreSQL refuses to run as root.
#[derive(Debug, Clone, Copy)]
struct User {
    uid: u32,
    gid: u32,
}

impl Server {
    /// Makes a cluster in a new folder and starts a server on it.
    pub(super) fn start(installation: &Installation, scratch: &Scratch) -> Result<Self, Error> {
        let user = if getuid().is_root() { Some(unprivileged_user()) } else { None };
        let folder = Home(make_folder(scratch, user)?);
        let data = folder.0.join("data");
        let mut initdb = as_user(&installation.server("initdb"), INITDB_S, user, &folder.0);
        initdb.arg("-D").arg(&data).args(["-U", "bench", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]);
        let made = initdb.output().map_err(Error::machine("start initdb"))?;
        if !made.status.success() {
            return Err(Error::Unsuited(format!("initdb: {}", complaint(&made))));
        }
        let mut postgres = as_user(&installation.server("postgres"), LIFE_S, user, &folder.0);
        postgres.arg("-D").arg(&data).arg("-k").arg(&folder.0);
        for setting in SETTINGS {
            postgres.args(["-c", setting]);
        }
        let log = fs::File::create(folder.0.join("server.log")).map_err(Error::machine("make the server's log"))?;
        postgres.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).process_group(0);
        let child = postgres.spawn().map_err(Error::machine("start postgres"))?;
        let mut server = Self { child, folder: folder.keep(), psql: installation.client("psql") };
        server.wait_ready()?;
        Ok(server)
    }

    /// The folder of cluster, socket and scripts.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of the socket: what clients call the host.
    pub(super) fn socket(&self) -> &Path {
        &self.folder
    }

    /// Runs SQL and gives what it prints, bare.
    pub(super) fn query(&self, sql: &str) -> Result<String, Error> {
        const BARE: [&str; 8] = ["-U", "bench", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"];
        let mut psql = bounded(&self.psql, QUERY_S);
        psql.arg("-h").arg(&self.folder).args(BARE).args(["-c", sql, "postgres"]);
        let output = psql.stdin(Stdio::null()).output().map_err(Error::machine("start psql"))?;
        if !output.status.success() {
            return Err(Error::Node(format!("psql: {}", complaint(&output))));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn wait_ready(&mut self) -> Result<(), Error> {
        let until = Instant::now() + START_MAX;
        loop {
            interrupt::check()?;
            let Err(error) = self.query("select 1") else { return Ok(()) };
            let ended = self.child.try_wait().map_err(Error::machine("ask for postgres"))?;
            if ended.is_some() || Instant::now() > until {
                let log = fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
                return Err(Error::Unsuited(format!("PostgreSQL does not start: {error}; {}", log.trim())));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let until = Instant::now() + STOP_MAX;
        // INT is the fast shutdown, which `timeout` passes on.
        if pid.is_some_and(|pid| kill_process(pid, Signal::INT).is_ok()) {
            while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        remove(&self.folder);
    }
}

/// A folder that goes away unless a server takes it over.
struct Home(PathBuf);

impl Home {
    fn keep(mut self) -> PathBuf {
        std::mem::take(&mut self.0)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if !self.0.as_os_str().is_empty() {
            remove(&self.0);
        }
    }
}

fn remove(folder: &Path) {
    if let Err(error) = fs::remove_dir_all(folder) {
        eprintln!("could not remove {}: {error}", folder.display());
    }
}

/// A folder of the user's own in `scratch`; in `/var/tmp` when the user cannot go there or its path is too long for a socket, if that is on
/// the same file system.
fn make_folder(scratch: &Scratch, user: Option<User>) -> Result<PathBuf, Error> {
    let name = format!("clearway-pg-{}", std::process::id());
    let mut refused = Vec::new();
    for parent in [scratch.path(), Path::new("/var/tmp")] {
        let folder = parent.join(&name);
        match try_folder(&folder, scratch, user) {
            Ok(()) => return Ok(folder),
            Err(error) => refused.push(format!("{}: {error}", folder.display())),
        }
        let _ = fs::remove_dir_all(&folder);
    }
    Err(Error::Unsuited(format!("no folder for PostgreSQL: {}", refused.join("; "))))
}

fn try_folder(folder: &Path, scratch: &Scratch, user: Option<User>) -> Result<(), Error> {
    fs::create_dir(folder).map_err(Error::machine("make it"))?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(Error::machine("close it"))?;
    if let Some(User { uid, gid }) = user {
        chown(folder, Some(uid), Some(gid)).map_err(Error::machine("give it away"))?;
    }
    let (here, ours) = (Filesystem::of(folder)?.kind, &scratch.filesystem().kind);
    if here != *ours {
        return Err(Error::Unsuited(format!("is on {here}, the journal is on {ours}")));
    }
    if folder.as_os_str().len() > SOCKET_PATH_MAX {
        return Err(Error::Unsuited("the path is too long for a socket".into()));
    }
    let gone_there = as_user(Path::new("true"), QUERY_S, user, folder).status().map_err(Error::machine("go there"))?;
    if gone_there.success() { Ok(()) } else { Err(Error::Unsuited("its user cannot go there".into())) }
}

/// A bounded command in `folder` as `user`; without one as ourselves.
fn as_user(program: &Path, limit_s: u32, user: Option<User>, folder: &Path) -> Command {
    let mut command = bounded(program, limit_s);
    command.current_dir(folder);
    if let Some(User { uid, gid }) = user {
        command.uid(uid).gid(gid);
    }
    command
}

/// `postgres` where the package has made it, else `nobody`.
fn unprivileged_user() -> User {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    ["postgres", "nobody"]
        .into_iter()
        .find_map(|name| find_user(&users, name))
        .unwrap_or(User { uid: 65_534, gid: 65_534 })
}

fn find_user(users: &str, name: &str) -> Option<User> {
    let mut fields = users.lines().find(|line| line.split(':').next() == Some(name))?.split(':').skip(2);
    Some(User { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_their_whole_name() {
        let users = "root:x:0:0:root:/root:/bin/sh\npostgres2:x:5:5::/:/bin/sh\npostgres:x:101:103::/var/lib/postgresql:/bin/bash\n";
        assert!(find_user(users, "postgres").is_some_and(|user| (user.uid, user.gid) == (101, 103)));
        assert!(find_user(users, "nobody").is_none());
    }
}
