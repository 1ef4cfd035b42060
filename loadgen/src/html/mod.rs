//! Pages that stand alone: one file, no script, nothing fetched, readable on a phone and on paper.
//!
//! ```text
//! record -> parts (Figure, Table, Tiles, Facts, Notice) -> body -> Shell -> the document
//! ```
//!
//! Parts are small askama templates that escape what they are given; a page puts them into a template of its own with
//! the `safe` filter, and its body into a [`Shell`], which brings style sheet, print style and content security policy.
//! Programs beside the generator build their pages from the same parts.
//!
//! Invariant: a page is a function of its record. No clock, no environment, no random ids: the same record gives the
//! same bytes.

mod comparison;
mod document;
mod facts;
mod figure;
mod manifest;
mod notice;
mod overload;
mod run;
mod search;
mod shell;
mod table;
mod tiles;
mod tone;

pub use comparison::comparison_page;
pub use document::page_of;
pub use facts::Facts;
pub use figure::Figure;
pub use notice::Notice;
pub use overload::overload_page;
pub use run::run_page;
pub use search::search_page;
pub use shell::Shell;
pub use table::{Cell, Column, Table};
pub use tiles::{Tile, Tiles};
pub use tone::Tone;
