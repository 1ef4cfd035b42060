//! Everything that the TLS of one side is made from.

use std::sync::Arc;

use rustls::client::ClientConfig;
use rustls::server::ServerConfig;
use rustls::time_provider::TimeProvider;

use super::config::{Versions, client_config, server_config};
use super::credentials::Credentials;
use super::error::TransportError;
use super::trust::Trust;

/// What one side shows, whom it believes, and what it speaks. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Material {
    /// Its own certificate and key.
    pub credentials: Credentials,
    /// Whom it believes.
    pub trust: Trust,
    /// The versions that are spoken.
    pub versions: Versions,
}

impl Material {
    /// [`server_config`] of this material.
    ///
    /// # Errors
    /// [`TransportError::Configuration`] if the library refuses.
    pub fn server(&self, time: Arc<dyn TimeProvider>) -> Result<ServerConfig, TransportError> {
        server_config(&self.credentials, &self.trust, self.versions, time)
    }

    /// [`client_config`] of this material.
    ///
    /// # Errors
    /// [`TransportError::Configuration`] if the library refuses.
    pub fn client(&self, time: Arc<dyn TimeProvider>) -> Result<ClientConfig, TransportError> {
        client_config(&self.credentials, &self.trust, self.versions, time)
    }
}
