//! How raw values become ECS fields: what several artefacts share (ECS.md §1.1).

mod address;
mod argv;
mod encoded;
mod endpoint;
mod hashes;
mod path;
mod program;
mod registry;
mod values;
mod xml;

pub(crate) use address::address;
pub(crate) use argv::split as split_command_line;
pub use encoded::decoded_commands;
pub(crate) use endpoint::{endpoint, from_hex, socket_address, url_host};
pub(crate) use hashes::{HashFields, put_hashes};
pub(crate) use path::{PathFields, drive_form, file_name, part, split as split_path};
pub(crate) use program::{expand, program, service_key};
pub(crate) use registry::{REGISTRY_PATH_FIELDS, put_data, put_path};
pub(crate) use values::{Room, Values};
pub(crate) use xml::{Node, nodes};
