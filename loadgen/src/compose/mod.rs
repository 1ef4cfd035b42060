//! Requests as institutions write them, about 1.4 KB with realistic contents.
//!
//! ```text
//! draw -> kind -> order (what is asked) -> form (catalogue rows + values) -> document -> signed in bursts
//! ```

mod composer;
mod form;
mod identifiers;
mod orders;
mod person;
mod subject;
mod values;

#[cfg(test)]
pub(crate) use composer::tests;
pub(crate) use composer::{Composer, Prepared, form_about, message_about};
pub(crate) use form::{Form, Opinion};
pub(crate) use identifiers::{bank_transaction_id, fresh_run_number, is_of_bank, run_number_of};
pub use person::ACCOUNT_PREFIX;
pub(crate) use person::Person;
