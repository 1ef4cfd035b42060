//! What an operator asks for, as JSON; strict, and every refusal names the key.
//!
//! ```text
//! {"by":"li.wei","do":"drain","participant":"C1...","link":"main"}        likewise "undrain" and "switch"
//! {"by":"li.wei","do":"switch-back","participant":"C1..."}
//! ```

use serde::Deserialize;

use super::setting::LinkChange;
use crate::settings::{Refusal, checked_name, parse};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Deed {
    Drain,
    Undrain,
    Switch,
    SwitchBack,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    by: String,
    #[serde(rename = "do")]
    deed: Deed,
    participant: String,
    link: Option<String>,
}

/// A request that was read; whether it fits is seen when it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub(super) by: String,
    pub(super) change: LinkChange,
}

impl Request {
    /// Reads the body of a call.
    ///
    /// # Errors
    /// [`Refusal::Malformed`]: not JSON of this form, no name, a link too much or too little.
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        let Body { by, deed, participant, link } = parse(body)?;
        let change = match (deed, link) {
            (Deed::Drain | Deed::Undrain, Some(link)) => {
                LinkChange::Drained { participant, link, drained: deed == Deed::Drain }
            }
            (Deed::Switch, Some(link)) => LinkChange::InUse { participant, link: Some(link) },
            (Deed::SwitchBack, None) => LinkChange::InUse { participant, link: None },
            (Deed::SwitchBack, Some(_)) => return Err(Refusal::value("link", "switch-back takes none")),
            (_, None) => return Err(Refusal::value("link", "is missing")),
        };
        Ok(Self { by: checked_name(&by)?, change })
    }
}
