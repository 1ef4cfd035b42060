//! quick-xml's bare event loop: the least that reading an XML message with that library can cost; and the codec beside it.

use std::hint::black_box;
use std::time::{Duration, Instant};

use clearway_codec::{Decoder, Field};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde::Serialize;

use crate::error::Error;

/// Messages between two looks at the clock.
const MESSAGES_PER_ROUND: u32 = 1_000;

/// Decode and check beside the bare loop, both over the same document.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct EventFloor {
    /// Bytes of the message.
    pub bytes: usize,
    /// The bare event loop, in nanoseconds a message, best round.
    pub loop_ns: f64,
    /// Decode and check, in nanoseconds a message, best round.
    pub codec_ns: f64,
}

/// Times both over `message` in turn, for `time` in all.
///
/// # Errors
/// The message cannot be read.
pub fn measure_events(message: &[u8], time: Duration) -> Result<EventFloor, Error> {
    let mut decoder = Decoder::new();
    let signed = decoder.decode(message).map_err(Error::failed("sample message"))?.signed_bytes();
    // The loop reads the declaration too, and ends where the document ends.
    let end = message.len() - trailer_len(message, signed);
    let document = message.get(..end).unwrap_or(message);
    let (mut loop_ns, mut codec_ns) = (f64::MAX, f64::MAX);
    let began = Instant::now();
    while loop_ns == f64::MAX || began.elapsed() < time {
        loop_ns = loop_ns.min(round_ns(|| event_loop(black_box(document))));
        codec_ns = codec_ns.min(round_ns(|| decode_and_check(&mut decoder, black_box(message))));
    }
    Ok(EventFloor { bytes: message.len(), loop_ns, codec_ns })
}

/// Bytes behind the signed span.
fn trailer_len(message: &[u8], signed: &[u8]) -> usize {
    let start = signed.as_ptr() as usize - message.as_ptr() as usize;
    message.len() - start - signed.len()
}

/// Every event of the document, borrowed, nothing done with it.
fn event_loop(document: &[u8]) -> usize {
    let mut reader = Reader::from_reader(document);
    let mut events = 0;
    loop {
        match reader.read_event() {
            Ok(Event::Eof) | Err(_) => return events,
            Ok(event) => {
                black_box(&event);
                events += 1;
            }
        }
    }
}

fn decode_and_check(decoder: &mut Decoder, bytes: &[u8]) -> usize {
    let checked = decoder.decode(bytes).and_then(|message| message.check());
    checked.ok().and_then(|checked| checked.field(Field::TrxAmt)).map_or(0, <[u8]>::len)
}

fn round_ns(mut work: impl FnMut() -> usize) -> f64 {
    let start = Instant::now();
    for _ in 0..MESSAGES_PER_ROUND {
        black_box(work());
    }
    start.elapsed().as_nanos() as f64 / f64::from(MESSAGES_PER_ROUND)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::REQUEST_201;

    #[test]
    fn the_loop_sees_the_whole_document_and_nothing_behind_it() {
        let mut decoder = Decoder::new();
        let signed = decoder.decode(REQUEST_201).unwrap().signed_bytes();
        let trailer = trailer_len(REQUEST_201, signed);
        assert!(REQUEST_201[REQUEST_201.len() - trailer..].starts_with(b"\n{S:"));
        assert!(event_loop(&REQUEST_201[..REQUEST_201.len() - trailer]) > 80);
        assert_eq!(decode_and_check(&mut decoder, REQUEST_201), "CNY1283.85".len());
        assert!(measure_events(REQUEST_201, Duration::ZERO).unwrap().loop_ns > 0.0);
    }
}
