//! What the machine keeps of itself: its addresses, when it was shut down, whose profiles were loaded.

use std::io;

use timeline::{Ticks, fields as f};

use super::super::node::{Node, time_at};
use super::super::out::{Out, When};
use crate::ecs::address;

/// Interfaces\GUID: an address that was leased.
pub(super) fn lease(out: &mut Out<'_>, node: &Node<'_, '_>) -> io::Result<()> {
    let ip = node.text("DhcpIPAddress").and_then(|text| address(&text));
    let time = node.number("LeaseObtainedTime");
    let time = time.and_then(|seconds| Ticks::from_unix(i64::from(seconds), 0));
    let (Some(ip), Some(time)) = (ip, time.filter(|time| time.is_believable())) else {
        return Ok(());
    };
    if ip == "0.0.0.0" {
        return Ok(());
    }
    let mut values = out.values();
    out.put_key(&mut values, node.path);
    values.put_all(f::EVENT_CATEGORY, ["host", "network"]);
    values.put(f::EVENT_TYPE, "info");
    values.put(f::EVENT_ACTION, "address-leased");
    values.put(f::RELATED_IP, ip.clone());
    let end = node.number("LeaseTerminatesTime");
    let end = end.and_then(|seconds| Ticks::from_unix(i64::from(seconds), 0));
    values.put_some(
        f::EVENT_END,
        end.filter(|end| end.is_believable() && *end > time),
    );
    let server = node.text("DhcpServer").and_then(|text| address(&text));
    values.put_some(f::DESTINATION_IP, server);
    values.address();
    let when = When::exact(time, "lease_obtained");
    out.put(node.place(), when, "lease", &[ip.as_bytes()], values)
}

/// Control\Windows: when the machine was last shut down.
pub(super) fn shutdown(out: &mut Out<'_>, node: &Node<'_, '_>) -> io::Result<()> {
    let time = node
        .bytes("ShutdownTime")
        .and_then(|bytes| time_at(&bytes, 0));
    let Some(time) = time.filter(|time| time.is_believable()) else {
        return Ok(());
    };
    let mut values = out.values();
    out.put_key(&mut values, node.path);
    values.put(f::EVENT_CATEGORY, "host");
    values.put(f::EVENT_TYPE, "end");
    values.put(f::EVENT_ACTION, "shutdown");
    out.put(
        node.place(),
        When::exact(time, "shutdown"),
        "shutdown",
        &[],
        values,
    )
}

/// ProfileList\SID: when the user's profile was last loaded and unloaded.
pub(super) fn profile(out: &mut Out<'_>, node: &Node<'_, '_>) -> io::Result<()> {
    let time = |name: &str| {
        let [high, low] = ["High", "Low"].map(|half| node.number(&format!("{name}{half}")));
        let time = u64::from(high?) << 32 | u64::from(low?);
        Ticks::from_filetime(time).filter(|time| time.is_believable())
    };
    for (name, action, kind, meaning) in [
        (
            "LocalProfileLoadTime",
            "profile-loaded",
            "start",
            "profile_loaded",
        ),
        (
            "LocalProfileUnloadTime",
            "profile-unloaded",
            "end",
            "profile_unloaded",
        ),
    ] {
        let Some(time) = time(name) else {
            continue;
        };
        let mut values = out.values();
        out.put_key(&mut values, node.path);
        values.put(f::EVENT_CATEGORY, "session");
        values.put(f::EVENT_TYPE, kind);
        values.put(f::EVENT_ACTION, action);
        values.put(f::USER_ID, node.name().to_owned());
        values.put_some(f::FILE_PATH, node.text("ProfileImagePath"));
        out.put(
            node.place(),
            When::exact(time, meaning),
            action,
            &[],
            values,
        )?;
    }
    Ok(())
}
