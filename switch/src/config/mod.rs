//! What an operator, or an embedding program, decides: read once, checked as a whole, then never changed.
//!
//! ```text
//! clearway.toml ----+
//! participants.toml +--> Config::load --> Config::check --> Node
//! keys/manifest.toml+          (or Config::new, in code)
//! ```
//!
//! Invariant: a [`Config`] that passed [`Config::check`] starts, unless the machine is against it. Unknown keys,
//! values out of range, missing files and contradictions are refused with file and key. Called by: the command
//! line, the node, tests.

mod admin;
mod admission;
mod books;
mod business;
mod configuration;
mod digest_check;
mod endpoint;
mod keys;
#[cfg(test)]
mod link_tests;
mod links;
mod load;
mod participants;
mod register;
mod sections;
#[cfg(test)]
mod tests;
mod text;
mod tls;

pub use admin::{AdminSection, AdminTls, ClientFiles, OperatorRule, Right};
pub use admission::{
    AdmissionFault, AdmissionRules, LimitTable, MaintenanceWindow, PairLimit, check_operations_path, parse_time,
};
pub use books::{BooksSection, Compression, FileDigest, FileEncryption};
pub use business::{BusinessSection, UnknownAgreements};
pub use configuration::Config;
pub use endpoint::{Endpoint, EndpointError};
pub use keys::{EnvelopeKeys, KeyFiles, KeySource, NodeKeys};
pub use links::{LinkConfig, LinkProbe, LinkRole, LinkSwitchBack, LinksSection};
pub use participants::{Participant, ParticipantKind, Participants};
pub use sections::{
    CheckpointSection, CryptoSection, JournalDriver, JournalSection, LimitsSection, ListenSection, ListenTransport,
    NodeSection, RoutesSection, TimingSection,
};
pub(crate) use text::read as read_toml;
pub use tls::{TlsFiles, TlsSection, TlsVersions};
