//! Going through archives, and archives in archives.

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Arc;

use timeline::{Issue, Ticks};

use super::budget::Budget;
use super::lock::Lock;
use super::{Gz, Kind, tar, zip};
use crate::collect::bytes::Shared;
use crate::collect::file::Source;
use crate::collect::layout::{inner_path, is_trap};
use crate::collect::limits::Limits;
use crate::collect::spool::SpoolError;
use crate::collect::streamed::{Open, Streamed};
use crate::collect::uploads::{in_part, is_list};
use crate::collect::walk::{Candidate, Walk};

/// Where an archive stands.
#[derive(Clone, Copy, Debug)]
pub(in crate::collect) struct Nest<'a> {
    /// What it is called in the case.
    pub(in crate::collect) name: &'a str,
    /// How many archives it is in, itself included.
    pub(in crate::collect) depth: u64,
    /// The stream it is a part of, if it can only be read in its order.
    pub(in crate::collect) stream: Option<usize>,
}

/// An archive that is gone through.
struct Archive<'a> {
    nest: Nest<'a>,
    bytes: Shared,
    lock: Lock,
    /// The first member with a name that leads out of the archive, and how many there are.
    traps: (Option<String>, u64),
    /// Why no more members are looked at.
    stopped: Option<Issue>,
}

/// A member that was found.
struct Found {
    /// What it is called in the case.
    name: String,
    source: Source,
    /// Its bytes in the archive; none when it is mostly holes.
    archived: Option<u64>,
    modified: Option<Ticks>,
}

impl Walk<'_> {
    /// Looks at every member of an archive.
    pub(in crate::collect) fn unpack(
        &mut self,
        kind: Kind,
        nest: Nest<'_>,
        bytes: Shared,
        budget: &mut Budget,
    ) {
        if nest.depth > self.limits.depth {
            let issue = Issue::loss(
                "archive-limit",
                "The archive lies too deep in others and was not opened; --archive-limits depth=N raises the limit.",
            );
            self.tell(
                nest.name,
                issue.expected(
                    format!("depth of at most {}", self.limits.depth),
                    nest.depth,
                ),
            );
            return;
        }
        self.count_archive();
        let mut archive = Archive {
            nest,
            bytes,
            lock: Lock::default(),
            traps: (None, 0),
            stopped: None,
        };
        let read = match kind {
            Kind::Zip => self.unpack_zip(&mut archive, budget),
            Kind::Tar => self.unpack_tar(&mut archive, budget),
            Kind::TarGz => {
                let stream = self.next_stream();
                let gz = Gz(Arc::clone(&archive.bytes));
                // Nobody knows how long it is.
                let streamed = Arc::new(Streamed::new(Arc::new(gz), u64::MAX));
                archive.bytes = Arc::clone(&streamed) as Shared;
                archive.nest.stream = archive.nest.stream.or(Some(stream));
                let read = self.unpack_tar(&mut archive, budget);
                self.tell_fault(&archive, streamed.fault());
                read
            }
            Kind::Foreign(name) => {
                let message =
                    "An archive of a kind that is not read: unpack it and give the folder.";
                self.tell(
                    nest.name,
                    Issue::loss("archive-kind", message).expected("zip, tar or tar.gz", name),
                );
                Ok(())
            }
        };
        if let Err(error) = read {
            let message = format!("The archive cannot be read further: {error}.");
            self.tell(nest.name, Issue::loss("unreadable-archive", message));
        }
        self.conclude(archive);
    }

    fn tell_fault(&mut self, archive: &Archive<'_>, fault: Option<String>) {
        if let Some(fault) = fault {
            let message = format!("The archive is damaged: {fault}. What comes before was read.");
            self.tell(archive.nest.name, Issue::loss("damaged-archive", message));
        }
    }

    /// Tells what was odd about an archive.
    fn conclude(&mut self, archive: Archive<'_>) {
        let name = archive.nest.name;
        if let (Some(first), count) = archive.traps {
            let message = "Members have names that lead out of the folder they would be unpacked to, or mean a device. They were read like others; nothing is written by their names.";
            self.tell(
                name,
                Issue::note("traversal-name", message).expected(
                    "names below the archive",
                    format!("{count}, the first {first}"),
                ),
            );
        }
        if let Some(first) = archive.lock.first {
            let message = "Members are locked by a password, and none that is known opens them: give it with --password.";
            self.tell(
                name,
                Issue::loss("password", message).expected(
                    "members that can be read",
                    format!("{} locked, the first {first}", archive.lock.locked),
                ),
            );
        }
        if let Some(issue) = archive.stopped {
            self.tell(name, issue);
        }
    }

    fn unpack_zip(&mut self, archive: &mut Archive<'_>, budget: &mut Budget) -> io::Result<()> {
        let bytes = Arc::clone(&archive.bytes);
        let directory = zip::list(&bytes, &mut |entry| self.zip_member(archive, entry, budget))?;
        if directory == zip::Directory::Missing {
            let message = "The archive has no sound directory at its end; what its members' own headers tell was read. It may have been cut off while it was made or copied.";
            self.tell(
                archive.nest.name,
                Issue::loss("damaged-archive", message)
                    .expected("a central directory", "none, or a damaged one"),
            );
        }
        Ok(())
    }

    fn zip_member(
        &mut self,
        archive: &mut Archive<'_>,
        mut entry: zip::Entry,
        budget: &mut Budget,
    ) -> ControlFlow<()> {
        if entry.is_folder() {
            return ControlFlow::Continue(());
        }
        // Members may be many, and are kept to the end: the name is kept once.
        let name = self.begin(archive, &std::mem::take(&mut entry.name), budget)?;
        let (size, archived, is_encrypted) = (entry.size, entry.compressed, entry.is_encrypted);
        let modified = entry.modified;
        let plain = match entry.plain(&archive.bytes) {
            Ok(plain) => plain,
            Err(error) => {
                self.cannot_open(&name, &error);
                return ControlFlow::Continue(());
            }
        };
        let source = if let Some(start) = plain {
            let length = archived.min(archive.bytes.len().saturating_sub(start));
            if size.is_some_and(|size| size > length) {
                self.cut_off(&name, size, length);
            }
            Source::part(&archive.bytes, start, length, archive.nest.stream.is_some())
        } else {
            let mut member = zip::Member {
                bytes: Arc::clone(&archive.bytes),
                entry,
                password: None,
                window_log: self.window_log,
            };
            if is_encrypted && !archive.lock.open(&mut member, &name, self.passwords) {
                return ControlFlow::Continue(());
            }
            let size = size.unwrap_or_else(|| decoded_size(&member, self.limits));
            Source::Coded(Arc::new(member), size)
        };
        let member = Found {
            name,
            source,
            archived: Some(archived),
            modified,
        };
        self.take(archive, member, budget)
    }

    fn unpack_tar(&mut self, archive: &mut Archive<'_>, budget: &mut Budget) -> io::Result<()> {
        let bytes = Arc::clone(&archive.bytes);
        let ended = tar::list(&bytes, &mut |entry| {
            self.tar_member(archive, &entry, budget)
        })?;
        if let tar::Ended::Broken(offset) = ended {
            let message = "The archive is damaged or cut off here; what comes before was read.";
            self.tell(
                archive.nest.name,
                Issue::loss("damaged-archive", message)
                    .at(offset)
                    .expected("the header of a member", "other bytes, or none"),
            );
        }
        Ok(())
    }

    fn tar_member(
        &mut self,
        archive: &mut Archive<'_>,
        entry: &tar::Entry,
        budget: &mut Budget,
    ) -> ControlFlow<()> {
        if entry.is_link {
            let name = format!("{}!{}", archive.nest.name, inner_path(&entry.name));
            self.tell(
                &name,
                Issue::note("link", "A link in an archive was not followed."),
            );
        }
        if !entry.is_file {
            return ControlFlow::Continue(());
        }
        let name = self.begin(archive, &entry.name, budget)?;
        let length = archive.bytes.len();
        let source = if entry.pieces.is_some() {
            Source::shared(
                tar::bytes_of(&archive.bytes, entry),
                archive.nest.stream.is_some(),
            )
        } else {
            let there = entry.size.min(length.saturating_sub(entry.start));
            if there < entry.size {
                self.cut_off(&name, Some(entry.size), there);
            }
            Source::part(
                &archive.bytes,
                entry.start,
                there,
                archive.nest.stream.is_some(),
            )
        };
        // What stands in a tar has its size there, but for the holes of sparse files, which are zeros that
        // cost nothing; gzip makes all of it smaller.
        let archived = match (&entry.pieces, archive.nest.stream) {
            (Some(_), _) => None,
            (None, Some(_)) => Some(budget.archived),
            (None, None) => Some(entry.size),
        };
        let member = Found {
            name,
            source,
            archived,
            modified: entry.modified,
        };
        self.take(archive, member, budget)
    }

    /// Counts a member and gives its name, unless there are too many.
    fn begin(
        &mut self,
        archive: &mut Archive<'_>,
        name: &str,
        budget: &mut Budget,
    ) -> ControlFlow<(), String> {
        budget.entries += 1;
        if budget.entries > self.limits.entries {
            let message = "The archive has so many members that the rest was not looked at; --archive-limits entries=N raises the limit.";
            archive.stopped = Some(
                Issue::loss("archive-limit", message)
                    .expected(format!("at most {} members", self.limits.entries), "more"),
            );
            return ControlFlow::Break(());
        }
        if is_trap(name) {
            archive.traps.0.get_or_insert_with(|| name.to_owned());
            archive.traps.1 += 1;
        }
        ControlFlow::Continue(format!("{}!{}", archive.nest.name, inner_path(name)))
    }

    /// Sorts a member in: evidence, a further archive, or something else.
    fn take(
        &mut self,
        archive: &mut Archive<'_>,
        member: Found,
        budget: &mut Budget,
    ) -> ControlFlow<()> {
        let Found {
            name,
            source,
            archived,
            modified,
        } = member;
        let head = match source.head() {
            Ok(head) => head,
            Err(error) => {
                self.cannot_open(&name, &error);
                return ControlFlow::Continue(());
            }
        };
        let nested = Kind::of(&name, &head);
        let is_read = nested.is_some() || parsers::parser_of(&head, &name).is_some();
        if is_read {
            let size = source.len();
            if let Err(limit) = budget.spend(&self.limits, size, archived) {
                let message = format!(
                    "The member was not read: it has {size} bytes, {limit}. The archive may be a bomb."
                );
                self.tell(&name, Issue::loss("archive-limit", message));
                return ControlFlow::Continue(());
            }
        }
        if is_list(name.rsplit('!').next().unwrap_or_default()) {
            self.read_uploads(&name, &source);
        }
        let Some(kind) = nested else {
            self.sort_in(Candidate {
                name,
                head,
                stream: archive.nest.stream,
                source,
                modified,
            });
            return ControlFlow::Continue(());
        };
        let nest = Nest {
            name: &name,
            depth: archive.nest.depth + 1,
            // What was decoded for it can be read at any place.
            stream: None,
        };
        match self.random_access(&source) {
            Ok((bytes, fault)) => {
                if let Some(fault) = fault {
                    let message =
                        format!("The archive is damaged: {fault}. What comes before was read.");
                    self.tell(&name, Issue::loss("damaged-archive", message));
                }
                self.unpack(kind, nest, bytes, budget);
            }
            Err(error) => {
                let message = format!("The nested archive was not opened: {error}.");
                self.tell(&name, Issue::loss("nested-archive", message));
            }
        }
        ControlFlow::Continue(())
    }

    /// Tells what the collector could not collect in full.
    fn read_uploads(&mut self, name: &str, source: &Source) {
        let Ok(list) = source.open_from_start() else {
            return;
        };
        let found = in_part(list);
        if let Some((path, size, uploaded)) = found.first {
            let message =
                "By the collector's own list, fewer bytes were uploaded than the files had.";
            let issue = Issue::note("collected-in-part", message);
            let others = found.count - 1;
            self.tell(
                name,
                issue.expected(
                    format!("{size} bytes of {path}"),
                    format!("{uploaded} bytes; {others} other files in part"),
                ),
            );
        }
    }

    /// The bytes of a nested archive, for reading at any place.
    fn random_access(
        &mut self,
        source: &Source,
    ) -> Result<(Shared, Option<io::Error>), SpoolError> {
        match source.as_shared() {
            Some(bytes) => Ok((bytes, None)),
            None => self.spool.keep(&mut *source.open_from_start()?),
        }
    }

    fn cannot_open(&mut self, name: &str, error: &io::Error) {
        let hint = if error.to_string().contains("too much memory") {
            " (--memory raises the limit)"
        } else {
            ""
        };
        let message = format!("The member cannot be decoded: {error}{hint}.");
        self.tell(name, Issue::loss("damaged-member", message));
    }

    fn cut_off(&mut self, name: &str, size: Option<u64>, there: u64) {
        let expected = size.map_or_else(|| "all of it".into(), |size| format!("{size} bytes"));
        let message = "The archive ends within this member; what is there was read.";
        self.tell(
            name,
            Issue::loss("damaged-member", message).expected(expected, there),
        );
    }
}

/// How much of a member can be decoded whose size the archive does not say; more than it may be, when it is
/// a bomb.
fn decoded_size(member: &zip::Member, limits: Limits) -> u64 {
    let mut size = 0;
    let Ok(mut reader) = member.open() else {
        return 0;
    };
    let mut buffer = vec![0; 64 * 1024];
    while !limits.is_bomb(size, member.entry.compressed) {
        match reader.read(&mut buffer) {
            Ok(count) if count > 0 => size += count as u64,
            _ => break,
        }
    }
    size
}
