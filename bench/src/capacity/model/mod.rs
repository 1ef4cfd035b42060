//! From what was measured to what it means: fits, queues, knees, nodes, months, money.
//!
//! Pure: reads no clock, no file and no random number but those of its seed. The same [`Measurements`] and [`Request`]
//! give the same [`Answer`], byte for byte.

pub mod answer;
pub mod measurements;
pub mod request;

pub use answer::Answer;
pub use measurements::Measurements;
pub use request::Request;
