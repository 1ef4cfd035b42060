//! Places at which a process may stop, so that tests can stop it at each.

/// Is told of every step that has been taken towards a file or a decision. A test's own stops the process at the n-th.
pub trait Steps: Send + Sync {
    /// `step` has been taken, and nothing after it.
    fn taken(&self, step: &'static str);
}

/// Nobody counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSteps;

impl Steps for NoSteps {
    fn taken(&self, _: &'static str) {}
}
