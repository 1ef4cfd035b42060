//! Inputs of the pure benchmarks: the same bytes and numbers in every run, on every machine.
//!
//! Called by the benches, the instruction counts and the floors.

mod agreement;
mod message;
mod payment;
mod stages;

pub use agreement::agreement;
pub use message::{
    Evidence, INSTITUTION_KEY_PEM, QUERY_301, REFUND_205, REQUEST_201, REQUEST_201_RSA, header, leg_values,
    receipt_206, receipt_values,
};
pub use payment::{START_US, acceptance, accepted, finished, trx_id};
pub use stages::Accountant;
