//! What a user typed into the Run dialog, and opened last.

use std::io;

use timeline::fields as f;

use super::super::node::{Node, text_of};
use super::super::out::Out;
use super::super::read::upper_name;
use super::order::{Order, listed};
use crate::ecs::split_command_line;

/// What ends each entry of the Run dialog.
const END: &str = "\\1";

/// RunMRU: the text that was typed, and `\1`. Only the entry that is first in `MRUList` has a time.
pub(super) fn run_dialog(out: &mut Out<'_>, node: &Node<'_, '_>) -> io::Result<()> {
    let ranks = Order::Letters.ranks(&node.key);
    for value in node.values() {
        let name = value.name();
        let Some(&rank) = ranks.get(&upper_name(&name)) else {
            continue;
        };
        let Some(text) = text_of(&value) else {
            continue;
        };
        let typed = text.strip_suffix(END).unwrap_or(&text).to_owned();
        let mut values = out.values();
        out.put_key(&mut values, node.path);
        values.put(f::EVENT_CATEGORY, "process");
        values.put(f::EVENT_TYPE, "info");
        values.put(f::EVENT_ACTION, "run-dialog-command");
        values.put_all(f::PROCESS_ARGS, split_command_line(&typed));
        values.put(f::PROCESS_COMMAND_LINE, typed);
        values.put(f::EVENT_EXT_MRU_RANK, rank);
        let place = node.place_of(&value);
        let content = [text.as_bytes()];
        out.put(place, node.ranked(rank), "run-dialog", &content, values)?;
    }
    Ok(())
}

/// RecentDocs: names of documents, in binary values that `MRUListEx` orders.
pub(super) fn recent_documents(out: &mut Out<'_>, node: &Node<'_, '_>) -> io::Result<()> {
    for (rank, value) in listed(&node.key) {
        let bytes = value.data().bytes;
        let name = document(&bytes);
        if name.is_empty() {
            continue;
        }
        let mut values = out.values();
        out.put_key(&mut values, node.path);
        values.put(f::EVENT_CATEGORY, "file");
        values.put(f::EVENT_TYPE, "access");
        values.put(f::EVENT_ACTION, "recent-document");
        values.put(f::FILE_NAME, name.clone());
        values.put(f::EVENT_EXT_MRU_RANK, rank);
        let place = node.place_of(&value);
        out.put(
            place,
            node.ranked(rank),
            "recent-document",
            &[&bytes],
            values,
        )?;
    }
    Ok(())
}

/// The name at the start of an entry, in UTF-16 up to a NUL.
fn document(bytes: &[u8]) -> String {
    let units = bytes.as_chunks::<2>().0;
    let end = units
        .iter()
        .position(|unit| *unit == [0, 0])
        .unwrap_or(units.len());
    super::super::data::text(bytes.get(..end * 2).unwrap_or_default())
}
