//! What the evening of the event logs does to files, at its very ticks.

use std::collections::{BTreeMap, BTreeSet};

use super::image::{ADMINISTRATORS, SYSTEM, Telling};
use crate::corp::{APP04, SRV02, WS01};
use crate::evidence::play_evening;
use crate::evtx::Sid;
use crate::hives::INSTALLED;
use crate::stage::{Stage, Tag};
use crate::time::{FileTime, Span};
use crate::windows::{Happening, Host, Maker, ShareAccess};

/// The kernel, which writes what comes over SMB.
const KERNEL: u32 = 4;
/// So long before the record of a new task its file is there.
const TASK_FILE_BEFORE: Span = Span::milliseconds(51);
/// How long a program is watched before Prefetch writes what it loaded.
const WATCHED: Span = Span::milliseconds(10_090);

/// What one host's files went through.
#[derive(Debug, Default)]
pub(super) struct Heard {
    happened: Vec<(FileTime, What)>,
    /// Who opened which file over SMB last, to write.
    openers: BTreeMap<String, Sid>,
}

/// What happened to a file.
#[derive(Clone, Debug)]
enum What {
    Written {
        path: String,
        owner: Sid,
    },
    Deleted {
        path: String,
    },
    /// A program was started.
    Ran {
        program: String,
        is_known: bool,
    },
    /// A task was registered.
    Task {
        path: String,
        owner: Sid,
        length: u64,
    },
}

/// A file that was written, for whoever tells how it came there.
#[derive(Clone, Debug)]
pub(super) struct NewFile {
    pub(super) at: FileTime,
    pub(super) path: String,
    pub(super) owner: Sid,
}

#[derive(Default)]
struct Listener {
    workstation: Heard,
    server: Heard,
    application: Heard,
}

/// Listens to the whole evening: what happened on the workstation, on the server, and on that of the application.
pub(super) fn evening() -> [Heard; 3] {
    let mut listener = Listener::default();
    play_evening(&mut listener);
    [listener.workstation, listener.server, listener.application]
}

impl Stage for Listener {
    fn note(&mut self, host: &Host<'_>, at: FileTime, _: Tag, what: &Happening<'_>) {
        if host.name == WS01.name {
            self.workstation.hear(at, what);
        } else if host.name == SRV02.name {
            self.server.hear(at, what);
        } else if host.name == APP04.name {
            self.application.hear(at, what);
        }
    }
}

impl Heard {
    fn hear(&mut self, at: FileTime, what: &Happening<'_>) {
        match what {
            Happening::Reaches(session, _, share, below, ShareAccess::Write) => {
                let folder = share.local_path.trim_start_matches(r"\??\");
                let path = format!(r"{}\{below}", folder.trim_end_matches('\\'));
                self.openers.insert(path, session.account.sid());
            }
            Happening::Writes(by, path) => {
                let opener = self.openers.get(*path).filter(|_| by.pid == KERNEL);
                let owner = opener.copied().unwrap_or(by.session.account.sid());
                let path = (*path).to_owned();
                self.happened.push((at, What::Written { path, owner }));
            }
            Happening::Deletes(_, path) => {
                let path = (*path).to_owned();
                self.happened.push((at, What::Deleted { path }));
            }
            Happening::Starts(start) => {
                let program = start.process.program;
                let is_known = program.maker != Maker::Nobody;
                let program = program.path.to_owned();
                self.happened.push((at, What::Ran { program, is_known }));
            }
            Happening::RegistersTask(_, task) => {
                // The scheduler writes the file; of an administrator who asks from another host, it is the
                // administrators'.
                let owner = if task.client == 0 {
                    ADMINISTRATORS
                } else {
                    SYSTEM
                };
                let path = format!(r"C:\Windows\System32\Tasks{}", task.path);
                // In UTF-16, with a mark of the order of bytes.
                let length = 2 + 2 * task.xml().encode_utf16().count() as u64;
                let task = What::Task {
                    path,
                    owner,
                    length,
                };
                self.happened.push((at - TASK_FILE_BEFORE, task));
            }
            _ => {}
        }
    }

    /// Tells all of it; new files by way of `tell`.
    pub(super) fn tell(
        mut self,
        telling: &mut Telling,
        has_prefetch: bool,
        tell: fn(&mut Telling, NewFile),
    ) {
        // Logs sort by time, and so do these: the story was played before the day around it.
        self.happened.sort_by_key(|(at, _)| *at);
        let mut there = BTreeSet::new();
        for (at, what) in self.happened {
            match what {
                What::Written { path, .. } if !path.starts_with(r"C:\") => {}
                What::Written { path, .. } if there.contains(&path) => {
                    telling.volume.rewritten(at, &path, 20_480);
                }
                What::Written { path, owner } => {
                    there.insert(path.clone());
                    tell(telling, NewFile { at, path, owner });
                }
                What::Deleted { path } => {
                    there.remove(&path);
                    telling.volume.removed(at, &path);
                }
                What::Task {
                    path,
                    owner,
                    length,
                } => telling.volume.file(at, &path, owner, length),
                What::Ran { program, is_known } if has_prefetch => {
                    let path = prefetch_file(&program);
                    let is_new = there.insert(path.clone());
                    note_run(telling, at, &path, (is_known, is_new));
                }
                What::Ran { .. } => {}
            }
        }
    }
}

/// Prefetch notes that a program ran. What is part of the host did so before: there is a file of it already.
fn note_run(telling: &mut Telling, at: FileTime, path: &str, (is_known, is_new): (bool, bool)) {
    let at = telling.about(at + WATCHED);
    let length = 8_000 + telling.noise.below(24_000);
    if is_known && is_new {
        let days = 1 + telling.noise.below(90);
        let seconds = telling.noise.below(30_000);
        let first = telling.about(INSTALLED + Span::seconds(86_400 * days + seconds));
        telling.volume.file(first, path, SYSTEM, length);
    }
    if is_new && !is_known {
        telling.volume.file(at, path, SYSTEM, length);
    } else {
        telling.volume.rewritten(at, path, length);
    }
}

/// What Prefetch writes about a program. The number in its name is made up.
pub(super) fn prefetch_file(program: &str) -> String {
    let path = program.to_uppercase();
    let name = path.rsplit('\\').next().unwrap_or_default();
    let number = path.bytes().fold(0x4_CB2F_u32, |sum, byte| {
        sum.wrapping_mul(37).wrapping_add(u32::from(byte))
    });
    format!(r"C:\Windows\Prefetch\{name}-{number:08X}.pf")
}

/// How long a file of which nothing else is known may be.
pub(super) fn length(telling: &mut Telling, path: &str) -> u64 {
    let (least, span) = match path.rsplit_once('.') {
        Some((_, "docx")) => (17_000, 9_000),
        Some((_, "lnk")) => (1_100, 400),
        _ => (300_000, 6_000_000),
    };
    least + telling.noise.below(span)
}
