//! Orders and sessions as the console shows them.

use clearway_codec::value::Date;
use serde::Serialize;

use super::order_entry::{OrderEntry, orders_of_day};
use super::session_entry::{SessionEntry, sessions_of_day};
use super::works::Settlement;
use crate::books::Kept;
use crate::domain::clearing::{OrderName, SessionName};
use crate::error::Error;
use crate::registers::Registers;

/// An order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderView {
    /// Its name.
    pub order: String,
    /// MsgId of the present attempt.
    pub msg_id: String,
    /// What it is for: a session, or `interest`.
    pub of: String,
    /// Since when it is as it is, unix microseconds.
    pub since_us: u64,
    /// The entry.
    #[serde(flatten)]
    pub entry: OrderEntry,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SessionView {
    /// Its name.
    pub session: String,
    /// When it was held, unix microseconds.
    pub held_at_us: u64,
    /// How many of its orders are not acknowledged.
    pub open_orders: usize,
    /// The entry.
    #[serde(flatten)]
    pub entry: SessionEntry,
}

impl OrderView {
    /// How an order is shown.
    #[must_use]
    pub fn of(order: OrderName, kept: &Kept<OrderEntry>) -> Self {
        let of = order.set.session().map_or_else(|| "interest".to_owned(), |session| session.to_string());
        Self {
            order: order.to_string(),
            msg_id: order.attempt(kept.content.attempt).to_string(),
            of,
            since_us: kept.at_us,
            entry: kept.content.clone(),
        }
    }
}

impl Settlement {
    /// Every order that is not acknowledged, and all of a day if one is named.
    ///
    /// # Errors
    /// An entry that cannot be read.
    pub fn orders(&self, registers: &Registers, day: Option<Date>) -> Result<Vec<OrderView>, Error> {
        match day {
            Some(day) => {
                let orders = orders_of_day(registers, day)?;
                Ok(orders.iter().map(|(order, kept)| OrderView::of(*order, kept)).collect())
            }
            None => Ok(self.live.iter().map(|(order, kept)| OrderView::of(*order, kept)).collect()),
        }
    }

    /// One order.
    ///
    /// # Errors
    /// An entry that cannot be read.
    pub fn order_view(&self, registers: &Registers, order: OrderName) -> Result<Option<OrderView>, Error> {
        Ok(self.order(registers, order)?.map(|kept| OrderView::of(order, &kept)))
    }

    /// The last session that was held, and all of its day.
    ///
    /// # Errors
    /// An entry that cannot be read.
    pub fn sessions(&self, registers: &Registers) -> Result<Vec<SessionView>, Error> {
        let Some((last, _)) = &self.last_session else { return Ok(Vec::new()) };
        let found = sessions_of_day(registers, last.day)?;
        let open = |session: SessionName| self.live.keys().filter(|order| order.set.session() == Some(session)).count();
        let view = |(session, kept): &(SessionName, Kept<SessionEntry>)| SessionView {
            session: session.to_string(),
            held_at_us: kept.at_us,
            open_orders: open(*session),
            entry: kept.content.clone(),
        };
        Ok(found.iter().map(view).collect())
    }
}
