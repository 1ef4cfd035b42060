//! The wire from outside: everything here goes through the public interface only.

mod forward;
mod hostile;
mod limits;
mod reader;
mod refusals;
mod round_trip;
mod samples;
mod vectors;
