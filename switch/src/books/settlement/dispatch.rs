//! Orders on their way: released, written, written again while nobody answers, made again after a refusal.
//!
//! Invariant: a file is written only for an attempt that is recorded as made, and is recorded as sent only when the file has its
//! name; what a crash leaves between the two is written again, the same bytes under the same MsgId.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::super::{BookCase, CaseKind, Desk, Draft, Kept};
use super::document::order_document;
use super::order_entry::OrderEntry;
use super::terms::Terms;
use super::works::{Change, Settlement};
use crate::domain::clearing::{MsgId, OrderEvent, OrderName, OrderSet, OrderState, OrderStep};
use crate::error::Error;

/// From one writing of an order that is not answered to the next (ours).
const RESEND_AFTER_US: u64 = 10 * 60_000_000;
/// Writings of an attempt without being asked; then a case says that nobody answers (ours).
const WRITINGS_MAX: u32 = 4;
/// From a refusal to the next attempt: a bank needs time to find the money (ours).
const REMAKE_AFTER_US: u64 = 10 * 60_000_000;

/// Where the file of an attempt stands.
pub(super) fn order_path(dir: &Path, msg_id: MsgId) -> PathBuf {
    dir.join("settlement").join("out").join(format!("{msg_id}.xml"))
}

impl Settlement {
    /// Brings every order as far as it can go at `now_us`. Returns how many changed.
    pub(super) fn dispatch(&mut self, desk: &Desk<'_>, terms: &Terms<'_>, now_us: u64) -> Result<usize, Error> {
        if !self.is_prepared {
            self.prepare(desk.dir)?;
            self.is_prepared = true;
        }
        let mut changed = self.release(desk, now_us)?;
        if terms.sessions.is_open(now_us) {
            changed += self.remake(desk, now_us)?;
            changed += self.send(desk, now_us)?;
        }
        Ok(changed)
    }

    /// Lets go what pays out, of the sets that have collected everything.
    fn release(&mut self, desk: &Desk<'_>, now_us: u64) -> Result<usize, Error> {
        let collecting: BTreeSet<OrderSet> =
            self.live.iter().filter(|(_, kept)| kept.content.collects()).map(|(order, _)| order.set).collect();
        let waiting = |order: OrderName, entry: &OrderEntry| {
            let is_free = !collecting.contains(&order.set) && entry.state == OrderState::Waiting;
            is_free.then(|| after(entry, OrderEvent::Release)).flatten().map(|next| (next, None))
        };
        self.change_where(desk, now_us, waiting)
    }

    /// Makes what was refused again, when the bank has had time.
    fn remake(&mut self, desk: &Desk<'_>, now_us: u64) -> Result<usize, Error> {
        self.change_where(desk, now_us, |_, entry| {
            let refused_us = entry.answer.as_ref().map_or(entry.made_at_us, |word| word.at_us);
            let is_due = entry.state == OrderState::Rejected && now_us >= refused_us.saturating_add(REMAKE_AFTER_US);
            is_due.then(|| entry.remade(now_us)).flatten().map(|next| (next, None))
        })
    }

    /// Writes what is made, and what nobody has answered for a while; says so when that has not helped.
    fn send(&mut self, desk: &Desk<'_>, now_us: u64) -> Result<usize, Error> {
        let mut written = Vec::new();
        for (order, kept) in self.live.iter().filter(|(_, kept)| is_to_be_written(&kept.content, now_us)) {
            write(desk, *order, &kept.content)?;
            written.push(*order);
        }
        let sent = self.change_where(desk, now_us, |order, entry| {
            written.contains(&order).then(|| sent(entry, now_us)).map(|next| (next, None))
        })?;
        let overdue = self.change_where(desk, now_us, |order, entry| {
            let is_new = entry.writings >= WRITINGS_MAX && !entry.is_overdue && is_unanswered(entry, now_us);
            is_new.then(|| (OrderEntry { is_overdue: true, ..entry.clone() }, Some(unanswered(order, entry))))
        })?;
        Ok(sent + overdue)
    }

    /// Records what `next` makes of the live orders, with the cases that it opens.
    fn change_where(
        &mut self,
        desk: &Desk<'_>,
        now_us: u64,
        next: impl Fn(OrderName, &OrderEntry) -> Option<(OrderEntry, Option<BookCase>)>,
    ) -> Result<usize, Error> {
        let change = |(order, kept): (&OrderName, &Kept<OrderEntry>)| {
            let (content, case) = next(*order, &kept.content)?;
            Some(Change { order: *order, kept: kept.next(now_us, content), case })
        };
        let changes: Vec<Change> = self.live.iter().filter_map(change).collect();
        let count = changes.len();
        self.commit(desk, now_us, changes)?;
        Ok(count)
    }

    /// Makes the folders, so that a gateway finds them, and removes what a crash may have left: files of attempts that are over, and
    /// files that are not whole.
    fn prepare(&self, dir: &Path) -> Result<(), Error> {
        let [folder, answers] = ["out", "in"].map(|name| dir.join("settlement").join(name));
        for folder in [&folder, &answers] {
            fs::create_dir_all(folder).map_err(|error| Error::file("make", folder, error))?;
        }
        let entries = fs::read_dir(&folder).map_err(|error| Error::file("read", &folder, error))?;
        let is_out = |entry: &OrderEntry| matches!(entry.state, OrderState::Made | OrderState::Sent);
        let live = self.live.iter().filter(|(_, kept)| is_out(&kept.content));
        let wanted: BTreeSet<MsgId> = live.map(|(order, kept)| order.attempt(kept.content.attempt)).collect();
        for entry in entries {
            let path = entry.map_err(|error| Error::file("read", &folder, error))?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let of_order = name.split_once(".xml").and_then(|(name, rest)| Some((name.parse::<MsgId>().ok()?, rest)));
            if of_order.is_some_and(|(msg_id, rest)| !rest.is_empty() || !wanted.contains(&msg_id)) {
                remove_file(&path)?;
            }
        }
        Ok(())
    }
}

/// Writes the file of the present attempt.
pub(super) fn write(desk: &Desk<'_>, order: OrderName, entry: &OrderEntry) -> Result<(), Error> {
    let path = order_path(desk.dir, order.attempt(entry.attempt));
    let mut draft = Draft::create(&path)?;
    draft.write_all(&order_document(order, entry)).map_err(|error| Error::file("write", &path, error))?;
    draft.finish(desk.steps)
}

/// The order once its file is written.
pub(super) fn sent(entry: &OrderEntry, now_us: u64) -> OrderEntry {
    let state = after(entry, OrderEvent::Written).map_or(entry.state, |next| next.state);
    OrderEntry { state, written_at_us: Some(now_us), writings: entry.writings.saturating_add(1), ..entry.clone() }
}

/// Removes the file of an attempt that is over, unless whoever took it has.
pub(super) fn remove(dir: &Path, msg_id: MsgId) -> Result<(), Error> {
    remove_file(&order_path(dir, msg_id))
}

fn remove_file(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::file("remove", path, error)),
        _ => Ok(()),
    }
}

/// The order after an event that changes its state.
pub(super) fn after(entry: &OrderEntry, event: OrderEvent) -> Option<OrderEntry> {
    match entry.state.on(event) {
        OrderStep::Become(state) => Some(entry.in_state(state)),
        OrderStep::Stay | OrderStep::Contradiction | OrderStep::Forbidden => None,
    }
}

fn is_to_be_written(entry: &OrderEntry, now_us: u64) -> bool {
    entry.state == OrderState::Made || entry.writings < WRITINGS_MAX && is_unanswered(entry, now_us)
}

fn is_unanswered(entry: &OrderEntry, now_us: u64) -> bool {
    let waited = |written_us: u64| now_us >= written_us.saturating_add(RESEND_AFTER_US);
    entry.state == OrderState::Sent && entry.written_at_us.is_some_and(waited)
}

fn unanswered(order: OrderName, entry: &OrderEntry) -> BookCase {
    let text = format!(
        "written {} times and not answered; ask the large-value system, then say so: clearway books orders",
        entry.writings
    );
    let case = BookCase::new(CaseKind::OrderUnanswered, format!("order {order}"), text);
    case.of_day(order.set.day).of_participant(order.bank).of_fen(entry.net_fen.into())
}
