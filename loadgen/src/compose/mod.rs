//! Requests as institutions write them: 201, 205, 301, about 1.4 KB with realistic contents.

mod composer;
mod identifiers;
mod payment;
mod query;
mod refund;

pub(crate) use composer::{Composer, Prepared};
pub(crate) use identifiers::{fresh_run_number, run_number_of};
pub(crate) use query::draft_query;
