//! Local accounts and groups.

use std::io;

use timeline::fields as f;

use super::super::data;
use super::super::node::{Node, time_at};
use super::super::out::{Certainty, Out, When};
use super::super::read::Key;
use crate::evtx::read::sid_text;
use crate::le;

/// Offsets in `V` count from here.
const V: usize = 0xCC;
/// Offsets in `C` count from here.
const C: usize = 0x34;

/// Users\RID: when the account last logged on, when its password was set, and when it was last wrong.
pub(super) fn user(out: &mut Out<'_>, node: &Node<'_, '_>) -> io::Result<()> {
    let (Some(fixed), Ok(rid)) = (node.bytes("F"), u32::from_str_radix(node.name(), 16)) else {
        return Ok(());
    };
    let name = node
        .bytes("V")
        .and_then(|variable| part(&variable, V, 0x0C));
    let domain = node.root.as_ref().and_then(domain_sid);
    for (at, action, meaning) in [
        (0x08, "local-account-last-logon", "last_logon"),
        (0x18, "local-account-password-set", "password_set"),
        (0x28, "local-account-bad-password", "bad_password"),
    ] {
        let Some(time) = time_at(&fixed, at).filter(|time| time.is_believable()) else {
            continue;
        };
        let mut values = out.values();
        out.put_key(&mut values, node.path);
        values.put_all(f::EVENT_CATEGORY, ["iam"]);
        values.put_all(f::EVENT_TYPE, ["user", "info"]);
        values.put(f::EVENT_ACTION, action);
        values.put_some(f::USER_NAME, name.clone());
        let sid = domain.as_ref().map(|domain| format!("{domain}-{rid}"));
        values.put_some(f::USER_ID, sid);
        let place = node.place();
        out.put(place, When::exact(time, meaning), action, &[&fixed], values)?;
    }
    Ok(())
}

/// Aliases\RID: a group and its members.
pub(super) fn group(out: &mut Out<'_>, node: &Node<'_, '_>) -> io::Result<()> {
    let Some(bytes) = node.bytes("C") else {
        return Ok(());
    };
    let (Some(name), Some(start), Some(count)) = (
        part(&bytes, C, 0x10),
        le::u32(&bytes, 0x28),
        le::u32(&bytes, 0x30),
    ) else {
        return Ok(());
    };
    let mut rest = bytes
        .get(C.saturating_add(start as usize)..)
        .unwrap_or_default();
    let mut members = Vec::new();
    for _ in 0..count {
        let Some(sid) = sid_text(rest) else {
            break;
        };
        let length = rest.get(1).map_or(0, |&parts| 8 + usize::from(parts) * 4);
        rest = rest.get(length..).unwrap_or_default();
        members.push(sid);
    }
    if members.is_empty() {
        return Ok(());
    }
    let mut values = out.values();
    out.put_key(&mut values, node.path);
    values.put(f::EVENT_CATEGORY, "iam");
    values.put_all(f::EVENT_TYPE, ["group", "info"]);
    values.put(f::EVENT_ACTION, "local-group-members");
    values.put(f::GROUP_NAME, name);
    values.put_all(f::GROUP_EXT_MEMBERS, members);
    let when = node.written(Certainty::UpperBound);
    out.put(node.place(), when, "group", &[&bytes], values)
}

/// A text whose place and length stand at a place of the data.
fn part(bytes: &[u8], base: usize, at: usize) -> Option<String> {
    let start = base.checked_add(le::u32(bytes, at)? as usize)?;
    let length = le::u32(bytes, at + 4)? as usize;
    let text = data::text(bytes.get(start..start.checked_add(length)?)?);
    (!text.is_empty()).then_some(text)
}

/// The SID of the machine: it ends the data of its accounts.
fn domain_sid(root: &Key<'_>) -> Option<String> {
    let value = root.descendant(r"SAM\Domains\Account")?.value("V")?.data();
    let start = value.bytes.len().checked_sub(12)?;
    let parts = [0, 4, 8].map(|at| le::u32(&value.bytes, start + at));
    match parts {
        [Some(a), Some(b), Some(c)] => Some(format!("S-1-5-21-{a}-{b}-{c}")),
        _ => None,
    }
}
