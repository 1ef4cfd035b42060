//! Damaged bytes: refused where something acknowledged is touched, cut where not.
