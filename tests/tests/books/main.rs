//! The books judged by others: a month against a spreadsheet of our own, and any set of payments against what must always hold.

mod month;
mod payments;
mod property;
mod sheet;
mod shop;
mod world;
