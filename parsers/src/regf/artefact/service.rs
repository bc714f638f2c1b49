//! Services: what starts with the machine, and from where.

use std::io;

use timeline::fields as f;

use super::super::node::Node;
use super::super::out::{Certainty, Out};
use crate::ecs::service_key;

/// Services\NAME: installed or changed at some time up to the last write.
pub(super) fn service(out: &mut Out<'_>, node: &Node<'_, '_>) -> io::Result<()> {
    // The other control sets are copies from before.
    let set = node.path.split('\\').next().unwrap_or_default();
    let is_current = out
        .mount
        .current_set
        .as_deref()
        .is_none_or(|own| own.eq_ignore_ascii_case(set));
    let image = node.text("ImagePath");
    let Some(image) = image.filter(|_| is_current) else {
        return Ok(());
    };
    let mut values = out.values();
    out.put_key(&mut values, node.path);
    values.put_all(f::EVENT_CATEGORY, ["iam", "configuration"]);
    values.put_all(f::EVENT_TYPE, ["admin", "change"]);
    values.put(f::EVENT_ACTION, "service-installed");
    values.put(f::SERVICE_NAME, node.name().to_owned());
    values.put_some(
        f::SERVICE_TYPE,
        node.number("Type").map(|kind| format!("{kind:#x}")),
    );
    values.put(f::SERVICE_EXT_EXECUTABLE, image.clone());
    values.put(f::SERVICE_EXT_EXECUTABLE_KEY, service_key(&image));
    let library = node
        .key
        .subkey("Parameters")
        .and_then(|key| key.value("ServiceDll"));
    let library = library.and_then(|value| super::super::node::text_of(&value));
    let own = [
        ("ServiceName", Some(node.name().to_owned())),
        ("ServiceFileName", Some(image.clone())),
        ("ImagePath", Some(image.clone())),
        (
            "StartType",
            node.number("Start").map(|start| start.to_string()),
        ),
        ("AccountName", node.text("ObjectName")),
        ("DisplayName", node.text("DisplayName")),
        ("ServiceDll", library),
    ];
    for (name, text) in own {
        if let Some(text) = text {
            let field = out.own_field(timeline::fields::EVENT_DATA, name);
            values.put(field, text);
        }
    }
    let when = node.written(Certainty::UpperBound);
    out.put(node.place(), when, "service", &[image.as_bytes()], values)
}
