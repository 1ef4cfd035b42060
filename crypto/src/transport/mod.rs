//! Mutual TLS between the switch and its participants: PEM in, rustls configurations and verdicts out.
//!
//! ```text
//! certificate + key (PEM) --> Credentials --.
//!                                           +--> server_config  (who connects must show a certificate)
//! CA + revocation lists ----> Trust --------+--> client_config  (who is connected to must be of the name asked for)
//!                               |
//!                               '--> check_client, check_server: the same verdict again, later
//! ```
//!
//! **Who somebody is** is in the DNS names of its certificate ([`peer_names`]), and in nothing else. Both sides always
//! show a certificate. TLS 1.2 and 1.3 of rustls over aws-lc-rs, handed over explicitly: no process default. No early
//! data: a replayed request would be a second debit.
//!
//! **Resumption** is on, and the library does not look at certificates again when a session is resumed. Whoever accepts or
//! opens a connection must therefore ask [`Trust`] again when a handshake was a resumption. Tickets are worth nothing
//! under another configuration: each makes its own keys and its own store.
//!
//! **Revocation lists** (ours): where at least one is configured, every certificate of a chain below its root must be
//! covered by one, else it is refused. A list that is past its next update still counts (stopping all
//! traffic because a file was not fetched would be worse than what it guards against); [`Trust::lists_current_until`] lets
//! the owner warn.
//!
//! Pure: no files, sockets or clock; the time comes from the [`TimeProvider`] that is handed over.

mod certificate;
mod config;
mod credentials;
mod error;
mod material;
mod refusal;
mod trust;

pub use certificate::{Validity, not_after, peer_names, validity};
pub use config::{Versions, client_config, server_config};
pub use credentials::Credentials;
pub use error::TransportError;
pub use material::Material;
pub use refusal::Refusal;
pub use rustls::time_provider::TimeProvider;
pub use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
pub use trust::Trust;
