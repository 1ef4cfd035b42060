//! Who connects to the node.

use std::io;

use clearway_codec::{MessageType, TrxStatus};
use clearway_loadgen::bank::Leg;
use clearway_tests::http::{Connection, Response};
use clearway_tests::institution::{PATH, id_of};
use clearway_tests::letter::Letter;
use clearway_tests::pki::{Authority, Paper, Term};
use clearway_tests::secure::{Secured, participant_name};
use clearway_tests::site::Site;
use clearway_tests::tls::{Believes, Version, client};

use crate::{NODE, site};

const PAYER_BANK: usize = 1;

/// A certificate that gets nobody in.
struct Case {
    what: &'static str,
    paper: Option<Paper>,
}

fn cases(secured: &Secured<'_>, name: &str, stranger: &Authority, revoked: Paper) -> Vec<Case> {
    let self_made = Authority::new(name);
    let issued = |what, paper| Case { what, paper: Some(paper) };
    vec![
        Case { what: "no certificate", paper: None },
        issued("an unknown authority", stranger.issue(&[name], Term::Now)),
        issued("an authority of the participant's own", self_made.issue(&[name], Term::Now)),
        issued("expired", secured.authority.issue(&[name], Term::Over)),
        issued("not yet valid", secured.authority.issue(&[name], Term::Later)),
        issued("revoked", revoked),
    ]
}

/// Posts a payment of the first institution with what `paper` opens.
fn post(
    secured: &Secured<'_>,
    site: &Site,
    version: Version,
    paper: Option<&Paper>,
    letter: &Letter,
) -> io::Result<Response> {
    secured.connect(version, paper)?.post(PATH, &letter.seal(&site.institution(0).identity().key))
}

fn assert_untouched(site: &Site, letter: &Letter, told: &str) {
    assert_eq!(site.book(PAYER_BANK, id_of(letter), Leg::Debit).requests, 0, "{told}");
}

#[test]
fn who_proves_nothing_gets_no_connection() {
    let site = site();
    let secured = Secured::new(&site);
    let institution = site.institution(0);
    let name = participant_name(institution.identity().id);
    let revoked = secured.authority.issue(&[&name], Term::Now);
    secured.write_revoked(&[&revoked]);
    let mut node = site.start();
    let cases = cases(&secured, &name, &Authority::new("somebody else"), revoked);
    for version in Version::ALL {
        for Case { what, paper } in &cases {
            let letter = institution.payment(PAYER_BANK, 500);
            let told = format!("{what}, {version:?}");
            let outcome = post(&secured, &site, version, paper.as_ref(), &letter);
            assert!(outcome.is_err(), "{told}: {outcome:?}");
            assert_untouched(&site, &letter, &told);
        }
        let letter = institution.payment(PAYER_BANK, 500);
        let response = post(&secured, &site, version, Some(&secured.institutions[0]), &letter).expect("an answer");
        assert_eq!(site.believe(&response).status(), Some(TrxStatus::Success), "{version:?}");
    }
    assert!(node.is_running());
}

/// A good certificate of another participant opens a connection, and says nothing for whom it is not.
#[test]
fn another_participants_certificate_is_an_impostors() {
    let site = site();
    let secured = Secured::new(&site);
    let _node = site.start();
    let institution = site.institution(0);
    let others = [&secured.institutions[1], &secured.banks[0], &secured.banks[PAYER_BANK]];
    for version in Version::ALL {
        for (place, paper) in others.into_iter().enumerate() {
            let letter = institution.payment(PAYER_BANK, 500);
            let told = format!("certificate {place}, {version:?}");
            let response = post(&secured, &site, version, Some(paper), &letter).expect("an answer");
            let answer = site.believe(&response);
            assert_eq!(
                (answer.message_type(), answer.code().as_str()),
                (MessageType::Epcc303, "ES000021"),
                "{told}: {answer}"
            );
            assert_untouched(&site, &letter, &told);
        }
        let nobody = secured.authority.issue(&["nobody.participant.internal"], Term::Now);
        let letter = institution.payment(PAYER_BANK, 500);
        let outcome = post(&secured, &site, version, Some(&nobody), &letter);
        let refused = outcome.as_ref().is_ok_and(|response| site.believe(response).code() == "ES000021");
        assert!(outcome.is_err() || refused, "{version:?}: {outcome:?}");
        assert_untouched(&site, &letter, "a name of nobody's");
    }
}

/// One box may stand before several participants: its certificate names all of them.
#[test]
fn a_certificate_with_two_names_speaks_for_both() {
    let site = site();
    let secured = Secured::new(&site);
    let _node = site.start();
    let names = [0, 1].map(|place| participant_name(site.institution(place).identity().id));
    let paper = secured.authority.issue(&[&names[0], &names[1]], Term::Now);
    for version in Version::ALL {
        let mut connection = secured.connect(version, Some(&paper)).expect("a connection");
        for place in [0, 1, 0] {
            let institution = site.institution(place);
            let letter = institution.payment(PAYER_BANK, 500).seal(&institution.identity().key);
            let response = connection.post(PATH, &letter).expect("an answer");
            assert_eq!(site.believe(&response).status(), Some(TrxStatus::Success), "{place}, {version:?}");
        }
    }
}

/// The node shows a certificate of its own name to whoever connects.
#[test]
fn the_node_proves_its_name() {
    let site = site();
    let secured = Secured::new(&site);
    let _node = site.start();
    let config = secured.client(Version::Tls13, Some(&secured.institutions[0]));
    let other = Connection::open_tls(site.address(), &config, "other.switch.internal");
    assert!(other.is_err(), "it proves any name");
    let strangers = Authority::new("somebody else");
    let config = client(Version::Tls12, Some(&secured.institutions[0]), Believes::Authority(&strangers));
    assert!(Connection::open_tls(site.address(), &config, &secured.node_name()).is_err(), "any authority proves it");
}

#[test]
fn plain_http_gets_nothing_from_a_port_with_tls() {
    let site = site();
    let secured = Secured::new(&site);
    let _node = site.start();
    let institution = site.institution(0);
    let letter = institution.payment(PAYER_BANK, 500);
    let outcome = institution.try_post(&letter.seal(&institution.identity().key));
    assert!(outcome.is_err(), "{outcome:?}");
    assert_untouched(&site, &letter, "plain HTTP");
    let response = post(&secured, &site, Version::Tls13, Some(&secured.institutions[0]), &letter).expect("an answer");
    assert_eq!(site.believe(&response).status(), Some(TrxStatus::Success));
}

#[test]
fn tls_gets_nothing_from_a_plain_port() {
    let site = site();
    let mut node = site.start();
    let authority = Authority::new("the test's");
    let paper = authority.issue(&["a.participant.internal"], Term::Now);
    for version in Version::ALL {
        let config = client(version, Some(&paper), Believes::Anything);
        assert!(Connection::open_tls(site.address(), &config, "a.switch.internal").is_err(), "{version:?}");
    }
    let _ = site.institution(0).pay();
    assert!(node.is_running());
}

/// Without the words for it there is no plain port: a configuration that leaves out transport and certificates does not start.
#[test]
fn a_port_is_plain_only_where_the_configuration_says_so() {
    let site = Site::new(NODE);
    let config = std::fs::read_to_string(site.config()).expect("the configuration");
    let plain: Vec<_> = config.lines().filter(|line| line.trim_start().starts_with("transport")).collect();
    assert_eq!(plain.len(), 1, "{plain:?}");
    std::fs::write(site.config(), config.replace(plain[0], "")).expect("written");
    let ended = site.try_start().map(drop).expect_err("it does not start");
    assert!(ended.code == Some(3) && ended.log.contains("listen.transport"), "{ended}");
}
