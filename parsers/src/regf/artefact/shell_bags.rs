//! ShellBags: folders that a user opened in Explorer. Only those on the network are told.

use std::io;

use timeline::fields as f;

use super::super::node::Node;
use super::super::out::Out;
use super::order::listed;
use crate::ecs::address;

/// The kind of a shell item, without its flags: a place on the network.
const NETWORK: u8 = 0x40;

/// BagMRU\…: each value is a folder, `MRUListEx` has their order.
pub(super) fn folder(out: &mut Out<'_>, node: &Node<'_, '_>) -> io::Result<()> {
    for (rank, value) in listed(&node.key) {
        let bytes = value.data().bytes;
        let Some(path) = network_path(&bytes) else {
            continue;
        };
        let host = path
            .trim_start_matches('\\')
            .split('\\')
            .next()
            .unwrap_or_default();
        let mut values = out.values();
        out.put_key(&mut values, node.path);
        values.put(f::EVENT_CATEGORY, "network");
        values.put(f::EVENT_TYPE, "info");
        values.put(f::EVENT_ACTION, "network-folder-opened");
        match address(host) {
            Some(ip) => values.put(f::DESTINATION_IP, ip),
            None => values.put(f::DESTINATION_DOMAIN, host.to_owned()),
        }
        values.address();
        values.put(f::FILE_TARGET_PATH, path.clone());
        values.put(f::EVENT_EXT_MRU_RANK, rank);
        let place = node.place_of(&value);
        out.put(
            place,
            node.ranked(rank),
            "shellbag",
            &[path.as_bytes()],
            values,
        )?;
    }
    Ok(())
}

/// The path in a shell item of the network: `\\SERVER` or `\\SERVER\SHARE`.
fn network_path(bytes: &[u8]) -> Option<String> {
    let kind = *bytes.get(2)?;
    let text = bytes.get(5..).filter(|_| kind & 0x70 == NETWORK)?;
    let end = text.iter().position(|&byte| byte == 0)?;
    let text: String = text.get(..end)?.iter().copied().map(char::from).collect();
    text.starts_with("\\\\").then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_on_the_network_are_told() {
        let item = b"\x20\x00\xc3\x01\xc5\\\\SRV02\\share\0Microsoft Network\0\0\x02\x00";
        assert_eq!(network_path(item).as_deref(), Some(r"\\SRV02\share"));
        assert_eq!(network_path(b"\x14\x00\x1f\x50\xe0\x4f\xd0\x20"), None);
        assert_eq!(network_path(b"\x20\x00\xc3"), None);
    }
}
