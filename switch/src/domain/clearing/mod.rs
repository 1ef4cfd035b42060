//! Clearing (清算): which batches there are, and who owes whom when one is over.
//!
//! ```text
//!  final state of a payment --> cells of its batch (participant, side, business, status) --> net position of each clearing bank
//! ```
//!
//! Invariant: money counts by final state, 00 and 03 and no other; what one bank is debited another is credited, so the positions of
//! a batch add up to nothing, always (business.md section 7).

mod adjustment;
mod batch;
mod batch_name;
mod day;
#[cfg(test)]
mod day_tests;
mod hour;
mod interest;
mod ledger;
mod order;
mod position;
mod reserve;
mod session;

pub use adjustment::Adjusted;
pub use batch::{BatchEvent, BatchPhase};
pub use batch_name::BatchName;
pub use day::{AccountingDay, BatchCheck, DayEnd, DayFacts, Difference, Turnover, end_day};
pub use hour::next_hour;
pub use interest::{Advance, INTEREST_YEAR_DAYS, Interest, interest_of};
pub use ledger::{Ledger, LedgerAccount, Movement, MovementKind};
pub use order::{ATTEMPTS_MAX, MsgId, NoOrder, Occasion, OrderEvent, OrderName, OrderSet, OrderState, OrderStep};
pub use position::{CellKey, Positions, Side, Sum, add_fen, cells_of};
pub use reserve::{ReserveAccount, ReserveSum, ReserveWindow, Reserves};
pub use session::{NOTICE_AFTER_HOURS, Opening, SESSION_WAIT_US, SessionName, Sessions};
