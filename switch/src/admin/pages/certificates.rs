//! Certificates as a part that is loaded anew.

use std::sync::Arc;

use clearway_crypto::transport::{Material, not_after};
use serde_json::{Value, json};

use super::keys::{Load, Loaded};
use crate::error::{Error, Fault};
use crate::net::transport::Tls;

/// Has `tls` stand on what `read` reads.
pub fn load_certificates(read: impl Fn() -> Result<Material, Error> + Send + Sync + 'static, tls: &Arc<Tls>) -> Load {
    let tls = Arc::clone(tls);
    Box::new(move || {
        let material = read()?;
        let note = note(&material);
        let prepared = tls.prepare(material);
        let prepared = prepared
            .map_err(|error| Error::new(Fault::Configuration, error.to_string()).at("certificates").caused_by(error))?;
        let tls = Arc::clone(&tls);
        let install = Box::new(move || {
            let generation = tls.install(prepared);
            tracing::info!(generation, "certificates are in force");
        });
        Ok(Loaded { note, install })
    })
}

/// What was loaded, for the journal.
fn note(material: &Material) -> Value {
    let certificate = material.credentials.certificate();
    let digest = clearway_crypto::sha256(certificate);
    json!({
        "certificate_sha256": digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
        "until_s": not_after(certificate).ok(),
        "authorities": material.trust.authorities(),
        "revocation_lists": material.trust.revocation_lists(),
    })
}
