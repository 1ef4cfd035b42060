//! Floors: what the same work costs when nothing but that work is done. Each is measured in the run that it is set against.

mod account;
mod crypto;
mod events;
mod exchange;
mod handshake;

pub use account::measure_account;
pub use crypto::{CryptoFloor, measure_crypto};
pub use events::{EventFloor, measure_events};
pub use exchange::{EXCHANGE_BODY_BYTES, ExchangeFloor, measure_exchange};
pub use handshake::{HandshakeCost, Handshakes, Parties, measure_handshakes};
