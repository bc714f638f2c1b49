//! Forms that are made of the case's movements: `movements.csv` is read row by row, and each row that the filters leave
//! is told to the form. Rows come in the order of the case, so that every run writes the same bytes.

mod movement;
mod navigator;
mod stix;

use super::filter::{Names, Removed, names};
use super::output::Files;
use super::plan::Plan;
use super::profile::Tools;
use super::tally::Tally;
use crate::args::ExportProfile;
use crate::store::Store;

use movement::Movement;

/// A form that is made of movements.
trait Form {
    /// Takes in a movement, or counts why it cannot.
    fn movement(&mut self, movement: &Movement, tally: &mut Tally) -> anyhow::Result<()>;

    /// Writes what is left to write.
    fn finish(self: Box<Self>) -> anyhow::Result<()>;
}

/// Writes the form that is asked for.
pub(super) fn write<'f>(
    tools: Tools<'f>,
    store: &'f Store,
    files: &'f Files<'f>,
) -> anyhow::Result<(Removed, Tally)> {
    let wanted = Wanted::new(tools.plan, store)?;
    let mut form: Box<dyn Form + 'f> = match tools.plan.profile {
        ExportProfile::Navigator => {
            Box::new(navigator::Navigator::begin(tools.plan, store, files)?)
        }
        _ => Box::new(stix::Stix::begin(tools, store, files)?),
    };
    let (mut removed, mut tally) = (Removed::default(), Tally::default());
    for movement in movement::read(store)? {
        let movement = movement?;
        if wanted.has(&movement, &mut removed) {
            form.movement(&movement, &mut tally)?;
        }
    }
    form.finish()?;
    Ok((removed, tally))
}

/// Which movements are asked for.
struct Wanted<'a> {
    plan: &'a Plan,
    hosts: Option<Names>,
    users: Option<Names>,
}

impl<'a> Wanted<'a> {
    fn new(plan: &'a Plan, store: &Store) -> anyhow::Result<Self> {
        let (hosts, users) = names(plan, store)?;
        Ok(Self { plan, hosts, users })
    }

    /// Whether the movement is wanted: by when it began, a host at either end, the account. If not, that is counted.
    fn has(&self, movement: &Movement, removed: &mut Removed) -> bool {
        let names_one = |names: &Option<Names>, columns: &[&str]| {
            names.as_ref().is_none_or(|names| {
                let mut cells = columns.iter().map(|column| movement.get(column));
                cells.any(|cell| names.has(cell))
            })
        };
        removed.all += 1;
        if !self.plan.reading.period.contains(movement.start()) {
            removed.period += 1;
        } else if !names_one(&self.hosts, &["src_host", "src_ip", "dst_host", "dst_ip"]) {
            removed.hosts += 1;
        } else if !names_one(&self.users, &["account", "account_sid"]) {
            removed.users += 1;
        } else {
            return true;
        }
        false
    }
}
