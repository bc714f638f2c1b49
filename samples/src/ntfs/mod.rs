//! A writer of what NTFS keeps about files: `$MFT`, the change journal `$UsnJrnl:$J`, and the security
//! descriptors of `$Secure:$SDS`.
//!
//! A [`Volume`] takes [`Deed`]s, each at a time and a path, and gives all three, as Windows 10 would have left
//! them. What no volume has is made from the parts: [`MftRecord`] of [`Attribute`]s, [`Journal`] of
//! [`UsnRecord`]s, [`SecurityStream`].
//!
//! The format: libfsntfs' description
//! (<https://github.com/libyal/libfsntfs/blob/main/documentation>), the journal's records [MS-FSCC] §2.7 and
//! `winioctl.h`, descriptors [MS-DTYP] §2.4.6.
//!
//! ```
//! use samples::evtx::Sid;
//! use samples::ntfs::Volume;
//! use samples::time::{FileTime, Span};
//!
//! let (made, user) = (FileTime::day(2026, 3, 2), Sid::new(5, [21, 1, 2, 3, 1_108]));
//! let mut volume = Volume::formatted(made);
//! volume.file(made + Span::seconds(60), r"C:\Users\anna\letter.txt", user, 12_000);
//! volume.removed(made + Span::seconds(90), r"C:\Users\anna\letter.txt");
//! let files = volume.finish()?;
//! assert_eq!(&files.mft[..4], b"FILE");
//! # Ok::<(), samples::ntfs::Error>(())
//! ```
//!
//! *Invariants.* The same deeds give the same bytes. Nothing is shared with the reader that these files judge.

mod attribute;
mod attribute_list;
mod error;
mod field;
mod file_name;
mod index_root;
mod journal;
mod record;
mod reference;
mod reparse_point;
mod runs;
mod security_stream;
mod short_name;
mod standard_information;
mod usn;
mod volume;
mod zone;

pub use attribute::{Attribute, Form, NonResident, kind};
pub use attribute_list::attribute_list;
pub use error::Error;
pub use file_name::{FileName, Namespace, is_short, utf16};
pub use index_root::empty_index_root;
pub use journal::Journal;
pub use record::{IN_USE, IS_FOLDER, MftRecord, protect, unprotect};
pub use reference::FileReference;
pub use reparse_point::{mount_point, symbolic_link};
pub use runs::{CLUSTER, Run, run_list};
pub use security_stream::{FIRST_SECURITY_ID, Mirror, SecurityStream};
pub use short_name::short_name;
pub use standard_information::{StandardInformation, Times};
pub use usn::{Extent, FileId, UsnExtents, UsnForm, UsnRecord, reason};
pub use volume::{Deed, Disk, New, Place, Volume, Written};
pub use zone::zone_identifier;
