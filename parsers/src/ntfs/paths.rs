//! Full paths of entries.

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};

use super::read::Reference;
use super::volume::Volume;

/// Longer paths are cut at their front, in bytes. Windows allows 32,767 characters, nobody uses them, and a
/// table that was made to hurt has a million such paths.
const MOST_PATH: usize = 4096;
/// Bytes of paths of directories that are remembered.
const MEMO: usize = 16 << 20;
/// So many directories are looked through one by one.
const FEW: usize = 32;
/// What stands for parents that are not there any more.
const ORPHAN: &str = "$Orphan";
/// What stands for parents that were cut.
const DEEP: &str = "$Deep";

/// A directory as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Folder {
    /// Its path, without a backslash at its end: `C:\Windows`, or `C:` for the root.
    pub(super) path: String,
    /// The same in lower case.
    pub(super) key: String,
    /// Whether its path is known up to the root.
    pub(super) is_whole: bool,
}

impl Folder {
    /// The directory that is referred to.
    pub(super) fn of(tree: &dyn Tree, reference: Reference) -> Self {
        Self::join(tree.letter(), climb(tree, reference, |_| None))
    }

    /// From what was climbed over, below the letter of the volume.
    fn join(letter: &str, climbed: Climbed<'_>) -> Self {
        let Climbed { names, top, .. } = climbed;
        let (mut path, mut key, is_whole) = match &top {
            Top::Known(folder) => (folder.path.clone(), folder.key.clone(), true),
            Top::Root => (letter.to_owned(), letter.to_lowercase(), true),
            Top::Stands(name) => {
                let path = format!("{letter}\\{name}");
                (path.clone(), path.to_lowercase(), false)
            }
        };
        for name in names.into_iter().rev() {
            path.push('\\');
            path.push_str(name);
            key.push('\\');
            push_lower(&mut key, name);
        }
        Self {
            path,
            key,
            is_whole,
        }
    }
}

/// Appends a name in lower case.
pub(super) fn push_lower(key: &mut String, name: &str) {
    if name.is_ascii() {
        let start = key.len();
        key.push_str(name);
        if let Some(own) = key.get_mut(start..) {
            own.make_ascii_lowercase();
        }
    } else {
        key.push_str(&name.to_lowercase());
    }
}

/// What tells a directory's name and parent.
pub(super) trait Tree {
    fn directory(&self, reference: Reference) -> Option<(&str, Reference)>;
    fn letter(&self) -> &str;
}

impl Tree for Volume {
    fn directory(&self, reference: Reference) -> Option<(&str, Reference)> {
        Self::directory(self, reference)
    }

    fn letter(&self) -> &str {
        &self.letter
    }
}

/// Makes paths, and remembers those that it made lately.
pub(super) struct Folders {
    known: HashMap<Reference, Arc<Folder>>,
    last: Option<(Reference, Arc<Folder>)>,
    size: usize,
}

impl Folders {
    pub(super) fn new() -> Self {
        Self {
            known: HashMap::new(),
            last: None,
            size: 0,
        }
    }

    /// The directory that is referred to.
    pub(super) fn of(&mut self, tree: &dyn Tree, reference: Reference) -> Arc<Folder> {
        if let Some((last, folder)) = &self.last
            && *last == reference
        {
            return Arc::clone(folder);
        }
        let folder = match self.known.get(&reference) {
            Some(folder) => Arc::clone(folder),
            None => self.remember(reference, self.make(tree, reference)),
        };
        self.last = Some((reference, Arc::clone(&folder)));
        folder
    }

    /// Below the nearest directory that is known already, unless the whole would be too long.
    fn make(&self, tree: &dyn Tree, reference: Reference) -> Folder {
        let known = |at| self.known.get(&at).filter(|folder| folder.is_whole);
        let climbed = climb(tree, reference, known);
        let above = match climbed.top {
            Top::Known(folder) => folder.path.len(),
            _ => 0,
        };
        if above + climbed.length > MOST_PATH {
            return Folder::of(tree, reference);
        }
        Folder::join(tree.letter(), climbed)
    }

    fn remember(&mut self, reference: Reference, folder: Folder) -> Arc<Folder> {
        if self.size > MEMO {
            self.known.clear();
            self.size = 0;
        }
        let folder = Arc::new(folder);
        self.size += folder.path.len() * 2 + 64;
        self.known.insert(reference, Arc::clone(&folder));
        folder
    }

    /// Forgets all: the tree has changed.
    pub(super) fn forget(&mut self) {
        self.known.clear();
        self.last = None;
        self.size = 0;
    }
}

/// The way from a directory up.
struct Climbed<'t> {
    /// Names of directories, the lowest first.
    names: Vec<&'t str>,
    /// Bytes of the names, each with its backslash.
    length: usize,
    top: Top<'t>,
}

/// What stands above the last name.
enum Top<'t> {
    Root,
    /// A directory whose path is known.
    Known(&'t Folder),
    /// A name that stands for what is not known.
    Stands(&'static str),
}

/// Climbs from a directory up to the root, or to the first whose path is known.
fn climb<'t>(
    tree: &'t dyn Tree,
    reference: Reference,
    known: impl Fn(Reference) -> Option<&'t Arc<Folder>>,
) -> Climbed<'t> {
    let mut names = Vec::new();
    let mut passed = Passed::default();
    let (mut at, mut length) = (reference, 0);
    let top = loop {
        if at.entry() == Reference::ROOT {
            break Top::Root;
        }
        if let Some(folder) = known(at) {
            break Top::Known(folder);
        }
        // A cycle: what was passed is the path as far as it is known.
        let Some((name, parent)) = tree.directory(at).filter(|_| passed.is_new(at.entry())) else {
            break Top::Stands(ORPHAN);
        };
        length += name.len() + 1;
        if length > MOST_PATH {
            break Top::Stands(DEEP);
        }
        names.push(name);
        at = parent;
    };
    Climbed { names, length, top }
}

/// Directories that were passed on the way up: mostly a few.
#[derive(Default)]
struct Passed {
    few: Vec<u64>,
    many: HashSet<u64>,
}

impl Passed {
    /// Notes a directory; whether it was not passed yet.
    fn is_new(&mut self, entry: u64) -> bool {
        if self.few.len() < FEW {
            let is_new = !self.few.contains(&entry);
            self.few.push(entry);
            return is_new;
        }
        if self.many.is_empty() {
            self.many.extend(&self.few);
        }
        self.many.insert(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Made(Vec<(u64, &'static str, u64)>);

    impl Tree for Made {
        fn directory(&self, reference: Reference) -> Option<(&str, Reference)> {
            let found = self
                .0
                .iter()
                .find(|(entry, ..)| *entry == reference.entry());
            found.map(|(_, name, parent)| (*name, Reference::new(*parent, 1)))
        }

        fn letter(&self) -> &'static str {
            "D:"
        }
    }

    #[test]
    fn paths_end_at_the_root_or_say_that_they_do_not() {
        let tree = Made(vec![
            (30, "Users", 5),
            (31, "Ana", 30),
            (40, "lost", 99),
            (50, "a", 51),
            (51, "b", 50),
            (60, "self", 60),
        ]);
        let mut folders = Folders::new();
        for (entry, path) in [
            (5, r"D:"),
            (31, r"D:\Users\Ana"),
            (40, r"D:\$Orphan\lost"),
            (50, r"D:\$Orphan\b\a"),
            (60, r"D:\$Orphan\self"),
            (99, r"D:\$Orphan"),
        ] {
            let folder = folders.of(&tree, Reference::new(entry, 1));
            assert_eq!(folder.path, path);
            assert_eq!(folder.key, path.to_lowercase());
            assert_eq!(folder.is_whole, !path.contains('$'));
        }
    }

    /// Each directory lies in the next, all have the same name.
    struct Deep {
        name: String,
        /// The last lies in the root; none for an endless way up.
        last: u64,
    }

    impl Tree for Deep {
        fn directory(&self, reference: Reference) -> Option<(&str, Reference)> {
            let above = match reference.entry() {
                entry if entry == self.last => Reference::ROOT,
                entry => entry + 1,
            };
            Some((&self.name, Reference::new(above, 1)))
        }

        fn letter(&self) -> &'static str {
            "C:"
        }
    }

    #[test]
    fn what_is_remembered_changes_no_path() {
        let tree = Deep {
            name: "Ä".repeat(100),
            last: 150,
        };
        let mut folders = Folders::new();
        for entry in (100..=150).rev() {
            let reference = Reference::new(entry, 1);
            let folder = Folder::of(&tree, reference);
            assert_eq!(*folders.of(&tree, reference), folder, "{entry}");
            assert_eq!(folder.is_whole, entry > 130, "{entry}");
            assert_eq!(folder.key, folder.path.to_lowercase());
        }
    }

    #[test]
    fn a_path_is_not_longer_than_anybody_needs() {
        let tree = Deep {
            name: "n".repeat(255),
            last: u64::MAX,
        };
        let folder = Folder::of(&tree, Reference::new(100, 1));
        assert!(folder.path.starts_with(r"C:\$Deep\nnn"));
        assert!(folder.path.len() < MOST_PATH + 10);
    }
}
