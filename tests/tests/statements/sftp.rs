//! The folder that participants fetch from, exported by an `sshd` of the test's own, set up as `switch/statements.md` says: everybody
//! in a root folder of its own.
//!
//! Needs root, for `sshd` changes users and roots: two system users are made, and removed when the test ends.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use clearway_tests::port::HeldPort;
use clearway_tests::requirement::{find, skip, tools_are_required};
use clearway_tests::wait::until;

use crate::again::files_of;
use crate::source::{BATCH, Books};

/// Where root folders of users may be: nobody but root can write to any folder above.
const PARENT: &str = "/run";
const SSHD: &str = "/usr/sbin/sshd";

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).stdin(Stdio::null()).output().expect("it runs")
}

fn succeed(program: &str, arguments: &[&str]) {
    let output = run(program, arguments);
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A user of this machine that is named like a participant, in lower case.
struct User(String);

impl User {
    fn add(issuer: &str) -> Self {
        let name = issuer.to_ascii_lowercase();
        // Left behind by a run that was killed.
        run("userdel", &[&name]);
        succeed("useradd", &["--no-create-home", "--shell", "/usr/sbin/nologin", "--password", "*", &name]);
        Self(name)
    }
}

impl Drop for User {
    fn drop(&mut self) {
        run("userdel", &[&self.0]);
    }
}

/// A folder seen at a second place.
struct Mount(PathBuf);

impl Mount {
    /// Read only, or a copy where the machine does not allow mounts, as on a file server of its own.
    fn bind(from: &Path, to: &Path) -> Option<Self> {
        let (from, to) = (from.to_str().expect("UTF-8"), to.to_str().expect("UTF-8"));
        if run("mount", &["--bind", "-o", "ro", from, to]).status.success() {
            return Some(Self(to.into()));
        }
        skip("the folder of the books itself", "mounts; a copy of it is exported");
        succeed("cp", &["-r", "--", &format!("{from}/."), to]);
        None
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        run("umount", &[self.0.to_str().expect("UTF-8")]);
    }
}

/// The file server; stopped when dropped.
struct Sshd {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Sshd {
    /// Exports `root/{user}` to each user, whose keys are in `folder`.
    fn start(folder: &Path, root: &Path) -> Self {
        fs::create_dir_all("/run/sshd").expect("the folder that sshd wants");
        let port = HeldPort::take().expect("a port").address().port();
        let host_key = folder.join("host");
        succeed("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", host_key.to_str().expect("UTF-8")]);
        let config = folder.join("sshd_config");
        let (keys, root) = (folder.display(), root.display());
        let text = format!(
            "ListenAddress 127.0.0.1:{port}\nHostKey {}\nPidFile none\nUsePAM no\nAuthorizedKeysFile {keys}/%u.pub\n\
             PasswordAuthentication no\nSubsystem sftp internal-sftp\n\
             Match User c*,z*\n  ChrootDirectory {root}/%u\n  ForceCommand internal-sftp -R\n  AllowTcpForwarding no\n  \
             AllowAgentForwarding no\n  X11Forwarding no\n  PermitTTY no\n  PermitTunnel no\n",
            host_key.display()
        );
        fs::write(&config, text).expect("a configuration");
        let log = fs::File::create(folder.join("log")).expect("a log");
        let mut command = Command::new(SSHD);
        command.args(["-D", "-e", "-f"]).arg(&config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let child = command.spawn().expect("sshd starts");
        let server = Self { child, port, folder: folder.to_owned() };
        until("sshd", || TcpStream::connect(("127.0.0.1", port)).ok());
        server
    }

    /// What the SFTP program says to these commands, and whether it did all of them.
    fn sftp(&self, user: &User, commands: &str) -> (bool, String) {
        let key = self.folder.join(&user.0);
        let batch = self.folder.join("commands");
        fs::write(&batch, commands).expect("written");
        let mut command = Command::new("sftp");
        command.args(["-q", "-F", "none", "-P", &self.port.to_string(), "-i"]).arg(key).args(self.options()).arg("-b");
        let output = command.arg(batch).arg(format!("{}@127.0.0.1", user.0)).output().expect("sftp runs");
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    fn options(&self) -> [&'static str; 6] {
        let known = "UserKnownHostsFile=/dev/null";
        ["-o", known, "-o", "StrictHostKeyChecking=no", "-o", "IdentitiesOnly=yes"]
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Why the test cannot run here.
fn missing() -> Option<&'static str> {
    if !rustix::process::geteuid().is_root() {
        Some("root")
    } else if !Path::new(SSHD).exists() || find("sftp").is_none() || find("useradd").is_none() {
        Some("sshd")
    } else {
        None
    }
}

#[test]
fn each_participant_fetches_its_own_statements_and_sees_nobody_elses() {
    if let Some(what) = missing() {
        assert!(what == "root" || !tools_are_required(), "needs sshd (openssh-server)");
        return skip("statements over SFTP", what);
    }
    let books = Books::new(Path::new(PARENT));
    fs::set_permissions(books.folder.path(), fs::Permissions::from_mode(0o755)).expect("open");
    books.write();
    let statements = books.config.books.dir.join("statements");
    let keys = books.folder.path().join("ssh");
    let root = books.folder.path().join("root");
    fs::create_dir_all(&keys).expect("a folder");
    let ids = [books.id(2), books.id(0)];
    let mut mounts = Vec::new();
    let users = ids.each_ref().map(|id| {
        let user = User::add(id);
        let key = keys.join(&user.0);
        succeed("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", key.to_str().expect("UTF-8")]);
        let inner = root.join(&user.0).join(id);
        fs::create_dir_all(&inner).expect("a folder");
        mounts.extend(Mount::bind(&statements.join(id), &inner));
        user
    });
    let server = Sshd::start(&keys, &root);
    for (at, user) in users.iter().enumerate() {
        let (own, other) = (&ids[at], &ids[1 - at]);
        fetch_own(&server, user, own, &statements);
        see_nobody_elses(&server, user, own, other, &statements);
        change_nothing(&server, user, own);
    }
    drop(server);
    drop(mounts);
}

/// Everything of the day comes over, byte for byte.
fn fetch_own(server: &Sshd, user: &User, own: &str, statements: &Path) {
    let to = tempfile::tempdir().expect("a folder");
    let (done, said) = server.sftp(user, &format!("get -R /{own}/20261120 {}\n", to.path().display()));
    assert!(done, "{said}\n{}", server.log());
    let (fetched, ours) = (files_of(to.path()), files_of(&statements.join(own)));
    assert!(ours.keys().any(|name| name.contains("_DTL_001.txt.gz")), "{:?}", ours.keys());
    assert!(fetched == ours, "fetched {:?} of {:?}", fetched.keys(), ours.keys());
}

/// Whatever path it tries, its root is all there is.
fn see_nobody_elses(server: &Sshd, user: &User, own: &str, other: &str, statements: &Path) {
    let (done, said) = server.sftp(user, "ls -1a /\nls -1a /../..\n");
    assert!(done && said.contains(own) && !said.contains(other), "{said}");
    let summary = format!("20261120/trans/{other}_{BATCH}_SUM.txt");
    for path in [
        format!("/{other}/{summary}"),
        format!("../{other}/{summary}"),
        format!("/{own}/../../{}/{other}/{summary}", other.to_ascii_lowercase()),
        statements.join(other).join(&summary).display().to_string(),
        "/etc/passwd".to_owned(),
    ] {
        let (done, said) = server.sftp(user, &format!("get {path} /dev/null\n"));
        assert!(!done, "{path}: {said}");
    }
    // No shell either: whatever is asked for, the file server answers.
    let mut command = Command::new("ssh");
    command.args(["-F", "none", "-p", &server.port.to_string(), "-i"]).arg(server.folder.join(&user.0));
    command.args(server.options()).arg(format!("{}@127.0.0.1", user.0)).arg("cat /etc/passwd").stdin(Stdio::null());
    let output = command.output().expect("ssh runs");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("root:"));
}

/// It may read alone.
fn change_nothing(server: &Sshd, user: &User, own: &str) {
    let folder = format!("/{own}/20261120/trans");
    let summary = format!("{folder}/{own}_{BATCH}_SUM.txt");
    for command in [
        format!("put /etc/hostname {folder}/x"),
        format!("rm {summary}"),
        format!("rename {summary} {folder}/x"),
        format!("mkdir {folder}/x"),
        format!("chmod 777 {summary}"),
    ] {
        let (done, said) = server.sftp(user, &format!("{command}\n"));
        assert!(!done, "{command}: {said}");
    }
}
