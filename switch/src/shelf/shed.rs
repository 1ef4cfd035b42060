//! What is on a shelf as it is in memory leaves the memory.
//!
//! A checkpoint that is older than a shelf brings its payments back at a restart, and what was brought back for somebody may not have
//! changed. Called by recovery and by retirement; builds on the table beside it.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::Shelves;
use crate::domain::Payment;
use crate::error::Error;
use crate::table::{Cursor, Table};

/// Payments looked up at once: 32 MiB of keys.
const AT_ONCE: usize = 1 << 20;

impl Shelves {
    /// Takes every payment out of `table` that is on a shelf with the same step, or a later one, and for which `may_leave` holds; each is
    /// shown to `left`. Returns how many.
    ///
    /// # Errors
    /// A shelf that cannot be read, or is damaged.
    pub fn shed(
        &self,
        table: &Table,
        may_leave: &dyn Fn(&Payment) -> bool,
        left: &mut dyn FnMut(&Payment),
    ) -> Result<usize, Error> {
        if self.placed() == 0 {
            return Ok(0);
        }
        let batches = self.batches();
        let (mut count, mut cursor, found) = (0, Some(Cursor::default()), RefCell::new(Vec::new()));
        let wanted = |payment: &Payment| {
            if batches.contains(&payment.batch) && may_leave(payment) {
                found.borrow_mut().push((payment.trx_id, payment.batch));
            }
            false
        };
        while let Some(at) = cursor {
            cursor = table.collect(at, &wanted, &mut Vec::new());
            if cursor.is_none() || found.borrow().len() >= AT_ONCE {
                count += self.shed_found(table, &mut found.borrow_mut(), may_leave, left)?;
            }
        }
        Ok(count)
    }

    fn shed_found(
        &self,
        table: &Table,
        found: &mut Vec<(u128, u32)>,
        may_leave: &dyn Fn(&Payment) -> bool,
        left: &mut dyn FnMut(&Payment),
    ) -> Result<usize, Error> {
        found.sort_unstable();
        let batches: BTreeSet<u32> = found.iter().map(|(_, batch)| *batch).collect();
        let keys: Vec<u128> = found.drain(..).map(|(key, _)| key).collect();
        let mut count = 0;
        for (key, step) in keys.iter().zip(self.steps(&keys, &batches)?).filter(|(_, step)| *step != 0) {
            if let Some(known) = table.get(*key).filter(|known| known.step <= step) {
                count += table.retire(&[known], may_leave, left);
            }
        }
        Ok(count)
    }
}
