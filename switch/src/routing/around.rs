//! What routing asks of its surroundings, as closures: links and admission are other areas' business.

/// The state of participants, by their indexes.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// Whether any link of the participant is up.
    pub is_reachable: &'a dyn Fn(u16) -> bool,
    /// Whether the participant takes part in nothing new: drained, or under maintenance.
    pub is_closed: &'a dyn Fn(u16) -> bool,
}

impl std::fmt::Debug for Around<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Around").finish_non_exhaustive()
    }
}
