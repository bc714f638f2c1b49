//! What an event is: category, type, action.

use timeline::fields as f;

use crate::ecs::Values;

/// One row of a channel's table of events. Upstream's value stands first, our aliases after.
#[derive(Clone, Copy, Debug)]
pub(super) struct Class {
    id: u32,
    category: &'static [&'static str],
    kind: &'static [&'static str],
    action: &'static [&'static str],
}

/// A row of a table.
pub(super) const fn class(
    id: u32,
    category: &'static [&'static str],
    kind: &'static [&'static str],
    action: &'static [&'static str],
) -> Class {
    Class {
        id,
        category,
        kind,
        action,
    }
}

/// Puts the class of an event, if the table has one. The table is in the order of its ids.
pub(super) fn put_class(table: &[Class], id: u32, values: &mut Values<'_>) {
    let place = table.binary_search_by_key(&id, |class| class.id);
    let Some(class) = place.ok().and_then(|place| table.get(place)) else {
        return;
    };
    values.put_all(f::EVENT_CATEGORY, class.category.iter().copied());
    values.put_all(f::EVENT_TYPE, class.kind.iter().copied());
    values.put_all(f::EVENT_ACTION, class.action.iter().copied());
}

#[cfg(test)]
pub(super) fn assert_ordered(table: &[Class]) {
    assert!(
        table.is_sorted_by(|a, b| a.id < b.id),
        "ids ascend, each once"
    );
}
