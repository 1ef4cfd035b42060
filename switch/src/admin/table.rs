//! The one table of the door's pages: dispatch, rights and the security tests are made from it.
//!
//! To add a page, add its line here. To add a part of the node that answers pages, add its [`Area`], implement
//! [`Pages`](super::Pages) for it, and hand it over with its area where the node makes its `Hooks`.
//!
//! Invariant: no two lines stand for the same path; a name in braces stands for exactly one part of a path, never for an
//! empty one; a line without a name goes before one with it (tested).

use http::Method;

pub use crate::config::Right;
use crate::constants::{ADMIN_BODY_BYTES_MAX, FINDINGS_BODY_BYTES_MAX, ROUTES_BODY_BYTES_MAX};

/// A part of the node that answers pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// How the node is; never waits for anything.
    Node,
    /// Keys and certificates.
    Keys,
    /// Who may send what, how much, when.
    Admission,
    /// Agreements and cases.
    Registers,
    /// Links of participants.
    Links,
    /// Tables of routes.
    Routes,
    /// Joint operations.
    Operations,
    /// Batches, orders, agreements and cases of the books.
    Books,
    /// Who changed what.
    History,
}

/// One page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Its path; `{name}` stands for one part, not decoded.
    pub path: &'static str,
    /// Who answers.
    pub area: Area,
    /// What GET needs; `None`: it has no GET.
    pub get: Option<Right>,
    /// What POST needs; `None`: it has no POST. One that needs [`Right::Change`] names who makes the change.
    pub post: Option<Right>,
    /// Largest body that it takes, in bytes.
    pub body_bytes_max: usize,
}

/// Every page of the door.
pub const PAGES: &[Page] = &[
    Page::new("/metrics", Area::Node).read(),
    Page::new("/healthz", Area::Node).read(),
    Page::new("/readyz", Area::Node).read(),
    Page::new("/status", Area::Node).read(),
    Page::new("/status/reset-histogram", Area::Node).change(),
    Page::new("/keys/reload", Area::Keys).change(),
    Page::new("/participants", Area::Admission).read(),
    Page::new("/participants/{id}", Area::Admission).change(),
    Page::new("/limits", Area::Admission).read().change(),
    Page::new("/maintenance", Area::Admission).read().change(),
    Page::new("/agreements", Area::Registers).read(),
    Page::new("/agreements/needed", Area::Registers).ask(),
    Page::new("/agreements/import", Area::Registers).change(),
    Page::new("/agreements/{number}", Area::Registers).read(),
    Page::new("/cases", Area::Registers).read(),
    Page::new("/cases/{key}", Area::Registers).read().change(),
    Page::new("/links", Area::Links).read().change(),
    Page::new("/operations", Area::Operations).read(),
    Page::new("/routes", Area::Routes).read().change().of_bytes(ROUTES_BODY_BYTES_MAX),
    Page::new("/routes/why", Area::Routes).read(),
    Page::new("/books", Area::Books).read(),
    Page::new("/books/batches/{id}", Area::Books).read().change(),
    Page::new("/books/agreements/{batch}", Area::Books).read().change(),
    Page::new("/books/cases", Area::Books).read(),
    Page::new("/books/cases/{id}", Area::Books).read().change(),
    Page::new("/books/days", Area::Books).read(),
    Page::new("/books/days/{day}", Area::Books).read(),
    Page::new("/books/reserve", Area::Books).read(),
    Page::new("/books/differences", Area::Books).change().of_bytes(FINDINGS_BODY_BYTES_MAX),
    Page::new("/books/orders", Area::Books).read(),
    Page::new("/books/orders/{id}", Area::Books).read().change(),
    Page::new("/history", Area::History).read(),
];

impl Page {
    const fn new(path: &'static str, area: Area) -> Self {
        Self { path, area, get: None, post: None, body_bytes_max: ADMIN_BODY_BYTES_MAX }
    }

    /// POST takes a body of so many bytes.
    const fn of_bytes(self, body_bytes_max: usize) -> Self {
        Self { body_bytes_max, ..self }
    }

    /// GET shows it.
    const fn read(self) -> Self {
        Self { get: Some(Right::Read), ..self }
    }

    /// POST changes something.
    const fn change(self) -> Self {
        Self { post: Some(Right::Change), ..self }
    }

    /// POST asks a question that does not belong into a path, and changes nothing.
    const fn ask(self) -> Self {
        Self { post: Some(Right::Read), ..self }
    }

    /// The page at a path.
    #[must_use]
    pub fn at(path: &str) -> Option<&'static Self> {
        PAGES.iter().find(|page| page.is_at(path))
    }

    /// What a method needs; `None`: the page has no such method.
    #[must_use]
    pub fn right(&self, method: &Method) -> Option<Right> {
        match *method {
            Method::GET => self.get,
            Method::POST => self.post,
            _ => None,
        }
    }

    /// The methods that it has.
    pub fn methods(&self) -> impl Iterator<Item = Method> {
        [self.get.map(|_| Method::GET), self.post.map(|_| Method::POST)].into_iter().flatten()
    }

    fn is_at(&self, path: &str) -> bool {
        let mut parts = path.split('/');
        let fits = |wanted: &str| {
            let is_name = wanted.starts_with('{');
            parts.next().is_some_and(|part| if is_name { !part.is_empty() } else { part == wanted })
        };
        self.path.split('/').all(fits) && parts.next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_reached_by_its_own_path_and_can_be_called() {
        for page in PAGES {
            let path = page.path.replace(['{', '}'], "");
            let reached = Page::at(&path).map(|page| page.path);
            let of_a_name = page.path.contains('{');
            assert!(reached == Some(page.path) || of_a_name && reached.is_some(), "{path}: {reached:?}");
            assert!(page.methods().count() > 0 && page.path.starts_with('/') && page.body_bytes_max > 0, "{page:?}");
            assert_eq!(PAGES.iter().filter(|other| other.path == page.path).count(), 1, "{page:?}");
        }
    }

    #[test]
    fn a_name_stands_for_one_part_that_is_not_empty() {
        for (path, page) in [
            ("/cases", Some("/cases")),
            ("/cases/7", Some("/cases/{key}")),
            ("/agreements/import", Some("/agreements/import")),
            ("/agreements/EP%2F1", Some("/agreements/{number}")),
            ("/cases/", None),
            ("/cases/7/8", None),
            ("/casesx", None),
            ("/limits/", None),
            ("//limits", None),
            ("", None),
            ("/", None),
            ("/participants/{id}/x", None),
        ] {
            assert_eq!(Page::at(path).map(|page| page.path), page, "{path}");
        }
    }
}
