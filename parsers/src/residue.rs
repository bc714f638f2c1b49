//! What events of all evidence share that is no log: where they come from, whose they are, what identifies
//! them (ECS.md §9.1, MATCHING.md §7).

use sha2::{Digest, Sha256};
use timeline::{Uid, fields as f};

use crate::Machine;
use crate::ecs::Values;

/// Says what the event was read from.
pub(crate) fn put_origin(values: &mut Values<'_>, provider: &'static str, dataset: &'static str) {
    values.put(f::EVENT_PROVIDER, provider);
    values.put(f::EVENT_MODULE, "offline");
    values.put(f::EVENT_DATASET, dataset);
    values.put(f::DATA_STREAM_DATASET, dataset);
    values.put(f::HOST_OS_TYPE, "windows");
    values.put(f::HOST_OS_FAMILY, "windows");
}

/// Names the machine, when it is known.
pub(crate) fn put_machine<'a>(values: &mut Values<'a>, machine: &'a Machine) {
    let host = machine.host.as_str();
    if !host.is_empty() {
        let label = host.split('.').next().unwrap_or_default();
        values.put(f::HOST_NAME, host);
        values.put(f::HOST_HOSTNAME, label);
    }
}

/// The first bytes of a hash, as identity.
pub(crate) fn uid(hash: Sha256) -> Uid {
    let hash = hash.finalize();
    hash.first_chunk::<16>()
        .copied()
        .map_or_else(Uid::default, Uid)
}
