//! Whom the node connects to.

use std::sync::Arc;

use clearway_codec::TrxStatus;
use clearway_loadgen::Behaviours;
use clearway_loadgen::bank::Leg;
use clearway_tests::answer::Answer;
use clearway_tests::institution::{PATH, id_of};
use clearway_tests::letter::Letter;
use clearway_tests::pki::{Authority, Term};
use clearway_tests::secure::{Secured, participant_name};
use clearway_tests::site::Site;
use clearway_tests::tls::{Front, Version, server};
use clearway_tests::wait;
use rustls::ServerConfig;
use toml::Value;

use crate::NODE;

/// What stands before a bank, by the bank's place.
const CASES: [&str; 8] = [
    "a good one",
    "an unknown authority",
    "expired",
    "not yet valid",
    "another participant's",
    "revoked",
    "one that does not believe the node",
    "no TLS",
];

fn shown(secured: &Secured<'_>, site: &Site, place: usize) -> Arc<ServerConfig> {
    let name = participant_name(site.parties().banks[place].identity.id);
    let authority = &secured.authority;
    let strangers = Authority::new("somebody else");
    match CASES[place] {
        "an unknown authority" => server(&strangers.issue(&[&name], Term::Now), None),
        "expired" => server(&authority.issue(&[&name], Term::Over), Some(authority)),
        "not yet valid" => server(&authority.issue(&[&name], Term::Later), Some(authority)),
        "another participant's" => server(&secured.banks[0], Some(authority)),
        "one that does not believe the node" => server(&secured.banks[place], Some(&strangers)),
        _ => server(&secured.banks[place], Some(authority)),
    }
}

fn pay(secured: &Secured<'_>, site: &Site, version: Version, bank: usize) -> (Letter, Answer) {
    let institution = site.institution(0);
    let letter = institution.payment(bank, 700);
    let mut connection = secured.connect(version, Some(&secured.institutions[0])).expect("the node listens");
    let response = connection.post(PATH, &letter.seal(&institution.identity().key)).expect("an answer");
    (letter, site.believe(&response))
}

fn check(version: Version) {
    let versions = if version == Version::Tls12 { "1.2" } else { "1.3" };
    let site = Site::with(NODE, &Behaviours::healthy(), |options| options.banks = CASES.len());
    assert_eq!(site.institution(0).reserve_bank(), 0, "the reserve account is at the good one");
    let secured = Secured::new(&site);
    secured.write_revoked(&[&secured.banks[5]]);
    for place in 0..CASES.len() {
        secured.bank_fronts[place].set(shown(&secured, &site, place));
    }
    let plain = site.counterparties().bank_addresses()[7];
    site.move_bank(7, "https", plain);
    site.configure("tls", [("versions", Value::String(versions.to_owned()))]);
    let _node = site.start();
    for (place, case) in CASES.into_iter().enumerate() {
        let (letter, receipt) = pay(&secured, &site, version, place);
        let told = format!("{case}, {versions}: {receipt}");
        let book = site.book(place, id_of(&letter), Leg::Debit);
        if place == 0 {
            assert_eq!((receipt.status(), book.executed), (Some(TrxStatus::Success), 1), "{told}");
        } else {
            // Not a byte of the leg has left: no money moved, and nobody has to be asked.
            assert_eq!(receipt.status(), Some(TrxStatus::Failure), "{told}");
            assert_eq!((receipt.code().as_str(), book.requests, book.queries), ("PS500030", 0, 0), "{told}");
            assert_eq!(secured.bank_fronts[place].counts().request_bytes, 0, "{told}");
        }
    }
    mend(&secured, &site, version);
}

/// A bank that shows a good certificate again is believed again, without a restart.
fn mend(secured: &Secured<'_>, site: &Site, version: Version) {
    let front: &Front = &secured.bank_fronts[1];
    front.set(server(&secured.banks[1], Some(&secured.authority)));
    wait::until("payments at the mended bank", || {
        (pay(secured, site, version, 1).1.status() == Some(TrxStatus::Success)).then_some(())
    });
}

#[test]
fn a_bank_that_proves_nothing_is_sent_nothing_over_tls_1_2() {
    check(Version::Tls12);
}

#[test]
fn a_bank_that_proves_nothing_is_sent_nothing_over_tls_1_3() {
    check(Version::Tls13);
}
