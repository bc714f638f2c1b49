//! The forms that are made of events, one file each. To add one: a variant of `ExportProfile`, a file here, an arm in
//! [`of`]. Those that are made of movements are in `movements/`.

mod bodyfile;
mod default;
mod ecs;
mod excel;
mod l2tcsv;
mod legacy;
mod masstin;
mod minimal;
mod template;
mod timesketch;
mod tle;
mod tln;
mod workbook;

use std::path::Path;

use timeline::sort::Sorted;

use super::event::{Beside, Told};
use super::output::Files;
use super::plan::Plan;
use super::tally::Tally;
use crate::args::ExportProfile;

/// What every form has at hand.
#[derive(Clone, Copy)]
pub(super) struct Tools<'a> {
    pub(super) plan: &'a Plan,
    /// For intermediate files.
    pub(super) folder: &'a Path,
    /// Bytes that a sorter may keep in memory.
    pub(super) budget: usize,
}

/// A form that is made of events.
pub(super) trait View: Sync {
    /// Puts the rows of an event, each with what it is ordered by; or counts why there is none. From many threads.
    fn rows(&self, event: &Told<'_>, tally: &mut Tally, put: &mut dyn FnMut(&[u8], &[u8]));

    /// Writes the rows, in order.
    fn write(
        &self,
        tools: Tools<'_>,
        rows: Sorted,
        files: &Files<'_>,
        tally: &mut Tally,
    ) -> anyhow::Result<()>;
}

/// The form that is asked for, if it is made of events.
pub(super) fn of(plan: &Plan) -> Option<Box<dyn View>> {
    let (form, raw, beside) = (plan.form, plan.raw, Beside::of(plan));
    let view: Box<dyn View> = match plan.profile {
        ExportProfile::Default => Box::new(default::Default { form, beside }),
        ExportProfile::Minimal => Box::new(minimal::Minimal { form, beside }),
        ExportProfile::Excel => Box::new(excel::Excel::new(beside, plan.part_rows)),
        ExportProfile::Tle => Box::new(tle::Tle { beside }),
        ExportProfile::Timesketch => Box::new(timesketch::Timesketch { form, beside }),
        ExportProfile::Ecs => Box::new(ecs::Ecs),
        ExportProfile::L2tcsv => Box::new(l2tcsv::L2tCsv { raw }),
        ExportProfile::Bodyfile => Box::new(bodyfile::Bodyfile),
        ExportProfile::Tln => Box::new(tln::Tln),
        ExportProfile::Masstin => Box::new(masstin::Masstin),
        ExportProfile::Navigator | ExportProfile::Stix => return None,
    };
    Some(view)
}
