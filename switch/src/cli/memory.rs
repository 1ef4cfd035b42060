//! Memory that a node has once used stays with it.
//!
//! mimalloc gives unused memory back after 10 ms, in pieces that the kernel must clear when they are used again. A node
//! under load uses them again within the same 10 ms: measured, that cost it 15 us of CPU a payment at 3,500/s. Called once, when
//! a process begins to serve; only the binaries of this workspace have mimalloc as their allocator.
#![allow(unsafe_code, reason = "mimalloc's options are set through its C interface")]

use std::ffi::c_long;

use libmimalloc_sys::{mi_option_set, mi_option_t};

/// `mi_option_purge_delay` of mimalloc.h, versions 2 and 3; the crate has no name for it. Milliseconds.
const PURGE_DELAY: mi_option_t = 15;
/// Never.
const NEVER: c_long = -1;

/// Keeps what is freed, for the rest of the process.
pub(super) fn keep() {
    // SAFETY: `mi_option_set` stores one number in a table that the allocator reads atomically; it takes any number of an
    // option that exists, and an unknown one is ignored. It may be called at any time from any thread.
    unsafe { mi_option_set(PURGE_DELAY, NEVER) };
}
