//! A site with mutual TLS on every line, over certificates that the test has made.
//!
//! ```text
//! test: Secured::connect(institution) --TLS--> node --TLS--> Front of each bank and institution --plain--> simulated ones
//! ```
//!
//! Invariant: names are those of the default rule (`<id>.participant.internal`, `<id>.switch.internal`, ids in lower case); files are
//! those that `[tls]` names, and changing them changes nothing before a reload.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use clearway_codec::InstitutionId;
use rustls::ClientConfig;
use toml::Value;

use crate::http::Connection;
use crate::pki::{Authority, Paper, Term};
use crate::site::Site;
use crate::tls::{Believes, Front, Version, client, server};

const CERTIFICATE: &str = "tls/node.cert.pem";
const KEY: &str = "tls/node.key.pem";
const AUTHORITIES: &str = "tls/authorities.pem";
const REVOKED: &str = "tls/revoked.crl.pem";

/// The certificates of a site, and the boxes in front of its participants.
#[derive(Debug)]
pub struct Secured<'s> {
    site: &'s Site,
    /// Whose certificates are believed.
    pub authority: Authority,
    /// The institutions' certificates, in the order of the configuration.
    pub institutions: Vec<Paper>,
    /// The banks', likewise.
    pub banks: Vec<Paper>,
    /// The boxes in front of the banks, likewise.
    pub bank_fronts: Vec<Front>,
    /// The boxes in front of the institutions' notice desks.
    pub institution_fronts: Vec<Front>,
}

/// The DNS name of a participant.
#[must_use]
pub fn participant_name(id: InstitutionId) -> String {
    format!("{}.participant.internal", id.as_str().to_ascii_lowercase())
}

impl<'s> Secured<'s> {
    /// Gives every line of `site` TLS; a node that is started afterwards uses it.
    ///
    /// # Panics
    /// If the site's folder cannot be written.
    #[must_use]
    pub fn new(site: &'s Site) -> Self {
        let authority = Authority::new("authority of the test");
        let ids = |identities: Vec<InstitutionId>| -> Vec<Paper> {
            identities.into_iter().map(|id| authority.issue(&[&participant_name(id)], Term::Now)).collect()
        };
        let parties = site.parties();
        let institutions = ids(parties.institutions.iter().map(|one| one.identity.id).collect());
        let banks = ids(parties.banks.iter().map(|one| one.identity.id).collect());
        let fronts = |papers: &[Paper], addresses: &[SocketAddr]| -> Vec<Front> {
            let pairs = papers.iter().zip(addresses);
            pairs.map(|(paper, address)| Front::before(*address, server(paper, Some(&authority)))).collect()
        };
        let bank_fronts = fronts(&banks, &site.counterparties().bank_addresses());
        let institution_fronts = fronts(&institutions, &site.counterparties().institution_addresses());
        let secured = Self { site, authority, institutions, banks, bank_fronts, institution_fronts };
        secured.tell_node();
        secured
    }

    /// The DNS name of the node.
    #[must_use]
    pub fn node_name(&self) -> String {
        format!("{}.switch.internal", self.site.parties().node.id.as_str().to_ascii_lowercase())
    }

    /// A client that shows `paper`, or nothing, and believes the site's authority.
    #[must_use]
    pub fn client(&self, version: Version, paper: Option<&Paper>) -> Arc<ClientConfig> {
        client(version, paper, Believes::Authority(&self.authority))
    }

    /// Opens a connection to the node.
    ///
    /// # Errors
    /// As [`Connection::open_tls`].
    pub fn connect(&self, version: Version, paper: Option<&Paper>) -> io::Result<Connection> {
        Connection::open_tls(self.site.address(), &self.client(version, paper), &self.node_name())
    }

    /// Puts another certificate of the node in the place of the one in the file.
    ///
    /// # Panics
    /// If the file cannot be written.
    pub fn write_node(&self, paper: &Paper) {
        self.write(CERTIFICATE, &paper.certificate_pem);
        self.write(KEY, &paper.key_pem);
    }

    /// Puts these authorities in the place of those in the file.
    ///
    /// # Panics
    /// If the file cannot be written.
    pub fn write_authorities(&self, authorities: &[&Authority]) {
        self.write(AUTHORITIES, &authorities.iter().map(|authority| authority.pem()).collect::<String>());
    }

    /// Puts a list that revokes these in the place of the one in the file.
    ///
    /// # Panics
    /// If the file cannot be written.
    pub fn write_revoked(&self, papers: &[&Paper]) {
        self.write_lists(&[(&self.authority, papers)]);
    }

    /// Puts the lists of these authorities in the place of those in the file.
    ///
    /// # Panics
    /// If the file cannot be written.
    pub fn write_lists(&self, lists: &[(&Authority, &[&Paper])]) {
        self.write(REVOKED, &lists.iter().map(|(authority, papers)| authority.revoke(papers)).collect::<String>());
    }

    fn tell_node(&self) {
        fs::create_dir_all(self.site.dir().join("tls")).expect("a folder");
        self.write_node(&self.authority.issue(&[&self.node_name()], Term::Now));
        self.write_authorities(&[&self.authority]);
        self.write_revoked(&[]);
        let text = |text: &str| Value::String(text.to_owned());
        let lists = Value::Array(vec![text(REVOKED)]);
        let keys = [("certificate", text(CERTIFICATE)), ("private_key", text(KEY)), ("ca", text(AUTHORITIES))];
        self.site.configure("tls", keys.into_iter().chain([("revocation_lists", lists)]));
        self.site.configure("listen", [("transport", text("mtls"))]);
        for (place, front) in self.bank_fronts.iter().enumerate() {
            self.site.move_bank(place, "https", front.address());
        }
        for (place, front) in self.institution_fronts.iter().enumerate() {
            self.site.move_institution(place, "https", front.address());
        }
    }

    /// Whole, or not at all: a reload may read it at any moment.
    fn write(&self, name: &str, text: &str) {
        let path = self.site.dir().join(name);
        let beside = path.with_extension("new");
        fs::write(&beside, text).expect("the file can be written");
        fs::rename(beside, path).expect("the file can be put in place");
    }
}
