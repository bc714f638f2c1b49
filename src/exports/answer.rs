//! Which events a query answers with, on disk: there may be any number of them.

use std::path::Path;

use anyhow::Context;
use timeline::table::Table;

use crate::plan::QueryPlan;
use crate::progress::Progress;
use crate::query;
use crate::run::Workshop;

/// The events that the query answers with, by their identities.
pub(super) fn of(asked: &QueryPlan, folder: &Path, progress: &Progress) -> anyhow::Result<Table> {
    let shop = Workshop::new(&asked.reading, &asked.question, folder)?;
    let mut events = shop.sorter(shop.shares.sorter).into_inner();
    query::matching(asked, &shop, progress, &mut |uid| {
        events.push(&uid.0, &[]).context("sorting")
    })?;
    query::tell_losses(&shop, progress)?;
    Table::write(folder, events.finish().context("sorting")?).context("writing what matched")
}
