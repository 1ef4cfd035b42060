//! Certificates, authorities and revocation lists change under load: who still stands loses nothing, who does not is out.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use clearway_codec::{TrxId, TrxStatus};
use clearway_loadgen::bank::Leg;
use clearway_tests::http::Connection;
use clearway_tests::institution::{PATH, id_of};
use clearway_tests::pki::{Authority, Paper, Term};
use clearway_tests::process::NodeProcess;
use clearway_tests::secure::{Secured, participant_name};
use clearway_tests::site::Site;
use clearway_tests::tls::{Version, server};
use clearway_tests::{admin, wait};

use crate::site;

const PAYER_BANK: usize = 1;
/// Connections that pay, half of each version.
const PAYERS: usize = 4;
/// Payments between two changes.
const BETWEEN: u64 = 40;

/// Payments one after the other on keep-alive connections, until they are told to stop.
struct Payers<'s> {
    site: &'s Site,
    secured: &'s Secured<'s>,
    stop: AtomicBool,
    paid: AtomicU64,
    /// Connections that were opened.
    opened: AtomicU64,
    payments: Mutex<Vec<TrxId>>,
}

impl<'s> Payers<'s> {
    fn new(site: &'s Site, secured: &'s Secured<'s>) -> Self {
        Self {
            site,
            secured,
            stop: AtomicBool::new(false),
            paid: AtomicU64::new(0),
            opened: AtomicU64::new(0),
            payments: Mutex::default(),
        }
    }

    /// One connection, and another where the node has ended it between two exchanges.
    fn pay(&self, version: Version, paper: &Paper) {
        let mut connection: Option<Connection> = None;
        while !self.stop.load(Ordering::Relaxed) {
            let mut open = connection.take().unwrap_or_else(|| self.open(version, paper));
            if self.pay_once(&mut open) {
                connection = Some(open);
            }
        }
    }

    fn open(&self, version: Version, paper: &Paper) -> Connection {
        self.opened.fetch_add(1, Ordering::Relaxed);
        self.secured.connect(version, Some(paper)).expect("who still stands is let in")
    }

    /// Whether the connection is still good. A payment whose connection ended is sent again as it is, as an institution does.
    fn pay_once(&self, connection: &mut Connection) -> bool {
        let institution = self.site.institution(0);
        let letter = institution.payment(PAYER_BANK, 300);
        let bytes = letter.seal(&institution.identity().key);
        let Ok(response) = connection.post(PATH, &bytes) else { return false };
        let answer = self.site.believe(&response);
        assert_eq!(answer.status(), Some(TrxStatus::Success), "{answer}");
        self.payments.lock().expect("no payer panicked").push(id_of(&letter));
        self.paid.fetch_add(1, Ordering::Relaxed);
        true
    }

    fn await_more(&self) {
        let before = self.paid.load(Ordering::Relaxed);
        wait::until("payments going on", || (self.paid.load(Ordering::Relaxed) >= before + BETWEEN).then_some(()));
    }

    /// Every payment moved its money once.
    fn judge(self) {
        let payments = self.payments.into_inner().expect("no payer panicked");
        let reserve = self.site.institution(0).reserve_bank();
        for id in &payments {
            let books =
                [(PAYER_BANK, Leg::Debit), (reserve, Leg::Credit)].map(|(place, leg)| self.site.book(place, *id, leg));
            assert!(
                books.iter().all(|book| (book.requests, book.executed, book.queries) == (1, 1, 0)),
                "{id}: {books:?}"
            );
        }
    }
}

fn reload(node: &NodeProcess) {
    let reloaded = admin::reload_keys(node.ready.admin);
    assert_eq!(reloaded.status, 200, "{}", String::from_utf8_lossy(&reloaded.body));
}

/// Runs `changes` under load, in which not one exchange may break.
fn under_load(changes: impl FnOnce(&Site, &Secured<'_>, &NodeProcess, &dyn Fn())) {
    let site = site();
    let secured = Secured::new(&site);
    let node = site.start();
    let payers = Payers::new(&site, &secured);
    std::thread::scope(|scope| {
        for number in 0..PAYERS {
            let payers = &payers;
            scope.spawn(move || payers.pay(Version::ALL[number % 2], &payers.secured.institutions[0]));
        }
        payers.await_more();
        changes(&site, &secured, &node, &|| payers.await_more());
        payers.stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(payers.opened.load(Ordering::Relaxed), PAYERS as u64, "connections were ended that still stood");
    payers.judge();
}

#[test]
fn new_certificates_of_node_and_banks_cost_no_payment() {
    under_load(|site, secured, node, await_more| {
        for _ in 0..3 {
            secured.write_node(&secured.authority.issue(&[&secured.node_name()], Term::Now));
            reload(node);
            for (place, front) in secured.bank_fronts.iter().enumerate() {
                let name = participant_name(site.parties().banks[place].identity.id);
                front.set(server(&secured.authority.issue(&[&name], Term::Now), Some(&secured.authority)));
            }
            await_more();
        }
    });
}

#[test]
fn a_second_authority_comes_and_goes_without_a_payment_lost() {
    under_load(|site, secured, node, await_more| {
        let second = Authority::new("the next one");
        let name = participant_name(site.institution(0).identity().id);
        let paper = second.issue(&[&name], Term::Now);
        let is_in = || pays(site, secured, &paper);
        assert!(!is_in(), "nobody knows it yet");
        secured.write_lists(&[(&secured.authority, &[]), (&second, &[])]);
        secured.write_authorities(&[&secured.authority, &second]);
        reload(node);
        assert!(is_in(), "it is believed from the reload on");
        await_more();
        secured.write_authorities(&[&secured.authority]);
        secured.write_lists(&[(&secured.authority, &[])]);
        reload(node);
        assert!(!is_in(), "it is believed no more");
        await_more();
    });
}

#[test]
fn a_revoked_certificate_is_out_and_the_others_lose_nothing() {
    under_load(|site, secured, node, await_more| {
        let name = participant_name(site.institution(0).identity().id);
        for version in Version::ALL {
            let stolen = secured.authority.issue(&[&name], Term::Now);
            let mut open = secured.connect(version, Some(&stolen)).expect("it is good yet");
            let post = |connection: &mut Connection| {
                let letter = site.institution(0).payment(PAYER_BANK, 100);
                connection.post(PATH, &letter.seal(&site.institution(0).identity().key)).is_ok()
            };
            assert!(post(&mut open), "{version:?}: it is good yet");
            secured.write_revoked(&[&stolen]);
            reload(node);
            wait::until("the end of a connection that no longer stands", || (!post(&mut open)).then_some(()));
            assert!(!pays(site, secured, &stolen), "{version:?}: revoked");
            await_more();
        }
    });
}

/// Files that cannot be used change nothing, and the node says which it was.
#[test]
fn a_reload_of_rubbish_is_refused_and_changes_nothing() {
    under_load(|_, secured, node, await_more| {
        let good = secured.authority.issue(&[&secured.node_name()], Term::Now);
        let other = secured.authority.issue(&[&secured.node_name()], Term::Now);
        secured.write_node(&Paper { key_pem: other.key_pem, ..good.clone() });
        let refused = admin::reload_keys(node.ready.admin);
        let said = String::from_utf8_lossy(&refused.body).into_owned();
        assert!(refused.status >= 400 && said.contains("node.key.pem"), "{said}");
        await_more();
        secured.write_node(&good);
        reload(node);
        await_more();
    });
}

/// Whether a payment with this certificate goes through.
fn pays(site: &Site, secured: &Secured<'_>, paper: &Paper) -> bool {
    let institution = site.institution(0);
    let letter = institution.payment(PAYER_BANK, 100).seal(&institution.identity().key);
    let outcome = secured.connect(Version::Tls13, Some(paper)).and_then(|mut open| open.post(PATH, &letter));
    outcome.is_ok_and(|response| site.believe(&response).status() == Some(TrxStatus::Success))
}
