//! `stix`: a bundle of STIX 2.1 (<https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html>). Of each movement what
//! was observed, a sighting of each technique, the way from host to host, and a note. Only objects and properties of the
//! standard are used.

mod fact;
mod id;
mod observed;
mod time;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use anyhow::Context;
use serde_json::Value as Json;

use super::Form;
use super::movement::Movement;
use crate::export::json_text;
use crate::exports::output::{Files, OutFile};
use crate::exports::plan::Plan;
use crate::exports::profile::Tools;
use crate::exports::tally::Tally;
use crate::rules;
use crate::store::Store;

use fact::Facts;
use id::Id;
use observed::Observed;
use told::Case;

const NOT_OBSERVED: &str =
    "movements without observed-data: nothing that STIX has objects for, or no time, is known";
const CUT: &str = "processes and files of a movement beyond the first 200 of each";
const NOT_TECHNIQUES: &str = "ATT&CK ids that are no technique's";

/// A bundle under way.
pub(super) struct Stix<'f> {
    file: OutFile<'f>,
    case: Case,
    facts: Facts,
    /// What stands in the bundle: objects that movements have in common are written once.
    written: BTreeSet<Id>,
    movements: u64,
}

impl<'f> Stix<'f> {
    pub(super) fn begin(
        tools: Tools<'_>,
        store: &Store,
        files: &'f Files<'f>,
    ) -> anyhow::Result<Self> {
        let case = Case::new(store.manifest_sha256.clone(), techniques()?);
        let mut bundle = Self {
            file: files.file(files.main_name())?,
            facts: Facts::read(tools, store)?,
            written: BTreeSet::new(),
            movements: 0,
            case,
        };
        let id = bundle_id(&bundle.case, tools.plan);
        write!(
            bundle.file,
            "{{\"type\":\"bundle\",\"id\":\"{id}\",\"objects\":["
        )?;
        let maker = bundle.case.maker();
        bundle.put(vec![maker])?;
        Ok(bundle)
    }

    /// Writes the objects that do not stand there yet, one in each line.
    fn put(&mut self, objects: Vec<(Id, Json)>) -> anyhow::Result<()> {
        for (id, object) in objects {
            let comma = if self.written.is_empty() { "" } else { "," };
            if self.written.insert(id) {
                write!(self.file, "{comma}\n{}", json_text(object))
                    .context("writing the bundle")?;
            }
        }
        Ok(())
    }
}

impl Form for Stix<'_> {
    fn movement(&mut self, movement: &Movement, tally: &mut Tally) -> anyhow::Result<()> {
        let facts = self.facts.of(movement)?;
        let observed = Observed::of(&self.case.manifest, movement, &facts);
        tally.lose(CUT, observed.cut);
        tally.lose(NOT_TECHNIQUES, movement.techniques().1);
        let objects = self.case.tell(movement, observed);
        let is_observed = objects.iter().any(|(id, _)| id.kind == "observed-data");
        tally.lose(NOT_OBSERVED, u64::from(!is_observed));
        self.movements += 1;
        self.put(objects)
    }

    fn finish(mut self: Box<Self>) -> anyhow::Result<()> {
        self.file.write_all(b"\n]}\n")?;
        self.file.set_rows(self.movements);
        self.file.finish()
    }
}

/// What filters leave of one case is another bundle.
fn bundle_id(case: &Case, plan: &Plan) -> Id {
    let period = plan.reading.period;
    let time = |time: Option<timeline::Ticks>| time.map(|time| time.to_string());
    let (from, to) = (time(period.from), time(period.to));
    let mut key = vec![case.manifest.as_str()];
    key.extend([from.as_deref(), to.as_deref()].map(Option::unwrap_or_default));
    for names in [&plan.hosts, &plan.users] {
        key.push("names");
        key.extend(names.iter().map(String::as_str));
    }
    Id::ours("bundle", &key)
}

/// What techniques are called, by the rules that come with the program.
fn techniques() -> anyhow::Result<BTreeMap<String, String>> {
    let rules = rules::read_files(&rules::builtin_files())?.rules;
    let named = rules
        .into_iter()
        .filter(|rule| rule.attack.len() == rule.technique.len());
    let pairs = named.flat_map(|rule| rule.attack.into_iter().zip(rule.technique));
    Ok(pairs.collect())
}
