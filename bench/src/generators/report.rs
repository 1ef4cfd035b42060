//! What is said in words, wherever it is printed.

/// What all costs are taken against.
pub(super) const LOAD: &str = "GET, answered at once with an empty 200";

/// Where the CPU of ours goes.
pub(super) const REASON_OURS: &str = "hyper and tokio; every request has an instant of its own: a timer, a wake-up and a write for each, three instants \
     taken down, histograms for totals and for each second";

/// Where wrk's goes.
pub(super) const REASON_WRK: &str = "C over epoll with a generated parser and one fixed request; a closed loop that is always busy, so that one wake-up \
     finds many answers and the next requests leave with no timer; no schedule, one histogram";

/// Where oha's goes.
pub(super) const REASON_OHA: &str = "hyper and tokio like ours, a task for each connection; a closed loop without a rate here, so no timers; keeps every \
     result until the end";
