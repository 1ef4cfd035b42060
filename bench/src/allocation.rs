//! The binary's allocator: mimalloc, which counts what a thread asks of it while that thread wants to know.
//!
//! Invariant: an allocation is counted on the thread that asks for it, and only inside [`allocations_of`]. What C code inside a signature
//! library takes from `malloc` does not pass here.
#![allow(unsafe_code)] // a global allocator is an unsafe trait

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;

use mimalloc::MiMalloc;

/// mimalloc with a counter. Set as the global allocator by `main`.
#[derive(Debug, Default, Clone, Copy)]
pub struct CountingAllocator;

thread_local! {
    /// `None` = not counting.
    static COUNT: Cell<Option<u64>> = const { Cell::new(None) };
}

fn note_one() {
    // A thread that is ending has no counter any more, and nobody who asks.
    let _ = COUNT.try_with(|count| count.set(count.get().map(|so_far| so_far + 1)));
}

// SAFETY: every call goes to mimalloc unchanged. Counting touches a thread-local integer without a destructor and never allocates.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note_one();
        // SAFETY: the caller's obligations are passed on as they are.
        unsafe { MiMalloc.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's obligations are passed on as they are.
        unsafe { MiMalloc.dealloc(pointer, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note_one();
        // SAFETY: the caller's obligations are passed on as they are.
        unsafe { MiMalloc.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        note_one();
        // SAFETY: the caller's obligations are passed on as they are.
        unsafe { MiMalloc.realloc(pointer, layout, new_size) }
    }
}

/// How often `work` asks the allocator for memory on this thread. 0 as well when [`CountingAllocator`] is not the allocator of the program:
/// see [`is_counting`].
pub fn allocations_of(work: impl FnOnce()) -> u64 {
    COUNT.set(Some(0));
    work();
    COUNT.replace(None).unwrap_or(0)
}

/// Whether this program's allocator counts.
pub fn is_counting() -> bool {
    allocations_of(|| drop(std::hint::black_box(vec![0_u8; 64]))) == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[global_allocator]
    static ALLOCATOR: CountingAllocator = CountingAllocator;

    #[test]
    fn allocations_and_growth_count_and_frees_do_not() {
        assert!(is_counting());
        let kept = vec![1_u8; 10];
        assert_eq!(allocations_of(|| drop(kept)), 0);
        let mut growing: Vec<u64> = Vec::with_capacity(1);
        assert_eq!(allocations_of(|| growing.extend(0..100)), 1);
    }

    #[test]
    fn other_threads_and_what_comes_after_are_not_counted() {
        let counted = allocations_of(|| ());
        let _after = std::hint::black_box(vec![0_u8; 10]);
        assert_eq!(counted, 0);
        assert_eq!(COUNT.get(), None);
    }
}
