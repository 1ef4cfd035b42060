//! The books as somebody would keep them in a spreadsheet: one row a payment, columns by formulas that stand in the rules of business
//! (section 7), and sums over rows. Knows nothing of the switch: days are numbers, participants are numbers, money is fen.

mod calendar;
mod columns;
mod rows;
mod sums;

pub(crate) use calendar::{Batch, Session, date};
pub(crate) use rows::{Correction, Kind, Row, Sheet, october};
