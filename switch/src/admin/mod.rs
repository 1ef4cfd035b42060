//! The operator's door: what the node shows and lets be changed, over HTTP on an address of its own.
//!
//! ```text
//!  connection --> site: meant for this door? --> table: which page, which right? --> caller: has he it? --> intake: the body
//!             --> the area that answers the page (Pages)
//!
//! GET  /metrics                  OpenMetrics text
//! GET  /healthz                  200 as long as the process answers
//! GET  /readyz                   200 when the node takes payments, 503 and the reason otherwise
//! GET  /status                   JSON: journal driver, latencies over the window, payments by status, CPU, memory
//! POST /status/reset-histogram   starts a new window for the latencies of /status
//! POST /keys/reload              reads the key manifest, the decryption keys and the certificates again and swaps them
//! GET  /participants             JSON: what every participant may do, and who changed it
//! POST /participants/ID          changes businesses, rate, pacing, drained of one
//! GET  /limits                   JSON: every limit in force
//! POST /limits                   changes the limits of a layer
//! GET  /maintenance              JSON: windows announced and running
//! POST /maintenance              announces a window, or takes one back
//! *    /cases... /agreements...  the registers' pages
//! GET  /links                    how every link is: JSON, or HTML for a browser
//! POST /links                    drains or undrains a link, switches to one, switches back
//! GET  /routes                   JSON: the table of routes in force, and how its channels do
//! POST /routes                   changes it: a whole table, the cut-over alone, one channel off or on
//! GET  /routes/why?...           JSON: over which channel an example would go, and why
//! GET  /history                  JSON: who changed what and when, of all areas, newest first
//! GET  /operations               the last minute of joint operations: JSON, or HTML for a browser
//! GET  /books                    JSON: batches, how far they are, what they wait for
//! GET  /books/agreements/BATCH   JSON: which participants have agreed to its files
//! POST /books/agreements/BATCH   {"by","participant"}: a bank agrees to them
//! GET  /books/cases              JSON: what a person should look at; ?all: closed cases too
//! GET  /books/cases/ID           JSON: one case
//! POST /books/cases/ID           {"by","note"}: closes it
//! GET  /books/days               JSON: the accounting days that have ended
//! GET  /books/days/DAY           JSON: the report of one
//! GET  /books/reserve            JSON: bookings on reserve accounts, and what waits for its bank
//! GET  /books/batches/BATCH      JSON: what the journal keeps of one
//! POST /books/batches/BATCH      has a stopped one computed again, or what fails of another tried at once
//! GET  /books/orders             JSON: sessions, and orders to the large-value system that are not acknowledged
//! GET  /books/orders/ORDER       JSON: one order and its document
//! POST /books/orders/ORDER       judges it: acknowledged, rejected, to be made or sent again
//! anything else                  404; another method: 405; another site's page: 403; another host's name: 421
//! ```
//!
//! Invariant: the server runs on a thread of its own and answers however busy the workers are; a stranger can hold
//! at most a few short connections, and from other machines none at all. What a page needs stands in one table
//! ([`PAGES`]). A change is JSON with the name of who makes it (`"by"`), journaled before it is in force. Called by: the
//! node.

mod caller;
mod entrance;
mod hooks;
mod intake;
mod pages;
mod refusals;
mod registers;
mod server;
mod site;
mod table;
#[cfg(test)]
mod tests;

pub use entrance::Entrance;
pub use hooks::{Answer, Call, Content, Hooks, Pages};
pub use pages::{
    AdmissionPages, BatchPages, BookCasePages, BooksPages, DayPages, DifferencePages, Explain, HistoryPages, KeyPages,
    LinkPages, Load, Loaded, NodePages, OperationsPages, OrderPages, Readiness, Ready, RecordEntries, Reload,
    ReservePages, RoutePages, load_certificates,
};
pub use registers::{Digest, FindPayment, RegisterPages};
pub use server::Admin;
pub use table::{Area, PAGES, Page, Right};
