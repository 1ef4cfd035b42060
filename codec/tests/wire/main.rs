//! The wire from outside: everything here goes through the public interface only.

mod breaches;
mod forward;
mod hostile;
mod items;
mod limits;
mod reader;
mod refusals;
mod rewriting;
mod round_trip;
mod samples;
mod sealed;
mod tree;
mod vectors;
