//! Reserve settlement: reserve accounts are booked in total per batch, after the bank has agreed to its files (S); never payment by
//! payment, which would make them hot accounts.
//!
//! ```text
//!  all batches of a window sealed --> one sheet a bank (entry, waiting) --bank agreed to its batches--> one instruction an account
//!                                          |                                                            (file), sheet released
//!                                          '--deadline--> a case; it stays waiting
//! ```
//!
//! Files, in the bank's folder of the file server: `statements/{IssrId of the bank}/{yyyyMMdd}/reserve/`
//! `{IssrId}_{yyyyMMdd}_{1|2}_RSV_{IssrId of the institution}.txt`, and one `..._RSV_SUM.txt` over them, which is written last
//! (`switch/reserve.md` has the columns). Everything may be done again: files are the same bytes, a sheet is released once.

mod instruction;
mod sheet;
mod work;
#[cfg(test)]
mod work_tests;

pub use sheet::{ReserveSheet, SheetState, WindowEntry, sheets, windows};
pub use work::{ReserveDid, ReserveWork};
