//! Evidence that is looked for by the paths that a case has of it.

use std::collections::BTreeSet;

/// The paths. They are compared with those of what is found, and never opened: whoever changed them does not
/// make us read elsewhere.
pub(crate) struct Listed<'a>(BTreeSet<&'a str>);

impl<'a> Listed<'a> {
    pub(crate) fn new(paths: impl IntoIterator<Item = &'a str>) -> Self {
        Self(paths.into_iter().collect())
    }

    /// Whether a file, or a member, has one of them.
    pub(super) fn has(&self, path: &str) -> bool {
        self.0.contains(path)
    }

    /// Whether a folder has something of it below it.
    pub(super) fn leads_below(&self, folder: &str) -> bool {
        folder.is_empty() || self.has_behind(folder, '/')
    }

    /// Whether a file is of it, or an archive with something of it.
    pub(super) fn leads_into(&self, file: &str) -> bool {
        self.has(file) || self.has_behind(file, '!')
    }

    fn has_behind(&self, path: &str, mark: char) -> bool {
        let start = format!("{path}{mark}");
        let next = self.0.range(start.as_str()..).next();
        next.is_some_and(|next| next.starts_with(&start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_leads_to_a_path_is_looked_at() {
        let listed = Listed::new(["H/a.evtx", "H/x.zip!C:/b.evtx", "../up", "/etc/passwd"]);
        for folder in ["", "H", "..", "/etc"] {
            assert!(listed.leads_below(folder), "{folder}");
        }
        for folder in ["H/a.evtx", "H2", "h", "H/x.zip", "etc"] {
            assert!(!listed.leads_below(folder), "{folder}");
        }
        for (file, is_listed) in [
            ("H/a.evtx", true),
            ("H/x.zip", true),
            ("H/x.zi", false),
            ("H/a.evt", false),
            ("H", false),
            ("etc/passwd", false),
        ] {
            assert_eq!(listed.leads_into(file), is_listed, "{file}");
        }
    }
}
