//! A value with its author.

/// A value that was changed, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed<T> {
    /// The value in force.
    pub value: T,
    /// The name that the operator gave, or that the certificate names.
    pub by: String,
    /// When, unix microseconds.
    pub at_us: u64,
}
