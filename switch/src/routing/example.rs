//! A leg that somebody makes up, to see how it would go.
//!
//! ```text
//! institution=Z2004944000010,bank=C1010211000012,business=agreement-payment,amount=100.00,card=#00000000000000ff
//! ```
//!
//! Also `leg` (1 or 2; the customer's when left out), `account_type`, `customer` (a digest; the card's when left out), `new`
//! (yes or no), `back` (the channel of the payment that a refund is about).

use clearway_codec::value::Amount;

use super::resolve::{digest, participant};
use crate::config::{ParticipantKind, Participants};
use crate::domain::business::{Business, rules};
use crate::domain::route::{AccountType, Asked};
use crate::domain::transaction::Leg;
use crate::error::{Error, Fault};

/// What the text of an example says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Example(Vec<(String, String)>);

/// The keys that an example may have.
const KEYS: [&str; 10] =
    ["institution", "bank", "business", "amount", "card", "leg", "account_type", "customer", "new", "back"];

impl Example {
    /// Reads pairs of key and value, with `,` or `&` between them.
    ///
    /// # Errors
    /// What is no pair, a key that an example does not have, or one that is there twice.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for pair in text.split([',', '&']).filter(|pair| !pair.is_empty()) {
            // Values are not repeated in errors: one of them may be a card number.
            let (key, value) = pair.split_once('=').ok_or_else(|| bad("example", "is no list of key=value"))?;
            if !KEYS.contains(&key) {
                return Err(bad("example", &format!("one key is none of {}", KEYS.join(", "))));
            }
            if pairs.iter().any(|(known, _)| known == key) {
                return Err(bad(key, "is there twice"));
            }
            pairs.push((key.to_owned(), value.to_owned()));
        }
        Ok(Self(pairs))
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// The example with another value for a key that it has.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl FnOnce(&str) -> String) -> Self {
        if let Some((_, known)) = self.0.iter_mut().find(|(known, _)| known == key) {
            *known = value(known);
        }
        self
    }

    /// The pairs, for the query of an address; values are letters, digits and signs that need no encoding there.
    #[must_use]
    pub fn to_query(&self) -> String {
        let pair = |(key, value): &(String, String)| format!("{key}={}", value.replace('#', "%23"));
        self.0.iter().map(pair).collect::<Vec<_>>().join("&")
    }

    /// From the query of an address.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn from_query(query: &str) -> Result<Self, Error> {
        Self::parse(&query.replace("%23", "#"))
    }

    /// The leg that it describes.
    ///
    /// # Errors
    /// The first key that is missing or cannot be.
    pub fn asked(&self, participants: &Participants) -> Result<Asked, Error> {
        let needed = |key: &str| self.get(key).ok_or_else(|| bad(key, "is missing"));
        let of_kind = |key: &str, kind| participant(participants, key, needed(key)?, kind);
        let business = self.get("business").unwrap_or("agreement-payment");
        let business = Business::from_name(business).ok_or_else(|| bad("business", "is no business"))?;
        let digest_of = |key: &str| self.get(key).map_or(Ok(0), |text| digest(key, text));
        let card = digest_of("card")?;
        let customer = digest_of("customer")?;
        Ok(Asked {
            institution: of_kind("institution", ParticipantKind::Institution)?,
            bank: of_kind("bank", ParticipantKind::Bank)?,
            leg: self.leg(business)?,
            business,
            amount_fen: self.amount_fen()?,
            account_type: match self.get("account_type") {
                Some(text) => {
                    Some(AccountType::parse(text.as_bytes()).ok_or_else(|| bad("account_type", "is not two digits"))?)
                }
                None => None,
            },
            card,
            customer: if customer == 0 { card } else { customer },
            is_new: match self.get("new") {
                None | Some("no") => false,
                Some("yes") => true,
                Some(_) => return Err(bad("new", "is yes or no")),
            },
            back: match self.get("back") {
                Some(text) => Some(text.parse().map_err(|_| bad("back", "is no number of a channel"))?),
                None => None,
            },
            is_direct_refund: false,
        })
    }

    fn leg(&self, business: Business) -> Result<Leg, Error> {
        match self.get("leg") {
            None => Ok(rules(business).customer_leg.unwrap_or(Leg::One)),
            Some("1") => Ok(Leg::One),
            Some("2") => Ok(Leg::Two),
            Some(_) => Err(bad("leg", "is 1 or 2")),
        }
    }

    fn amount_fen(&self) -> Result<u64, Error> {
        let Some(text) = self.get("amount") else { return Ok(0) };
        let amount = Amount::parse(format!("CNY{text}").as_bytes());
        amount.map(|amount| amount.fen()).map_err(|_| bad("amount", "is no amount such as 100.00"))
    }
}

fn bad(key: &str, what: &str) -> Error {
    Error::new(Fault::Configuration, what).at(key)
}
