//! Queueing formulas: Erlang B and C, M/M/c, M/G/1, Little's law.
//!
//! They are bounds to set beside a measurement and no substitute for one: arrivals at a station inside the switch are not
//! Poisson, service times not exponential. `checks` says for each what it assumes.
//!
//! Sources: A. K. Erlang 1917; D. Gross et al., "Fundamentals of Queueing Theory", 4th edition 2008, sections 2.3 and 5.1;
//! J. D. C. Little 1961.

mod checks;
mod formulas;

#[cfg(test)]
mod simulated;

pub(crate) use checks::{little, queues};
pub use formulas::{Service, erlang_b, erlang_c, little_in_flight, mg1_wait, mmc_wait};
