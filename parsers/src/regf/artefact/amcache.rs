//! Amcache: programs that the inventory found, with their hashes.

use std::io;

use timeline::fields as f;

use super::super::node::Node;
use super::super::out::{Certainty, Out};
use crate::ecs::{PathFields, split_path};

/// Values by their names, in the present form and in that of Windows 8.
const NAMES: [[&str; 2]; 6] = [
    ["LowerCaseLongPath", "15"],
    ["FileId", "101"],
    ["Publisher", "1"],
    ["ProductName", "0"],
    ["Version", "5"],
    ["Name", ""],
];

/// InventoryApplicationFile\ID or File\VOLUME\ID: the key was written when the inventory looked.
pub(super) fn file(out: &mut Out<'_>, node: &Node<'_, '_>) -> io::Result<()> {
    let text = |names: [&str; 2]| {
        let names = names.iter().filter(|name| !name.is_empty());
        names.into_iter().find_map(|name| node.text(name))
    };
    let [path, id, publisher, product, version, _] = NAMES.map(text);
    let Some(path) = path else {
        return Ok(());
    };
    // Four zeros, then the SHA-1.
    let sha1 = id.as_deref().and_then(|id| id.strip_prefix("0000"));
    let sha1 = sha1
        .filter(|hash| hash.len() == 40)
        .map(str::to_ascii_lowercase);
    let mut values = out.values();
    out.put_key(&mut values, node.path);
    values.put_all(f::EVENT_CATEGORY, ["file", "process"]);
    values.put(f::EVENT_TYPE, "info");
    values.put(f::EVENT_ACTION, "amcache-entry");
    split_path(&mut values, path.clone(), PathFields::FILE);
    values.put(f::PROCESS_EXECUTABLE, path.clone());
    for field in [f::FILE_HASH_SHA1, f::PROCESS_HASH_SHA1, f::RELATED_HASH] {
        values.put_some(field, sha1.clone());
    }
    values.put_some(f::FILE_PE_COMPANY, publisher);
    values.put_some(f::FILE_PE_PRODUCT, product);
    values.put_some(f::FILE_PE_FILE_VERSION, version);
    // When it was linked: said by the program, as text, and easily made up.
    let linked = node.text("LinkDate");
    let field = out.own_field(timeline::fields::EVENT_DATA, "LinkDate");
    values.put_some(field, linked);
    let when = node.written(Certainty::Exact);
    out.put(node.place(), when, "amcache", &[path.as_bytes()], values)
}
