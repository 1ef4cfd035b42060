//! What the business leaves to the operator, made ready for use.

use crate::config::BusinessSection;
use crate::domain::calendar::{Calendar, WORKING_DAYS_CN};
use crate::domain::control_number::ControlPool;
use crate::error::{Error, Fault};

/// The control numbers that institutions may use.
pub(super) fn control_pool(section: &BusinessSection) -> Result<ControlPool, Error> {
    if section.control_numbers.is_empty() {
        return Ok(ControlPool::default());
    }
    ControlPool::new(section.control_numbers.iter().copied())
        .map_err(|error| Error::new(Fault::Configuration, error.to_string()).at("business.control_numbers"))
}

/// The calendar of working days.
pub(super) fn calendar(section: &BusinessSection) -> Result<Calendar, Error> {
    let refused = |what: String| Error::new(Fault::Configuration, what).at("business.working_days");
    let text = match &section.working_days {
        None => WORKING_DAYS_CN.to_owned(),
        Some(path) => std::fs::read_to_string(path)
            .map_err(|error| refused(format!("{} cannot be read", path.display())).caused_by(error))?,
    };
    Calendar::from_csv(&text).map_err(|error| refused("no calendar of working days".into()).caused_by(error))
}
