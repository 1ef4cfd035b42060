//! Connections as the rest of `net` uses them: plain TCP or mutual TLS, behind one face.
//!
//! ```text
//! Connector::connect(authority) --> Transport                     (to a participant, on the caller's reactor)
//! Acceptor::accept(tcp) ----------> Transport + Peer              (from one)
//!        '-- handshake on the Door's own thread, then back to the worker's reactor
//! Tls: certificate, trust and tickets, swapped whole by a reload; each swap is a generation
//! ```
//!
//! Invariants: no byte of a request leaves before the peer has proved the name it was asked for. A resumed session is
//! judged like a new one, at the present time and by the present lists. What strangers make a node compute happens on the door's
//! thread, never on a worker's. Plain TCP costs nothing of all this.

mod acceptor;
mod connector;
mod door;
mod identity;
mod peer;
mod port;
#[cfg(test)]
pub(crate) mod samples;
mod stream;
#[cfg(test)]
mod tests;
mod tls;
mod transports;

pub use acceptor::{Accepted, Acceptor};
pub use clearway_crypto::transport::{Material, Refusal};
pub use connector::{ConnectFault, Connector, own_certificate_refused};
pub use door::{Door, DoorOptions};
pub use identity::{Identity, Names};
pub use peer::Peer;
pub use stream::Transport;
pub use tls::{Prepared, Tls, Uses};
pub use transports::Transports;
