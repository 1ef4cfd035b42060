//! PostgreSQL as the record keeper of payments: insert, update, update, each its own durable transaction.
//!
//! What favours it is left in: pgbench prepares the statements once with the messages as constants, so their bytes do not cross the socket
//! each time; the key is a bigint; there is one index. Sync is on.

use std::fmt::Write;
use std::path::Path;

use super::installation::{Installation, bounded};
use super::server::Server;
use crate::disk::Scratch;
use crate::error::Error;
use crate::samples::Evidence;

/// Bytes of a payment's after-image in our records.
const IMAGE_BYTES: usize = clearway::domain::transaction::PAYMENT_BYTES;

/// What PostgreSQL gave.
#[derive(Debug, Clone)]
pub struct PeerFigure {
    /// Payments a second: three durable transactions each.
    pub payments_per_second: f64,
    /// Mean time of one payment, in milliseconds.
    pub latency_ms: f64,
    version: String,
    settings: String,
}

impl PeerFigure {
    /// For people.
    pub fn describe(&self) -> String {
        let Self { version, settings, latency_ms, .. } = self;
        format!("{version}, insert + update + update prepared, {settings}, mean {latency_ms:.1} ms a payment")
    }
}

/// Starts a server of its own, fills it for `seconds` from `clients` connections, and stops it again.
///
/// # Errors
/// [`Error::Unsuited`] when PostgreSQL is not installed or this user may not run it; says what it would take.
pub fn measure(scratch: &Scratch, evidence: &Evidence, clients: usize, seconds: u32) -> Result<PeerFigure, Error> {
    let installation = Installation::find()?;
    let server = Server::start(&installation, scratch)?;
    server.query(SCHEMA)?;
    let script = server.folder().join("payment.sql");
    std::fs::write(&script, payment_script(evidence)).map_err(Error::machine("write the pgbench script"))?;
    let said = run_pgbench(&installation, server.socket(), &script, clients, seconds)?;
    let figure = |name: &str| figure_of(&said, name).ok_or_else(|| Error::Node(format!("pgbench said {said:?}")));
    Ok(PeerFigure {
        payments_per_second: figure("tps")?,
        latency_ms: figure("latency average")?,
        version: installation.version().to_owned(),
        settings: server.query("select 'fsync ' || current_setting('fsync') || ', synchronous_commit ' || current_setting('synchronous_commit') || ', ' || current_setting('wal_sync_method')")?,
    })
}

/// Room in the page for the updates, so that they need not touch the index.
const SCHEMA: &str = "create sequence payment_id cache 100;
create table payment (id bigint primary key, step int not null, image bytea not null, begun bytea not null, half bytea, done bytea) with (fillfactor = 50);";

fn payment_script(evidence: &Evidence) -> String {
    let Evidence { request, leg, answer, receipt } = evidence;
    let image = literal(&[&[0xA5; IMAGE_BYTES]]);
    format!(
        "insert into payment (id, step, image, begun) values (nextval('payment_id'), 1, {image}, {}) returning id \\gset\n\
         update payment set step = 2, image = {image}, half = {} where id = :id;\n\
         update payment set step = 3, image = {image}, done = {} where id = :id;\n",
        literal(&[request, leg]),
        literal(&[answer, leg]),
        literal(&[answer, receipt])
    )
}

fn literal(parts: &[&[u8]]) -> String {
    let mut text = String::from("'\\x");
    for byte in parts.iter().copied().flatten() {
        let _ = write!(text, "{byte:02x}");
    }
    text.push_str("'::bytea");
    text
}

fn run_pgbench(
    installation: &Installation,
    socket: &Path,
    script: &Path,
    clients: usize,
    seconds: u32,
) -> Result<String, Error> {
    let mut command = bounded(&installation.client("pgbench"), seconds + 30);
    command.args(["-n", "-M", "prepared", "-j", "2", "-c"]).arg(clients.to_string()).arg("-T").arg(seconds.to_string());
    command.arg("-h").arg(socket).args(["-U", "bench", "-f"]).arg(script).arg("postgres");
    let output = command.output().map_err(Error::machine("start pgbench"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        Ok(said)
    } else {
        Err(Error::Node(format!("pgbench: {}", String::from_utf8_lossy(&output.stderr).trim())))
    }
}

/// The number of a line `NAME = NUMBER ...`.
fn figure_of(said: &str, name: &str) -> Option<f64> {
    let line = said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pgbench_is_understood() {
        let said = "number of clients: 64\nlatency average = 5.766 ms\ninitial connection time = 100.1 ms\ntps = 11099.512 (without initial connection time)\n";
        assert_eq!((figure_of(said, "tps"), figure_of(said, "latency average")), (Some(11_099.512), Some(5.766)));
        assert_eq!(figure_of("pgbench: error", "tps"), None);
    }

    #[test]
    fn the_script_carries_every_byte() {
        let evidence = Evidence::compose().unwrap();
        let script = payment_script(&evidence);
        assert_eq!(script.lines().count(), 3);
        assert!(script.len() > 2 * evidence.payment_bytes() + 6 * IMAGE_BYTES);
        assert_eq!(literal(&[&[0, 255], &[16]]), "'\\x00ff10'::bytea");
    }

    #[test]
    fn a_server_of_our_own_starts_works_and_stops() {
        let parent = tempfile::tempdir().unwrap();
        let Ok(scratch) = Scratch::create("pg", Some(parent.path()), false) else {
            eprintln!("SKIPPED: needs a temporary folder on a disk");
            return;
        };
        match measure(&scratch, &Evidence::compose().unwrap(), 2, 1) {
            Ok(figure) => {
                assert!(figure.payments_per_second > 0.0 && figure.describe().contains("fsync on"), "{figure:?}")
            }
            Err(Error::Unsuited(why)) => {
                eprintln!("SKIPPED: {why}");
                assert!(std::env::var_os("CLEARWAY_REQUIRE_TOOLS").is_none(), "{why}");
            }
            Err(error) => panic!("{error}"),
        }
    }
}
