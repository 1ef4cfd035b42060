//! What mutual TLS costs a node: CPU of a payment with it and without, and of a handshake.
//!
//! Two nodes run on the same core and take the same load in turn. Connections are kept, as participants keep them, so that a payment pays for
//! its records and not for handshakes; those are measured apart, in memory.

use std::path::Path;

use clearway_crypto::Suite;
use clearway_crypto::transport::Versions;

use super::node::judge;
use super::row::Goal;
use super::side::Side;
use super::{Bench, Row};
use crate::error::Error;
use crate::probe::{Handshakes, Parties, measure_handshakes};
use crate::rig::{Place, Setup, Transport, Trial};

/// Windows of each node.
const ROUNDS: usize = 3;

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>, Error> {
    let setup = Setup::of(Suite::EcdsaP256Sha256);
    let mut plain = Side::start(bench, &setup)?;
    let mut tls = Side::start(bench, &Setup { transport: Transport::Tls, ..setup })?;
    for _ in 0..bench.depth(ROUNDS, 1) {
        plain.run(bench, "plain HTTP")?;
        tls.run(bench, "mutual TLS")?;
    }
    let handshakes = handshakes(bench, tls.rig.place())?;
    let mut rows = payments(plain, tls)?;
    rows.extend(handshakes);
    Ok(rows)
}

fn payments(mut plain: Side, mut tls: Side) -> Result<Vec<Row>, Error> {
    let cost = |trial: &Trial| trial.window.cpu_us_per_payment();
    let (with_us, without_us) = (cost(tls.median()?), cost(plain.median()?));
    let explain = |trial: &Trial, runs: usize| {
        let doubts: String = trial.doubts().iter().map(|doubt| format!("; INVALID: {doubt}")).collect();
        format!(
            "{} at {:.0}/s, median of {runs} runs in turn: {}{doubts}",
            trial.report.suite,
            trial.load.rate_per_s,
            trial.describe()
        )
    };
    let (runs_with, runs_without) = (tls.trials.len(), plain.trials.len());
    let (note, base) = (explain(tls.median()?, runs_with), explain(plain.median()?, runs_without));
    let trials: Vec<Trial> = plain.trials.into_iter().chain(tls.trials).collect();
    let rows = [
        Row::new("plain_cpu_us_per_payment", "us", without_us, None, Goal::None).with_note(base),
        Row::new("tls_cpu_us_per_payment", "us", with_us, None, Goal::None).with_note(note),
        Row::new("tls_cpu_ratio", "us", with_us, Some(without_us), Goal::RatioAtMost(1.3)),
    ];
    Ok(rows.map(|row| judge(row, &trials)).into())
}

/// Of TLS 1.3, with those of 1.2 beside them.
fn handshakes(bench: &Bench, place: &Place) -> Result<Vec<Row>, Error> {
    let parties = parties(place)?;
    let [new, old] =
        [Versions::Tls13, Versions::Tls12].map(|versions| measure_handshakes(&parties, versions, bench.cores.node));
    let (Handshakes { full, resumed }, old) = (new?, old?);
    let note = |client: f64, old_server: f64, old_client: f64| {
        format!(
            "TLS 1.3, CPU of who is connected to, with both certificates (P-256); who connects {client:.0} us; TLS 1.2 {old_server:.0} and {old_client:.0} us"
        )
    };
    Ok(vec![
        Row::new("tls_full_handshake_us", "us", full.server_us, None, Goal::None).with_note(note(
            full.client_us,
            old.full.server_us,
            old.full.client_us,
        )),
        Row::new("tls_resumed_handshake_us", "us", resumed.server_us, Some(full.server_us), Goal::RatioAtMost(1.0))
            .with_note(note(resumed.client_us, old.resumed.server_us, old.resumed.client_us)),
    ])
}

/// The node as server, its first institution as client.
fn parties(place: &Place) -> Result<Parties, Error> {
    let config = clearway::config::Config::load(&place.config)?;
    let loadgen = clearway_loadgen::Config::load(&place.loadgen)?;
    let institution = loadgen.institutions.first().map(|institution| institution.identity.id);
    let institution = institution.ok_or_else(|| Error::Unsuited("no institution".into()))?;
    let read = |file: &Path| std::fs::read(file).map_err(Error::machine(format!("read {}", file.display())));
    let (node, other) = (place.folder.join("tls"), place.folder.join("counterparties/tls"));
    Ok(Parties {
        ca: read(&node.join("ca.cert.pem"))?,
        server: [read(&node.join("node.cert.pem"))?, read(&node.join("node.key.pem"))?],
        client: [
            read(&other.join(format!("{institution}.cert.pem")))?,
            read(&other.join(format!("{institution}.key.pem")))?,
        ],
        server_name: format!("{}.switch.internal", config.node.id.as_str().to_ascii_lowercase()),
    })
}
