//! What an archive has used of its limits.

use crate::collect::limits::Limits;

/// What an archive that was given has used of its limits, with all that is nested in it.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::collect) struct Budget {
    /// Bytes of the archive itself.
    pub(super) archived: u64,
    pub(super) entries: u64,
    /// Bytes of the members that are read.
    size: u64,
    /// The same without those that are mostly holes.
    dense: u64,
}

impl Budget {
    pub(in crate::collect) fn of(archived: u64) -> Self {
        Self {
            archived,
            ..Self::default()
        }
    }

    /// Takes a member of so many bytes, which takes so many in the archive, or says what limit forbids it.
    pub(super) fn spend(
        &mut self,
        limits: &Limits,
        size: u64,
        archived: Option<u64>,
    ) -> Result<(), String> {
        let Limits {
            ratio, size: most, ..
        } = limits;
        let total = self.size.saturating_add(size);
        if total > *most {
            return Err(format!(
                "and with what comes before it that is more than {most} (--archive-limits size=N raises the limit)"
            ));
        }
        if let Some(archived) = archived {
            let dense = self.dense.saturating_add(size);
            if limits.is_bomb(size, archived) || limits.is_bomb(dense, self.archived) {
                return Err(format!(
                    "more than {ratio} for each byte in the archive (--archive-limits ratio=N raises the limit)"
                ));
            }
            self.dense = dense;
        }
        self.size = total;
        Ok(())
    }
}
