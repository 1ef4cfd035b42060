//! The capacity report: what this machine carries, and what a target rate therefore takes.
//!
//! ```text
//! raw/*.json, raw/*.hlog -> Measurements --+
//!                              Request ----+-> model -> Answer -> report.json, report.html
//! ```
//!
//! Everything right of the raw files is a pure function of them, so that a report can be derived again and compared.

pub mod model;
