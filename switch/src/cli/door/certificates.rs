//! What an operator's command shows at a door behind certificates.

use std::path::PathBuf;

use clearway_crypto::transport::Versions;

use super::arguments::CertificateArguments;
use super::line::Line;
use crate::clock::Clock;
use crate::config::{AdminSection, TlsFiles};
use crate::error::{Error, Fault};
use crate::net::transport::{Connector, Tls};

impl CertificateArguments {
    /// The way to the door of a node with this section; what is on the command line goes before what it says.
    pub(super) fn line(&self, section: &AdminSection) -> Result<Line, Error> {
        let address = section.address.to_string();
        let Some(tls) = &section.tls else { return self.line_to(address) };
        let client = tls.client.as_ref();
        let files = self.files().or_else(|| Some((client?.certificate.clone(), client?.private_key.clone())));
        let Some((certificate, private_key)) = files else {
            return Err(Error::new(Fault::Configuration, "the door is behind certificates")
                .at("admin.tls.client")
                .remedy("say --certificate FILE --key FILE, or name both here"));
        };
        let ca = self.ca.clone().unwrap_or_else(|| tls.ca.clone());
        let name = self.name.as_deref().or(tls.name.as_deref()).unwrap_or_default();
        Ok(Line::new(address, connector(certificate, private_key, ca, name)?))
    }

    /// The way to an address, by what is on the command line alone.
    pub(super) fn line_to(&self, address: String) -> Result<Line, Error> {
        let connector = match (self.files(), &self.ca, &self.name) {
            (None, None, None) => Connector::plain(),
            (Some((certificate, key)), Some(ca), Some(name)) => connector(certificate, key, ca.clone(), name)?,
            _ => {
                return Err(Error::new(Fault::Configuration, "something is missing for a door behind certificates")
                    .remedy("say --certificate, --key, --ca and --name"));
            }
        };
        Ok(Line::new(address, connector))
    }

    fn files(&self) -> Option<(PathBuf, PathBuf)> {
        self.certificate.clone().zip(self.key.clone())
    }
}

/// Shows the certificate to whoever proves `name`.
fn connector(certificate: PathBuf, private_key: PathBuf, ca: PathBuf, name: &str) -> Result<Connector, Error> {
    let files = TlsFiles { certificate: &certificate, private_key: &private_key, ca: &ca, revocation_lists: &[] };
    let tls = Tls::new(files.load("operator", Versions::Both)?, Clock::real());
    let connector = tls.and_then(|tls| Connector::tls(tls, name));
    connector.map_err(|error| Error::new(Fault::Configuration, error.to_string()).caused_by(error))
}
