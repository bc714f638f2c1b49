//! A key's values as they are: one event for each, and one for a key without values (ECS.md §9.2).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use timeline::{State, fields as f};

use super::artefact::{Artefact, Order, Wanted};
use super::data;
use super::known::known;
use super::mount::Mount;
use super::node::Node;
use super::out::{Certainty, Out, Place};
use super::read::{At, Key, Origin, ValueCell, former_values, upper_name};
use crate::ecs::{Values, expand};

/// Puts events for a key and its values: those that artefacts want, or all.
pub(super) fn put(
    out: &mut Out<'_>,
    at: &At<'_, '_>,
    changes: Option<&Changes>,
    artefacts: &[&Artefact],
    is_full: bool,
) -> io::Result<()> {
    let wants = |name: &str| is_full || artefacts.iter().any(|artefact| artefact.wants(name));
    let state = state(at.origin);
    let is_superseded = at.origin == Origin::Before;
    let order = artefacts.iter().map(|artefact| artefact.order);
    let order = order.max().unwrap_or_default();
    let values = || at.key.values().filter_map(Result::ok);
    let count = values().take(2).count();
    let ranks = order.ranks(&at.key);
    let former: Vec<ValueCell<'_>> = former_values(&at.key).collect();
    // Whatever else is, or was, in a key may have been written last.
    let only = count == 1 && at.key.subkey_count() == 0 && former.is_empty();
    for value in values() {
        let name = value.name();
        if !wants(&name) {
            continue;
        }
        let upper = upper_name(&name);
        let is_changed = changes.is_some_and(|changes| changes.now.contains(&upper));
        let is_last = changes.is_some_and(|changes| changes.is_only(&upper));
        let rank = ranks.get(&upper).copied();
        let is_exact = rank == Some(1) || (rank.is_none() && (only || is_last));
        let place = Place {
            cell: value.offset(),
            state: if is_changed {
                State::TransactionLog
            } else {
                state
            },
            is_superseded,
        };
        put_value(out, at.path, &at.key, &value, place, (is_exact, rank))?;
    }
    let is_bare = count == 0 && at.key.value_count() == 0;
    if is_bare
        && (is_full
            || artefacts
                .iter()
                .any(|artefact| artefact.wanted == Wanted::All))
    {
        put_key(out, at, state, is_superseded)?;
    }
    for value in &former {
        if wants(&value.name()) {
            let place = Place {
                cell: value.offset(),
                state: State::DeletedCell,
                is_superseded,
            };
            put_value(out, at.path, &at.key, value, place, (false, None))?;
        }
    }
    match (changes, at.before) {
        (Some(changes), Some(before)) => put_before(out, at, &before, changes, order, &wants),
        _ => Ok(()),
    }
}

/// What a key was before the logs: values that they changed or removed, and whatever had a time of its own.
fn put_before(
    out: &mut Out<'_>,
    at: &At<'_, '_>,
    before: &Key<'_>,
    changes: &Changes,
    order: Order,
    wants: &dyn Fn(&str) -> bool,
) -> io::Result<()> {
    let is_redated = before.last_written() != at.key.last_written();
    if !is_redated && changes.before.is_empty() {
        return Ok(());
    }
    let ranks = order.ranks(before);
    let values: Vec<ValueCell<'_>> = before.values().filter_map(Result::ok).collect();
    let only = values.len() == 1 && before.subkey_count() == 0;
    for value in &values {
        let name = value.name();
        let upper = upper_name(&name);
        let rank = ranks.get(&upper).copied();
        let is_exact = rank == Some(1) || (rank.is_none() && only);
        let is_told = changes.before.contains(&upper) || (is_exact && is_redated);
        if !is_told || !wants(&name) {
            continue;
        }
        let place = Place {
            cell: value.offset(),
            state: State::Live,
            is_superseded: true,
        };
        put_value(out, at.path, before, value, place, (is_exact, rank))?;
    }
    Ok(())
}

/// Keys with more values are not compared with what they were before the logs.
const MOST_COMPARED: u32 = 1 << 16;

/// Names, in capitals, of values that are not the same before and after the logs.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Those that are new, or have other data now.
    pub(super) now: BTreeSet<String>,
    /// Those that are gone, or had other data before.
    pub(super) before: BTreeSet<String>,
}

impl Changes {
    pub(super) fn between(now: &Key<'_>, before: &Key<'_>) -> Self {
        let content = |key: &Key<'_>| -> BTreeMap<String, (u32, Vec<u8>)> {
            let values = key.values().filter_map(Result::ok);
            values
                .map(|value| {
                    let data = value.data().bytes.into_owned();
                    (upper_name(&value.name()), (value.data_type(), data))
                })
                .collect()
        };
        // No genuine key has so many; what they hold is not compared.
        if now.value_count() > MOST_COMPARED || before.value_count() > MOST_COMPARED {
            return Self::default();
        }
        let (now, before) = (content(now), content(before));
        let other = |own: &BTreeMap<String, _>, than: &BTreeMap<String, _>| {
            let changed = own
                .iter()
                .filter(|(name, value)| than.get(*name) != Some(*value));
            changed.map(|(name, _)| name.clone()).collect()
        };
        Self {
            now: other(&now, &before),
            before: other(&before, &now),
        }
    }

    /// Whether this value alone changed: then the key's time is its time.
    fn is_only(&self, name: &str) -> bool {
        self.now.len() == 1 && self.now.contains(name) && self.before.is_subset(&self.now)
    }
}

pub(super) fn state(origin: Origin) -> State {
    match origin {
        Origin::Live | Origin::Before => State::Live,
        Origin::Log => State::TransactionLog,
        Origin::Free => State::DeletedCell,
        Origin::Orphan => State::Carved,
    }
}

fn put_key(
    out: &mut Out<'_>,
    at: &At<'_, '_>,
    state: State,
    is_superseded: bool,
) -> io::Result<()> {
    let node = Node {
        path: at.path,
        key: at.key,
        root: None,
        state,
        changed: None,
        is_superseded,
    };
    let mut values = out.values();
    put_kind(&mut values, state);
    put_path(&mut values, &out.mount, at.path, None);
    values.put_some(f::REGISTRY_EXT_CLASS, at.key.class_name());
    out.put_security(&mut values, &at.key, is_superseded);
    // A key without values was made, or changed in its subkeys, when it was last written. What was deleted
    // was so before.
    let certainty = Certainty::exact_if(state == State::Live || state == State::TransactionLog);
    let (path, place) = (at.path.to_owned(), node.place());
    out.put(
        place,
        node.written(certainty),
        "",
        &[path.as_bytes()],
        values,
    )
}

/// What an event of a key or value is.
fn put_kind(values: &mut Values<'_>, state: State) {
    values.put_all(f::EVENT_CATEGORY, ["registry", "configuration"]);
    let is_deleted = state == State::DeletedCell;
    values.put(
        f::EVENT_TYPE,
        if is_deleted { "deletion" } else { "change" },
    );
    values.put(
        f::EVENT_ACTION,
        if is_deleted {
            "deletion"
        } else {
            "modification"
        },
    );
}

/// Puts the event of a value. Its time is exact or not, and it may have a rank among others.
fn put_value(
    out: &mut Out<'_>,
    path: &str,
    key: &Key<'_>,
    value: &ValueCell<'_>,
    place: Place,
    (is_exact, rank): (bool, Option<i64>),
) -> io::Result<()> {
    let name = value.name();
    let mut values = out.values();
    put_kind(&mut values, place.state);
    put_path(&mut values, &out.mount, path, Some(&name));
    let bytes = value.data().bytes;
    put_data(&mut values, path, &name, value.data_type(), &bytes);
    values.put_some(f::EVENT_EXT_MRU_RANK, rank);
    values.put_some(f::REGISTRY_EXT_CLASS, key.class_name());
    out.put_security(&mut values, key, place.is_superseded);
    let is_exact = is_exact && place.state != State::DeletedCell;
    let when = super::out::When::last_write(key.last_written(), Certainty::exact_if(is_exact));
    let content = [path.as_bytes(), name.as_bytes(), &bytes];
    out.put(place, when, "", &content, values)
}

/// Puts a value that was found without its key.
pub(super) fn put_lost(out: &mut Out<'_>, value: &ValueCell<'_>) -> io::Result<()> {
    let place = Place {
        cell: value.offset(),
        state: if value.is_allocated() {
            State::Carved
        } else {
            State::DeletedCell
        },
        is_superseded: false,
    };
    let name = value.name();
    let mut values = out.values();
    put_kind(&mut values, place.state);
    put_path(&mut values, &out.mount, super::read::ORPHAN, Some(&name));
    let bytes = value.data().bytes;
    put_data(
        &mut values,
        super::read::ORPHAN,
        &name,
        value.data_type(),
        &bytes,
    );
    let when = super::out::When::last_write(None, Certainty::UpperBound);
    out.put(place, when, "", &[name.as_bytes(), &bytes], values)
}

/// Puts the data of a value.
pub(super) fn put_data(values: &mut Values<'_>, path: &str, name: &str, kind: u32, bytes: &[u8]) {
    match data::type_names(kind) {
        Ok(names) => values.put_all(f::REGISTRY_DATA_TYPE, names.iter().copied()),
        Err(number) => values.put(f::REGISTRY_DATA_TYPE, number),
    }
    let told = data::tell(kind, bytes, &|text| expand(text, None));
    let known = known(path, name, kind, bytes);
    values.put_all(
        f::REGISTRY_DATA_STRINGS,
        told.strings.into_iter().chain(known),
    );
    values.put_some(f::REGISTRY_DATA_BYTES, told.bytes);
    let size = told.size.and_then(|size| i64::try_from(size).ok());
    values.put_some(f::REGISTRY_EXT_DATA_SIZE, size);
}

/// Puts where a key or a value is, in every spelling that rules test.
pub(super) fn put_path(values: &mut Values<'_>, mount: &Mount, path: &str, value: Option<&str>) {
    let name = value.map(|name| if name.is_empty() { "(Default)" } else { name });
    let own = if path.is_empty() {
        mount.prefix.clone()
    } else {
        format!("{}\\{path}", mount.prefix)
    };
    let mut keys: Vec<Cow<'_, str>> = vec![Cow::Borrowed(&own)];
    keys.extend(with_current_set(mount, path).map(Cow::Owned));
    keys.extend(
        own.strip_prefix("HKU\\")
            .map(|rest| Cow::Owned(format!("HKEY_USERS\\{rest}"))),
    );
    for key in &keys {
        let whole = name.map_or_else(|| key.to_string(), |name| format!("{key}\\{name}"));
        values.put(f::REGISTRY_PATH, whole);
    }
    match own.split_once('\\') {
        Some(("HKLM", _)) => values.put(f::REGISTRY_HIVE, "HKLM"),
        Some(("HKU", _)) => values.put_all(f::REGISTRY_HIVE, ["HKU", "HKEY_USERS"]),
        _ => {}
    }
    for key in keys.iter().filter(|key| !key.starts_with("HKEY_USERS")) {
        let below = key.split_once('\\').map_or("", |(_, below)| below);
        let below = if below.is_empty() {
            key.as_ref()
        } else {
            below
        };
        values.put(f::REGISTRY_KEY, below.to_owned());
        if let Some(name) = name {
            values.put(f::REGISTRY_KEY, format!("{below}\\{name}"));
        }
    }
    values.put_some(f::REGISTRY_VALUE, name.map(str::to_owned));
}

/// The path with the name of the link that Windows keeps to the control set it runs with.
fn with_current_set(mount: &Mount, path: &str) -> Option<String> {
    let current = mount.current_set.as_deref()?;
    let set = path.get(..current.len())?;
    let rest = path.get(current.len()..)?;
    let is_it = set.eq_ignore_ascii_case(current) && (rest.is_empty() || rest.starts_with('\\'));
    is_it.then(|| format!("{}\\CurrentControlSet{rest}", mount.prefix))
}
