//! Background and Desktop Activity Moderator: the last execution of each program, by user.

use std::io;

use timeline::fields as f;

use super::super::node::{Node, time_at};
use super::super::out::{Out, When};
use crate::ecs::{PathFields, drive_form, split_path};

/// State\UserSettings\SID: a value for each program, which begins with a time.
pub(super) fn executions(out: &mut Out<'_>, node: &Node<'_, '_>) -> io::Result<()> {
    for value in node.values().filter(|value| value.data_type() == 3) {
        let bytes = value.data().bytes;
        let time = time_at(&bytes, 0).filter(|time| time.is_believable());
        let (Some(time), path) = (time, value.name()) else {
            continue;
        };
        let mut values = out.values();
        out.put_key(&mut values, node.path);
        values.put(f::EVENT_CATEGORY, "process");
        values.put(f::EVENT_TYPE, "info");
        values.put(f::EVENT_ACTION, "bam-execution");
        // This one is the actor.
        values.put(f::USER_ID, node.name().to_owned());
        values.put(f::PROCESS_EXT_DEVICE_PATH, path.to_string());
        let own = drive_form(&path).unwrap_or_else(|| path.to_string());
        split_path(&mut values, own, PathFields::PROCESS);
        let place = node.place_of(&value);
        let when = When::exact(time, "last_executed");
        out.put(place, when, "bam", &[path.as_bytes()], values)?;
    }
    Ok(())
}
