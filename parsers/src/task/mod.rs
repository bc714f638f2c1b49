//! Scheduled tasks: their definitions in XML, in files and in records of logs, and what makes two of them the
//! same.

mod definition;
mod file;
mod map;

pub use definition::{Definition, Steps};
pub use file::{PROVIDER, TaskFile, task_of_file};
pub(crate) use map::{DEFINITION_FIELDS, put_definition};
