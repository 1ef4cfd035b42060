//! Decode, check, and reading values touch the heap not once. Counted, not believed.
#![allow(unsafe_code)] // a global allocator is an unsafe trait

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fs;
use std::path::Path;

use clearway_codec::limits::SIGNATURE_BYTES_MAX;
use clearway_codec::{Checked, Decoder, Field, MessageType, decode_signature};

/// The system's allocator, counting what the current thread asks of it.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator unchanged; counting touches a thread-local
// integer without a destructor and never allocates.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's obligations are passed on as they are.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's obligations are passed on as they are.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations_of(work: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

/// Everything a receiver does with a message before it decides.
fn receive(decoder: &mut Decoder, bytes: &[u8]) -> usize {
    let Ok(message) = decoder.decode(bytes) else {
        return 0;
    };
    let mut signature = [0; SIGNATURE_BYTES_MAX];
    let len = message.signature_text().map_or(Ok(0), |text| decode_signature(text, &mut signature));
    let Ok(checked) = message.check() else {
        return 1;
    };
    let kept = checked.fields();
    let checked = Checked::from_parts(bytes, &kept);
    let values = Field::ALL.iter().filter(|field| checked.field(**field).is_some()).count();
    let values = values + checked.items(Field::CtrlNbF).count();
    let typed = checked.trx_id(Field::TrxId).is_ok() && checked.amount(Field::TrxAmt).is_ok();
    len.unwrap_or(0) + values + usize::from(typed)
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations_of(|| drop(std::hint::black_box(vec![0_u8; 100]))), 1);
}

/// From the very first message on, good or bad, and refusals too.
#[test]
fn no_message_allocates() {
    let codec = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = ["tests/vectors", "reference/samples"].map(|folder| fs::read_dir(codec.join(folder)));
    let mut read = 0;
    for entry in entries.into_iter().flat_map(|folder| folder.expect("signed messages are there")) {
        let path = entry.expect("a file").path();
        if path.extension().is_none_or(|extension| extension != "msg") {
            continue;
        }
        let good = fs::read(&path).expect("a readable file");
        let text = String::from_utf8(good.clone()).expect("vectors are UTF-8");
        let spaced = text.replace("<TrxInf>", "\n<TrxInf a='1' >").replace("/>", " />");
        let refused = text.replace("<TrxAmt>CNY", "<TrxAmt>USD");
        let broken = text.replace("</TrxInf>", "</TrxInfo>");
        for bytes in [good, spaced.into_bytes(), refused.into_bytes(), broken.into_bytes()] {
            let mut decoder = Decoder::new();
            let count = allocations_of(|| {
                std::hint::black_box(receive(&mut decoder, &bytes));
            });
            assert_eq!(count, 0, "{}", path.display());
            read += 1;
        }
    }
    assert_eq!(read, 4 * (76 + MessageType::ALL.len()));
}
