//! The times of an entry, and what they mean (ECS.md §9.3, EVIDENCE.md §0.2).

use hashbrown::HashMap;
use timeline::{TICKS_PER_SECOND, Ticks};

use super::read::{Times, time};

/// A creation may be dated so much before its own name without anybody having set it.
const TOLERANCE: i64 = 2 * TICKS_PER_SECOND;

/// Which of the times: bits, in the order in which the timeline names them.
pub(super) const SI_CREATED: u8 = 1;
pub(super) const SI_MODIFIED: u8 = 2;
pub(super) const SI_CHANGED: u8 = 4;
pub(super) const SI_ACCESSED: u8 = 8;
pub(super) const FN_CREATED: u8 = 16;

/// What each bit is called.
pub(super) const KINDS: [&str; 8] = [
    "si_created",
    "si_modified",
    "si_changed",
    "si_accessed",
    "fn_created",
    "fn_modified",
    "fn_changed",
    "fn_accessed",
];

/// A time, and all that happened then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) time: Ticks,
    pub(super) kinds: u8,
}

/// The distinct times of a name of an entry.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moments {
    all: [Option<Moment>; 8],
}

impl Moments {
    pub(super) fn of(standard: Option<&Times>, name: Option<&Times>) -> Self {
        let mut moments = Self::default();
        let mut bit = 1;
        for times in [standard, name] {
            let Times {
                created,
                modified,
                changed,
                accessed,
            } = times.copied().unwrap_or_default();
            for filetime in [created, modified, changed, accessed] {
                if let Some(time) = time(filetime) {
                    moments.add(time, bit);
                }
                bit = bit.rotate_left(1);
            }
        }
        moments
    }

    fn add(&mut self, time: Ticks, kind: u8) {
        for place in &mut self.all {
            match place {
                Some(moment) if moment.time == time => moment.kinds |= kind,
                Some(_) => continue,
                None => *place = Some(Moment { time, kinds: kind }),
            }
            return;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Moment> + '_ {
        self.all.iter().flatten().copied()
    }

    /// The last of all times.
    pub(super) fn last(&self) -> Option<Ticks> {
        self.iter().map(|moment| moment.time).max()
    }
}

/// What is odd about the times of an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// The content is older than the file: it was copied here with its time.
    pub(super) is_copied_in: bool,
    /// $STANDARD_INFORMATION says that it was created before its name was: set by a tool, or taken over from
    /// an archive or another volume.
    pub(super) is_predated: bool,
    /// It was created at a whole second, but its name was not: Windows itself does not round.
    pub(super) is_rounded: bool,
}

impl Marks {
    pub(super) fn of(standard: Option<&Times>, name: Option<&Times>, is_directory: bool) -> Self {
        let created = standard.and_then(|times| time(times.created));
        let modified = standard.and_then(|times| time(times.modified));
        let named = name.and_then(|times| time(times.created));
        let is_whole = |time: Ticks| time.0 % TICKS_PER_SECOND == 0;
        let before = |a: Option<Ticks>, b: Option<Ticks>, by: i64| {
            a.zip(b).is_some_and(|(a, b)| a.0.saturating_add(by) < b.0)
        };
        Self {
            is_copied_in: !is_directory && before(modified, created, 0),
            is_predated: before(created, named, TOLERANCE),
            is_rounded: created.is_some_and(is_whole)
                && named.is_some_and(|named| !is_whole(named)),
        }
    }

    /// What each is called.
    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        let all = [
            (self.is_copied_in, "copied-in"),
            (self.is_predated, "timestomp-suspected"),
            (self.is_rounded, "zero-fraction"),
        ];
        all.into_iter()
            .filter_map(|(is_so, name)| is_so.then_some(name))
    }
}

/// What an event of some times says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) types: Vec<&'static str>,
    pub(super) actions: Vec<&'static str>,
    /// Whether something is known to have happened then.
    pub(super) is_event: bool,
    /// How sure the time is.
    pub(super) certainty: &'static str,
}

impl Meaning {
    /// Of a moment's bits. `keeps_access`: whether Windows keeps when files were last accessed.
    pub(super) fn of(kinds: u8, marks: Marks, is_renamed: bool, keeps_access: bool) -> Self {
        let has = |kind: u8| kinds & kind != 0;
        let mut meaning = Self::default();
        let is_sound = has(SI_CREATED) && !marks.is_predated;
        if is_sound || (has(FN_CREATED) && marks.is_predated) {
            meaning.says("creation", "creation");
        }
        if has(SI_MODIFIED) {
            meaning.says("change", "modification");
        }
        if has(SI_CHANGED) {
            meaning.says("change", "metadata-changed");
            if is_renamed {
                meaning.says("change", "rename");
            }
        }
        if has(FN_CREATED) {
            meaning.says("creation", "file-name-created");
        }
        let is_certain = is_sound || has(SI_MODIFIED | SI_CHANGED | FN_CREATED);
        meaning.is_event = is_certain || (has(SI_ACCESSED) && keeps_access);
        if has(SI_ACCESSED) {
            meaning.says("access", "open");
        }
        if has(SI_CREATED) && marks.is_predated {
            meaning.says("info", "creation-time-set");
        }
        // That a name has the times of its file says nothing new.
        if meaning.types.is_empty() {
            meaning.says("info", "file-name-times");
        }
        meaning.certainty = match (meaning.is_event, has(SI_CREATED)) {
            (true, _) => "exact",
            (false, true) => "doubtful",
            // It was so when the name was written, or was accessed then, if not later.
            (false, false) => "lower_bound",
        };
        meaning
    }

    /// An entry that is free: when its file was deleted is not known, but not before its last time.
    pub(super) fn deleted() -> Self {
        Self {
            types: vec!["deletion"],
            actions: vec!["deletion"],
            is_event: false,
            certainty: "lower_bound",
        }
    }

    /// An entry without any time.
    pub(super) fn exists() -> Self {
        Self {
            types: vec!["info"],
            actions: vec!["file-exists"],
            is_event: false,
            certainty: "lower_bound",
        }
    }

    fn says(&mut self, kind: &'static str, action: &'static str) {
        if !self.types.contains(&kind) {
            self.types.push(kind);
        }
        if !self.actions.contains(&action) {
            self.actions.push(action);
        }
    }
}

/// What the moments of a table say: there are not many different ones.
#[derive(Debug)]
pub(super) struct Meanings {
    known: HashMap<(u8, bool, bool), Meaning>,
    keeps_access: bool,
}

impl Meanings {
    /// Of a volume of which Windows keeps when files were last accessed, or does not.
    pub(super) fn new(keeps_access: bool) -> Self {
        Self {
            known: HashMap::new(),
            keeps_access,
        }
    }

    pub(super) fn of(&mut self, kinds: u8, marks: Marks, is_renamed: bool) -> &Meaning {
        let keeps_access = self.keeps_access;
        self.known
            .entry((kinds, marks.is_predated, is_renamed))
            .or_insert_with(|| Meaning::of(kinds, marks, is_renamed, keeps_access))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 10_000_000;
    const T: u64 = 133_000_000_000_000_001;

    fn times(created: u64, modified: u64, changed: u64, accessed: u64) -> Times {
        Times {
            created,
            modified,
            changed,
            accessed,
        }
    }

    #[test]
    fn equal_times_are_one_moment() {
        let standard = times(T, T - 9 * SECOND, T + 1, T);
        let moments = Moments::of(Some(&standard), Some(&times(T, T, T, T)));
        let all: Vec<(i64, u8)> = moments
            .iter()
            .map(|m| (m.time.0 - T.cast_signed(), m.kinds))
            .collect();
        assert_eq!(
            all,
            [
                (0, 0b1111_1001),
                (-90_000_000, SI_MODIFIED),
                (1, SI_CHANGED)
            ]
        );
        assert_eq!(
            moments.last().map(|time| time.0),
            Some((T + 1).cast_signed())
        );
        assert_eq!(
            Moments::of(Some(&times(0, 0, 0, 1)), None).iter().count(),
            0
        );
    }

    #[test]
    fn a_creation_before_its_name_is_not_believed() {
        let named = times(T, T, T, T);
        let old = times(T - T % SECOND - 86_400 * SECOND, T - 90_000 * SECOND, T, T);
        let marks = Marks::of(Some(&old), Some(&named), false);
        assert!(marks.is_predated && marks.is_rounded && marks.is_copied_in);
        let meaning = Meaning::of(SI_CREATED, marks, false, false);
        assert_eq!((meaning.is_event, meaning.certainty), (false, "doubtful"));
        assert_eq!(meaning.types, ["info"]);
        let meaning = Meaning::of(FN_CREATED, marks, false, false);
        assert_eq!(meaning.actions, ["creation", "file-name-created"]);
        assert!(meaning.is_event);
        let near = times(T - 2 * SECOND, T, T, T);
        assert_eq!(
            Marks::of(Some(&near), Some(&named), false),
            Marks::default()
        );
    }

    #[test]
    fn an_access_counts_where_windows_keeps_it() {
        for (keeps, kind, certainty) in [(true, true, "exact"), (false, false, "lower_bound")] {
            let meaning = Meaning::of(SI_ACCESSED, Marks::default(), false, keeps);
            assert_eq!((meaning.is_event, meaning.certainty), (kind, certainty));
        }
        let both = Meaning::of(SI_ACCESSED | SI_MODIFIED, Marks::default(), false, false);
        assert_eq!(both.types, ["change", "access"]);
        assert!(both.is_event);
    }
}
