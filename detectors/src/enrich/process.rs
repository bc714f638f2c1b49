//! What is known of a process, on its events: its start, its parent, its signature, its ancestors
//! (ECS.md §2, back-fill by ProcessGuid; §7.2; §7.4).

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::io;

use timeline::{Cell, Field, Kind, Segment, StringId, TICKS_PER_SECOND, Ticks, Value, fields as f};

use super::edit;
use super::facts::{Facts, HostFacts, Question, Start};
use super::gather::{OF_PROCESS, OF_SIGNATURE, known_image};
use super::identity::{self, Answers, is_creation, is_start};
use super::life::start_of_guid;

/// What a parent's start tells about its child's events.
const OF_PARENT: [[Field; 2]; 5] = [
    [f::PROCESS_EXECUTABLE, f::PROCESS_PARENT_EXECUTABLE],
    [f::PROCESS_NAME, f::PROCESS_PARENT_NAME],
    [f::PROCESS_COMMAND_LINE, f::PROCESS_PARENT_COMMAND_LINE],
    [f::PROCESS_ARGS, f::PROCESS_PARENT_ARGS],
    [f::PROCESS_ARGS_COUNT, f::PROCESS_PARENT_ARGS_COUNT],
];
/// How far ancestors are followed.
const MOST_ANCESTORS: usize = 16;
/// How many parents are remembered while ancestors are followed.
const MOST_PARENTS: usize = 64 * 1024;

/// Fills fields that events of a process lack.
pub(super) fn fill(segment: &mut Segment, host: &str, facts: &Facts) -> io::Result<()> {
    let mut facts = facts.of_host(host)?;
    identity::identify(segment, host, &mut facts)?;
    let mut starts = Starts::default();
    fill_from_starts(segment, host, &mut facts, &mut starts)?;
    fill_parents(segment, host, &mut facts, &mut starts)?;
    fill_signatures(segment, &mut facts)?;
    fill_uptime(segment, &starts);
    fill_ancestry(segment, host, &mut facts)
}

/// The starts of the processes that the segment's events belong to.
#[derive(Default)]
struct Starts {
    known: Vec<Known>,
    /// The place of each process's start, if it is in the evidence.
    of: HashMap<StringId, usize>,
}

struct Known {
    time: Option<Ticks>,
    /// Values with the places of their fields, each kept as a cell when it is first used.
    values: Vec<(usize, String)>,
    cells: Vec<Option<Cell>>,
    /// Where the values of each field end.
    ends: [usize; OF_PROCESS.len()],
}

impl Starts {
    fn add(&mut self, id: StringId, start: Start) {
        self.of.insert(id, self.known.len());
        self.known.push(Known {
            time: start.time,
            cells: vec![None; start.values.len()],
            ends: ends(&start.values),
            values: start.values,
        });
    }

    /// Looks up the starts that are not known yet, in the order of the table.
    fn look_up(
        &mut self,
        segment: &Segment,
        ids: impl Iterator<Item = StringId>,
        facts: &mut HostFacts<'_>,
    ) -> io::Result<Vec<StringId>> {
        let mut ids: Vec<StringId> = ids.filter(|id| !self.of.contains_key(id)).collect();
        ids.sort_unstable_by_key(|&id| segment.strings.get(id));
        ids.dedup();
        let mut missing = Vec::new();
        for id in ids {
            match facts.process(segment.strings.get(id))? {
                Some(start) => self.add(id, start),
                None => missing.push(id),
            }
        }
        Ok(missing)
    }

    /// The rows with their processes' starts.
    fn rows<'s>(&'s self, rows: &'s [(u32, StringId)]) -> impl Iterator<Item = (u32, usize)> + 's {
        rows.iter()
            .filter_map(|(row, id)| Some((*row, *self.of.get(id)?)))
    }

    /// The cells of a field of the starts, for these rows.
    fn cells(
        &mut self,
        segment: &mut Segment,
        field: Field,
        rows: &[(u32, usize)],
    ) -> Vec<(u32, Cell)> {
        let Some(place) = OF_PROCESS.iter().position(|&own| own == field) else {
            return Vec::new();
        };
        let kind = segment.names.kind(field).0;
        let mut cells = Vec::new();
        for &(row, start) in rows {
            let Known {
                values,
                cells: kept,
                ends,
                ..
            } = &mut self.known[start];
            let of_field = place.checked_sub(1).map_or(0, |before| ends[before])..ends[place];
            for ((_, text), kept) in values[of_field.clone()].iter().zip(&mut kept[of_field]) {
                let cell = kept.or_else(|| cell(segment, kind, text));
                *kept = cell;
                cells.extend(cell.map(|cell| (row, cell)));
            }
        }
        cells
    }
}

fn text_of(values: &[(usize, String)], field: Field) -> Option<&str> {
    let of_field = |(place, _): &&(usize, String)| OF_PROCESS.get(*place) == Some(&field);
    values.iter().find(of_field).map(|(_, text)| text.as_str())
}

/// Where the values of each field end: facts have them in the order of the fields.
fn ends(values: &[(usize, String)]) -> [usize; OF_PROCESS.len()] {
    std::array::from_fn(|place| values.partition_point(|&(own, _)| own <= place))
}

fn cell(segment: &mut Segment, kind: Kind, text: &str) -> Option<Cell> {
    Some(match kind {
        Kind::Integer => Cell::Integer(text.parse().ok()?),
        Kind::Boolean => Cell::Boolean(text == "true"),
        _ => segment.cell(&Value::from(text)),
    })
}

fn fill_from_starts(
    segment: &mut Segment,
    host: &str,
    facts: &mut HostFacts<'_>,
    starts: &mut Starts,
) -> io::Result<()> {
    let mut rows = identity::column(segment, f::PROCESS_ENTITY_ID);
    // Sysmon's record of a start says all that it says.
    rows.retain(|&(row, _)| !is_start(segment, row));
    let ids = rows.iter().map(|&(_, id)| id);
    let missing = starts.look_up(segment, ids, facts)?;
    starts.look_up_creations(segment, &rows, missing, host, facts)?;
    let of_rows: Vec<(u32, usize)> = starts.rows(&rows).collect();
    // All of them are found before any is added: what is filled must not hide what belongs to it.
    let mut missing = Vec::new();
    for &field in OF_PROCESS {
        let mut lacking: Vec<(u32, usize)> = of_rows.clone();
        for &guard in guards(&field) {
            lacking = edit::lacking(segment, guard, lacking.into_iter()).collect();
        }
        if !lacking.is_empty() {
            missing.push((field, starts.cells(segment, field, &lacking)));
        }
    }
    for (field, cells) in missing {
        edit::add_cells(segment, field, &cells);
    }
    Ok(())
}

/// The fields that an event must lack before one is filled: a user's SID, name and domain are one,
/// and so are an image's path and name.
fn guards(field: &Field) -> &[Field] {
    match *field {
        f::USER_ID | f::USER_NAME | f::USER_DOMAIN => &[f::USER_ID, f::USER_NAME],
        f::PROCESS_EXECUTABLE | f::PROCESS_NAME | f::PROCESS_EXT_EXECUTABLE_KEY => {
            &[f::PROCESS_EXECUTABLE]
        }
        f::PROCESS_COMMAND_LINE | f::PROCESS_ARGS | f::PROCESS_ARGS_COUNT => {
            &[f::PROCESS_COMMAND_LINE]
        }
        f::PROCESS_PARENT_COMMAND_LINE | f::PROCESS_PARENT_ARGS | f::PROCESS_PARENT_ARGS_COUNT => {
            &[f::PROCESS_PARENT_COMMAND_LINE]
        }
        _ => std::slice::from_ref(field),
    }
}

impl Starts {
    /// Of processes that Sysmon named, but whose start only the Security log recorded.
    fn look_up_creations(
        &mut self,
        segment: &Segment,
        rows: &[(u32, StringId)],
        missing: Vec<StringId>,
        host: &str,
        facts: &mut HostFacts<'_>,
    ) -> io::Result<()> {
        let mut missing: BTreeSet<StringId> = missing.into_iter().collect();
        let mut asked = Vec::new();
        for &(row, id) in rows {
            let Some(at) = segment.rows[row as usize].time else {
                continue;
            };
            if let Some(Value::Integer(pid)) = segment.get(f::PROCESS_PID, row)
                && missing.remove(&id)
            {
                asked.push((pid, at, id));
            }
        }
        asked.sort_unstable_by_key(|&(pid, at, _)| (pid, at));
        let question = |&(pid, at, _): &(i64, Ticks, StringId)| Question { pid, at, image: "" };
        let questions: Vec<_> = asked.iter().map(question).collect();
        let answers = Answers::to(&questions, facts)?;
        for (place, &(pid, _, id)) in asked.iter().enumerate() {
            let Some(life) = answers.life(place) else {
                continue;
            };
            let Some(entity) = life.created_as(host, pid) else {
                continue;
            };
            let is_it = life.entity(host, pid) == segment.strings.get(id);
            if let Some(start) = facts.process(&entity)?.filter(|_| is_it) {
                self.add(id, start);
            }
        }
        Ok(())
    }
}

/// A parent that is asked for.
enum Child {
    Row(u32),
    /// All rows of a process, by the place of its start.
    Start(usize),
}

/// Finds parents by pid, and fills in what their starts said.
fn fill_parents(
    segment: &mut Segment,
    host: &str,
    facts: &mut HostFacts<'_>,
    starts: &mut Starts,
) -> io::Result<()> {
    name_parents(segment, host, facts, starts)?;
    let rows = identity::column(segment, f::PROCESS_PARENT_ENTITY_ID);
    let lacking: Vec<(u32, StringId)> =
        edit::lacking(segment, f::PROCESS_PARENT_COMMAND_LINE, rows.into_iter()).collect();
    let ids = lacking.iter().map(|&(_, id)| id);
    starts.look_up(segment, ids, facts)?;
    let of_rows: Vec<(u32, usize)> = starts.rows(&lacking).collect();
    let mut missing = Vec::new();
    for [own, field] in OF_PARENT {
        let guard = if field == f::PROCESS_PARENT_NAME {
            f::PROCESS_PARENT_EXECUTABLE
        } else {
            field
        };
        let rows: Vec<_> = edit::lacking(segment, guard, of_rows.iter().copied()).collect();
        missing.push((field, starts.cells(segment, own, &rows)));
    }
    for (field, cells) in missing {
        edit::add_cells(segment, field, &cells);
    }
    Ok(())
}

/// Gives `process.parent.entity_id` to events that have only the parent's pid.
fn name_parents(
    segment: &mut Segment,
    host: &str,
    facts: &mut HostFacts<'_>,
    starts: &Starts,
) -> io::Result<()> {
    let rows = identity::column(segment, f::PROCESS_ENTITY_ID);
    let nameless: Vec<(u32, StringId)> =
        edit::lacking(segment, f::PROCESS_PARENT_ENTITY_ID, rows.into_iter()).collect();
    let mut children: Vec<(i64, Ticks, String, Child)> = Vec::new();
    let mut asked = BTreeSet::new();
    for &(row, id) in &nameless {
        if is_creation(segment, row) {
            let pid = segment.get(f::PROCESS_PARENT_PID, row);
            if let (Some(Value::Integer(pid)), Some(at)) = (pid, segment.rows[row as usize].time) {
                let image = segment.text(f::PROCESS_PARENT_EXECUTABLE, row);
                let image = known_image(image.unwrap_or_default()).to_owned();
                children.push((pid, at, image, Child::Row(row)));
            }
        } else if let Some(&place) = starts.of.get(&id)
            && asked.insert(place)
            && let Known { time, values, .. } = &starts.known[place]
            && let Some((pid, at, image)) = parent_of(*time, values)
        {
            children.push((pid, at, image, Child::Start(place)));
        }
    }
    children.sort_by_key(|&(pid, at, ..)| (pid, at));
    let questions: Vec<_> = children
        .iter()
        .map(|&(pid, at, ref image, _)| Question { pid, at, image })
        .collect();
    let answers = Answers::to(&questions, facts)?;
    let mut of_row = HashMap::new();
    let mut of_start = HashMap::new();
    for (place, (.., child)) in children.iter().enumerate() {
        let Some(entity) = answers.entity(place, &questions[place], host, &facts.boots) else {
            continue;
        };
        let cell = segment.cell(&Value::from(entity));
        match child {
            Child::Row(row) => of_row.insert(*row, cell),
            Child::Start(start) => of_start.insert(*start, cell),
        };
    }
    let cell = |(row, id): &(u32, StringId)| {
        let of_start = || of_start.get(starts.of.get(id)?).copied();
        let cell = of_row.get(row).copied().or_else(of_start)?;
        Some((*row, cell))
    };
    let cells: Vec<(u32, Cell)> = nameless.iter().filter_map(cell).collect();
    edit::add_cells(segment, f::PROCESS_PARENT_ENTITY_ID, &cells);
    Ok(())
}

/// Pid and image of the parent, and when it was seen to live: at the start of its child.
fn parent_of(start: Option<Ticks>, values: &[(usize, String)]) -> Option<(i64, Ticks, String)> {
    let pid = text_of(values, f::PROCESS_PARENT_PID)?.parse().ok()?;
    let image = text_of(values, f::PROCESS_PARENT_EXECUTABLE).unwrap_or_default();
    Some((pid, start?, known_image(image).to_owned()))
}

/// Fills signatures of images, and of parents' images.
fn fill_signatures(segment: &mut Segment, facts: &mut HostFacts<'_>) -> io::Result<()> {
    let own = identity::column(segment, f::PROCESS_ENTITY_ID);
    let parents = identity::column(segment, f::PROCESS_PARENT_ENTITY_ID);
    let mut ids: Vec<StringId> = own.iter().chain(&parents).map(|&(_, id)| id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.sort_unstable_by_key(|&id| segment.strings.get(id));
    let mut known: HashMap<StringId, Vec<(usize, String)>> = HashMap::new();
    for id in ids {
        let values = facts.signature(segment.strings.get(id))?;
        if !values.is_empty() {
            known.insert(id, values);
        }
    }
    if known.is_empty() {
        return Ok(());
    }
    for (rows, side) in [(own, 1), (parents, 2)] {
        let signed = rows
            .iter()
            .copied()
            .filter(|(_, id)| known.contains_key(id));
        // A signature is one: it is filled where nothing is known of it.
        let unknown = edit::lacking(segment, OF_SIGNATURE[0][side], signed);
        let unknown: Vec<_> = edit::lacking(segment, OF_SIGNATURE[2][side], unknown).collect();
        for (place, fields) in OF_SIGNATURE.iter().enumerate() {
            let kind = segment.names.kind(fields[side]).0;
            let mut cells = Vec::new();
            for &(row, id) in &unknown {
                let of_field = known[&id].iter().filter(|(own, _)| *own == place);
                for (_, text) in of_field {
                    cells.extend(cell(segment, kind, text).map(|cell| (row, cell)));
                }
            }
            edit::add_cells(segment, fields[side], &cells);
        }
    }
    Ok(())
}

/// Fills `process.uptime`.
fn fill_uptime(segment: &mut Segment, starts: &Starts) {
    let mut cells = Vec::new();
    let mut second: HashMap<StringId, Option<Ticks>> = HashMap::new();
    for (row, id) in identity::column(segment, f::PROCESS_ENTITY_ID) {
        let Some(at) = segment.rows[row as usize].time else {
            continue;
        };
        let is_new = is_start(segment, row) || is_creation(segment, row);
        let start = if is_new {
            Some(at)
        } else if let Some(&place) = starts.of.get(&id) {
            starts.known[place].time
        } else {
            *second
                .entry(id)
                .or_insert_with(|| start_of_guid(segment.strings.get(id)))
        };
        let age = start.map(|start| at.0.saturating_sub(start.0));
        if let Some(age) = age.filter(|&age| age >= 0) {
            cells.push((row, Cell::Integer(age / TICKS_PER_SECOND)));
        }
    }
    edit::add_cells(segment, f::PROCESS_UPTIME, &cells);
}

/// Fills `process.Ext.ancestry` of starts.
fn fill_ancestry(segment: &mut Segment, host: &str, facts: &mut HostFacts<'_>) -> io::Result<()> {
    let mut parents = Parents {
        host,
        facts,
        known: HashMap::new(),
    };
    let mut cells = Vec::new();
    let mut lines: HashMap<StringId, Vec<Cell>> = HashMap::new();
    for (row, parent) in identity::column(segment, f::PROCESS_PARENT_ENTITY_ID) {
        if !is_start(segment, row) && !is_creation(segment, row) {
            continue;
        }
        let line = match lines.entry(parent) {
            Entry::Occupied(line) => line.into_mut(),
            Entry::Vacant(new) => {
                let line = parents.line(segment.strings.get(parent))?;
                let line = line.iter().map(|id| Value::from(id.as_str()));
                new.insert(line.map(|id| segment.cell(&id)).collect())
            }
        };
        cells.extend(line.iter().map(|&cell| (row, cell)));
    }
    edit::add_cells(segment, f::PROCESS_EXT_ANCESTRY, &cells);
    Ok(())
}

/// Who started whom.
struct Parents<'a, 'f> {
    host: &'a str,
    facts: &'a mut HostFacts<'f>,
    known: HashMap<String, Option<String>>,
}

impl Parents<'_, '_> {
    /// A process and its ancestors, as far as they are known.
    fn line(&mut self, first: &str) -> io::Result<Vec<String>> {
        let mut line = vec![first.to_owned()];
        while line.len() < MOST_ANCESTORS
            && let Some(last) = line.last()
            && let Some(parent) = self.of(last)?
            // Identities that an attacker wrote may go round.
            && !line.contains(&parent)
        {
            line.push(parent);
        }
        Ok(line)
    }

    fn of(&mut self, entity: &str) -> io::Result<Option<String>> {
        if let Some(parent) = self.known.get(entity) {
            return Ok(parent.clone());
        }
        let parent = self.ask(entity)?;
        if self.known.len() >= MOST_PARENTS {
            self.known.clear();
        }
        self.known.insert(entity.to_owned(), parent.clone());
        Ok(parent)
    }

    fn ask(&mut self, entity: &str) -> io::Result<Option<String>> {
        let Some(start) = self.facts.process(entity)? else {
            return Ok(None);
        };
        if let Some(parent) = text_of(&start.values, f::PROCESS_PARENT_ENTITY_ID) {
            return Ok(Some(parent.to_owned()));
        }
        let Some((pid, at, image)) = parent_of(start.time, &start.values) else {
            return Ok(None);
        };
        let question = [Question {
            pid,
            at,
            image: &image,
        }];
        let answers = Answers::to(&question, self.facts)?;
        Ok(answers.entity(0, &question[0], self.host, &self.facts.boots))
    }
}
