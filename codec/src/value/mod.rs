//! Values of the wire as fixed-size types: parse once, then no byte of it is checked again.
//!
//! Each type parses from the bytes of an element, writes the same bytes back, is `Copy`, and needs
//! no heap. Used by the schema check, by the accessors of [`Checked`](crate::Checked), and by the
//! switch as keys and columns of its own tables.

mod amount;
mod batch_id;
mod date;
mod digits;
mod direction;
mod dispute_batch_id;
mod error;
mod institution_id;
mod return_code;
mod serial_number;
mod time;
mod trx_id;
mod trx_status;

pub use amount::{Amount, AmountText};
pub use batch_id::BatchId;
pub use date::Date;
pub use direction::Direction;
pub use dispute_batch_id::DisputeBatchId;
pub use error::ValueError;
pub use institution_id::InstitutionId;
pub use return_code::ReturnCode;
pub use serial_number::SerialNumber;
pub use time::BeijingTime;
pub use trx_id::TrxId;
pub use trx_status::TrxStatus;

pub(crate) use digits::{all_alphanumeric, all_digits, all_printable};
