//! `[admin]`: the operator's door, and who may come through it from other machines.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use clearway_crypto::transport::{Material, Versions};
use serde::{Deserialize, Serialize};

use super::sections::loopback;
use super::text;
use super::tls::TlsFiles;
use crate::error::{Error, Fault};

/// `[admin]`: the operator's door, see [`crate::admin`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdminSection {
    /// `address`: default 127.0.0.1:9209. Port 0 lets the system choose. One that other machines can reach needs `tls`.
    pub address: SocketAddr,
    /// `allow_non_loopback`: of earlier versions, which let other machines in without knowing who they were. Has no
    /// effect any more; `true` without `tls` on an address of other machines is refused with the remedy.
    pub allow_non_loopback: bool,
    /// `[admin.tls]`: without it the door is plain HTTP for programs on this machine alone.
    pub tls: Option<AdminTls>,
}

/// `[admin.tls]`: the door with certificates on both sides. Then nobody comes in without one, from this machine
/// neither.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminTls {
    /// `certificate`: the door's own, PEM, with the certificates between it and its authority behind it.
    pub certificate: PathBuf,
    /// `private_key`: of the certificate, PKCS#8 PEM.
    pub private_key: PathBuf,
    /// `ca`: certificates of the authorities that operators' certificates come from, PEM.
    pub ca: PathBuf,
    /// `revocation_lists`: of those authorities, PEM or DER each; once there is one, there must be one of each
    /// authority. Default none.
    #[serde(default)]
    pub revocation_lists: Vec<PathBuf>,
    /// `operators`: who may come in, and what each may do.
    pub operators: Vec<OperatorRule>,
    /// `name`: the DNS name in the door's certificate. Default `<node id in lower case>.switch.internal`.
    #[serde(default)]
    pub name: Option<String>,
    /// `client`: what the operator's commands on this machine show at the door, unless they are told on the command
    /// line. The node itself does not read it.
    #[serde(default)]
    pub client: Option<ClientFiles>,
}

/// One operator.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorRule {
    /// `name`: the first part of the DNS name in his certificate, `<name>.operator.internal`; also who made a change.
    pub name: String,
    /// `right`: `"read"` or `"change"`.
    pub right: Right,
}

/// What a caller must be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Right {
    /// To see.
    Read,
    /// To see and to change.
    Change,
}

/// A certificate and its key, as an operator's command uses them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientFiles {
    /// `certificate`: the operator's, PEM.
    pub certificate: PathBuf,
    /// `private_key`: of the certificate, PKCS#8 PEM.
    pub private_key: PathBuf,
}

impl Default for AdminSection {
    fn default() -> Self {
        Self { address: loopback(9209), allow_non_loopback: false, tls: None }
    }
}

/// What an operator's command reads of `clearway.toml`: not the node's keys, and nothing is checked but this.
#[derive(Deserialize)]
struct DoorFile {
    node: NodeId,
    #[serde(default)]
    admin: AdminSection,
}

#[derive(Deserialize)]
struct NodeId {
    id: String,
}

impl AdminSection {
    /// Reads the section alone out of `clearway.toml`, for a program that is not the node; its paths and the name of its
    /// certificate are complete then.
    ///
    /// # Errors
    /// A file that cannot be read or is no TOML of this form.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let file: DoorFile = text::read(path)?;
        Ok(file.admin.resolve(path.parent().unwrap_or_else(|| Path::new("")), &file.node.id))
    }

    /// Takes relative paths from `folder`, and gives the certificate its name.
    pub(super) fn resolve(mut self, folder: &Path, node_id: &str) -> Self {
        if let Some(tls) = &mut self.tls {
            let client = tls.client.iter_mut().flat_map(|client| [&mut client.certificate, &mut client.private_key]);
            let own = [&mut tls.certificate, &mut tls.private_key, &mut tls.ca];
            for file in own.into_iter().chain(&mut tls.revocation_lists).chain(client) {
                *file = folder.join(&*file);
            }
            tls.name.get_or_insert_with(|| format!("{}.switch.internal", node_id.to_ascii_lowercase()));
        }
        self
    }

    /// Checks who can reach the door, and who may come in.
    ///
    /// # Errors
    /// The first fault found, with its key.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match &self.tls {
            Some(tls) => tls.check(),
            None if is_of_this_machine(self.address.ip()) => Ok(()),
            None => Err(self.needs_tls()),
        }
    }

    fn needs_tls(&self) -> Error {
        let more = if self.allow_non_loopback { "; allow_non_loopback is not enough any more" } else { "" };
        fault("admin.address", format!("{} can be reached from other machines{more}", self.address)).remedy(
            "use 127.0.0.1, or say in [admin.tls] which certificates the door and its operators have (certificate, \
             private_key, ca, operators)",
        )
    }
}

fn is_of_this_machine(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

impl AdminTls {
    /// Reads all its files.
    ///
    /// # Errors
    /// A file that cannot be read or does not hold what it should; the error names it.
    pub fn load(&self) -> Result<Material, Error> {
        let files = TlsFiles {
            certificate: &self.certificate,
            private_key: &self.private_key,
            ca: &self.ca,
            revocation_lists: &self.revocation_lists,
        };
        files.load("admin.tls", Versions::Both)
    }

    fn check(&self) -> Result<(), Error> {
        const KEY: &str = "admin.tls.operators";
        if self.operators.is_empty() {
            return Err(fault(KEY, "there is none, so nobody could come in"));
        }
        for (at, operator) in self.operators.iter().enumerate() {
            if !is_operator_name(&operator.name) {
                return Err(fault(KEY, format!("{:?} is no name of an operator", operator.name))
                    .remedy("1 to 40 lower-case letters, digits, - and ., as in the certificate"));
            }
            if self.operators.iter().take(at).any(|other| other.name == operator.name) {
                return Err(fault(KEY, format!("{} is there twice", operator.name)));
            }
        }
        Ok(())
    }
}

/// What can stand before `.operator.internal` in a DNS name: its labels, in lower case.
fn is_operator_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let of_dns = label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        of_dns && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    name.len() <= 40 && name.split('.').all(is_label)
}

fn fault(key: &str, what: impl Into<String>) -> Error {
    Error::new(Fault::Configuration, what).at(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TLS: &str = "certificate = \"a\"\nprivate_key = \"/b\"\nca = \"c\"\noperators = [{ name = \"li.wei\", right = \"change\" }]\n";

    fn section(text: &str) -> AdminSection {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn other_machines_need_certificates() {
        for (address, good) in
            [("127.0.0.1:1", true), ("[::1]:1", true), ("0.0.0.0:1", false), ("[::]:1", false), ("10.1.2.3:1", false)]
        {
            let plain = section(&format!("address = \"{address}\"\nallow_non_loopback = true"));
            assert_eq!(plain.check().is_ok(), good, "{address}");
            section(&format!("address = \"{address}\"\n[tls]\n{TLS}")).check().unwrap();
        }
        let text = section("address = \"10.1.2.3:1\"\nallow_non_loopback = true").check().unwrap_err().to_string();
        for part in ["admin.address", "allow_non_loopback is not enough", "[admin.tls]"] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn operators_have_names_of_their_own_that_fit_a_certificate() {
        let with = |operators: &str| {
            let text = TLS.replace("[{ name = \"li.wei\", right = \"change\" }]", operators);
            section(&format!("[tls]\n{text}")).check().map_err(|error| error.to_string())
        };
        assert!(with("[{ name = \"li.wei\", right = \"read\" }, { name = \"a-1\", right = \"change\" }]").is_ok());
        for operators in [
            "[]",
            "[{ name = \"\", right = \"read\" }]",
            "[{ name = \"Li\", right = \"read\" }]",
            "[{ name = \"li wei\", right = \"read\" }]",
            "[{ name = \"li.\", right = \"read\" }]",
            "[{ name = \"*\", right = \"read\" }]",
            "[{ name = \"li\", right = \"read\" }, { name = \"li\", right = \"change\" }]",
        ] {
            assert!(with(operators).unwrap_err().contains("admin.tls.operators"), "{operators}");
        }
    }

    #[test]
    fn a_command_reads_its_section_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("clearway.toml");
        let text =
            format!("[node]\nid = \"G4000311000018\"\nkey = 7\n[admin]\naddress = \"10.1.2.3:9\"\n[admin.tls]\n{TLS}");
        std::fs::write(&file, text).unwrap();
        let tls = AdminSection::load(&file).unwrap().tls.unwrap();
        assert_eq!((tls.certificate, tls.private_key), (dir.path().join("a"), "/b".into()));
        assert_eq!(tls.name.as_deref(), Some("g4000311000018.switch.internal"));
    }
}
