//! Where a user connected to: remote desktops, shares.

use std::io;

use timeline::fields as f;

use super::super::node::{Node, text_of};
use super::super::out::{Certainty, Out, Place, When};
use super::super::read::upper_name;
use super::order::Order;
use crate::ecs::address;

/// One target.
struct Target<'a> {
    action: &'static str,
    host: &'a str,
    share: Option<String>,
    user: Option<String>,
    rank: Option<i64>,
}

/// Terminal Server Client\Servers\HOST: the client stores the name of the user for its next connection.
pub(super) fn rdp_target(out: &mut Out<'_>, node: &Node<'_, '_>) -> io::Result<()> {
    let target = Target {
        action: "rdp-client-target",
        host: node.name(),
        share: None,
        user: node.text("UsernameHint"),
        rank: None,
    };
    put(
        out,
        node,
        &target,
        node.place(),
        node.written(Certainty::Exact),
    )
}

/// Terminal Server Client\Default: the targets that were typed last, `MRU0` first.
pub(super) fn rdp_last(out: &mut Out<'_>, node: &Node<'_, '_>) -> io::Result<()> {
    let ranks = Order::Numbered("MRU", 0).ranks(&node.key);
    for value in node.values() {
        let rank = ranks.get(&upper_name(&value.name())).copied();
        let (Some(rank), Some(text)) = (rank, text_of(&value)) else {
            continue;
        };
        let target = Target {
            action: "rdp-client-target",
            host: &text,
            share: None,
            user: None,
            rank: Some(rank),
        };
        put(out, node, &target, node.place_of(&value), node.ranked(rank))?;
    }
    Ok(())
}

/// MountPoints2\##SERVER#SHARE: Explorer mounted the share for the first time, or again.
pub(super) fn mount_point(out: &mut Out<'_>, node: &Node<'_, '_>) -> io::Result<()> {
    let name = node.name().replace('#', "\\");
    put_share(
        out,
        node,
        &name,
        None,
        node.place(),
        node.written(Certainty::Exact),
    )
}

/// Network\DRIVE: a share is a drive, also after the next logon.
pub(super) fn network_drive(out: &mut Out<'_>, node: &Node<'_, '_>) -> io::Result<()> {
    match node.text("RemotePath") {
        Some(path) => put_share(
            out,
            node,
            &path,
            None,
            node.place(),
            node.written(Certainty::UpperBound),
        ),
        None => Ok(()),
    }
}

/// Map Network Drive MRU: the shares that were typed there last.
pub(super) fn mapped(out: &mut Out<'_>, node: &Node<'_, '_>) -> io::Result<()> {
    let ranks = Order::Letters.ranks(&node.key);
    for value in node.values() {
        let rank = ranks.get(&upper_name(&value.name())).copied();
        let (Some(rank), Some(text)) = (rank, text_of(&value)) else {
            continue;
        };
        let place = node.place_of(&value);
        put_share(out, node, &text, Some(rank), place, node.ranked(rank))?;
    }
    Ok(())
}

/// Puts the event of a share, if its path names a server.
fn put_share(
    out: &mut Out<'_>,
    node: &Node<'_, '_>,
    path: &str,
    rank: Option<i64>,
    place: Place,
    when: When,
) -> io::Result<()> {
    let Some(host) = path
        .strip_prefix("\\\\")
        .and_then(|path| path.split('\\').next())
    else {
        return Ok(());
    };
    if host.is_empty() {
        return Ok(());
    }
    let target = Target {
        action: "network-share-mounted",
        host,
        share: Some(path.to_owned()),
        user: None,
        rank,
    };
    put(out, node, &target, place, when)
}

fn put(
    out: &mut Out<'_>,
    node: &Node<'_, '_>,
    target: &Target<'_>,
    place: Place,
    when: When,
) -> io::Result<()> {
    let mut values = out.values();
    out.put_key(&mut values, node.path);
    values.put(f::EVENT_CATEGORY, "network");
    values.put(f::EVENT_TYPE, "info");
    values.put(f::EVENT_ACTION, target.action);
    // A port may follow.
    let host = target
        .host
        .split_once(':')
        .filter(|(_, port)| port.parse::<u16>().is_ok());
    let host = host.map_or(target.host, |(host, _)| host);
    match address(host) {
        Some(ip) => values.put(f::DESTINATION_IP, ip),
        None => values.put(f::DESTINATION_DOMAIN, host.to_owned()),
    }
    values.address();
    values.put_some(f::FILE_TARGET_PATH, target.share.clone());
    if let Some(user) = &target.user {
        // What was typed for the other side: a hint, nobody's identity here.
        let (domain, name) = user.split_once('\\').unwrap_or(("", user));
        values.put(f::USER_NAME, name.to_owned());
        let domain = Some(domain).filter(|domain| !domain.is_empty());
        values.put_some(f::USER_DOMAIN, domain.map(str::to_owned));
    }
    values.put_some(f::EVENT_EXT_MRU_RANK, target.rank);
    let content = [
        target.host.as_bytes(),
        target.user.as_deref().unwrap_or_default().as_bytes(),
    ];
    out.put(place, when, target.action, &content, values)
}
