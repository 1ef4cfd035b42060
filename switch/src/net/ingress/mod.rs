//! The listening side: `POST /preSvr` over HTTP/1.1 with keep-alive.
//!
//! ```text
//! accept -> handshake (bounded, timed) -> hyper connection -> head rules -> early refusal? -> body (bounded, timed)
//!        -> Gate::requested -> reply
//! ```
//!
//! Everything a stranger sends is bounded here: connections, those in their handshake among them, head bytes and count, body
//! bytes, and the time a request may take to arrive. One connection handles one request at a time. A connection whose
//! certificate no longer stands takes nothing new, and ends after what it has in process. Called by the worker that owns
//! the listener.

mod connection;
mod head;
mod listener;
#[cfg(test)]
mod tests;

use http::{HeaderName, HeaderValue};

pub use head::check_head;
pub use listener::{Entrance, Limits, serve};

/// The one path of the switch (wire.md 2.5: `POST https://<ip>:443/preSvr`).
pub const PATH: &str = "/preSvr";

/// Response header: microseconds inside this node, waits for banks taken off.
pub const INTERNAL_US: HeaderName = HeaderName::from_static("clearway-internal-us");

/// Response and request header: the message's code, for routing without parsing.
pub const MSG_TP: HeaderName = HeaderName::from_static("msgtp");

/// Response and request header: the original initiator.
pub const ORI_ISSR_ID: HeaderName = HeaderName::from_static("oriissrid");

/// Content type of every message.
pub const XML: HeaderValue = HeaderValue::from_static("application/xml;charset=utf-8");
