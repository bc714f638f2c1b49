//! Shares, and what is done in them.

/// A shared folder, or the pipes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share<'a> {
    /// `ShareName`.
    pub name: &'a str,
    /// `ShareLocalPath`.
    pub local_path: &'a str,
}

impl Share<'_> {
    /// The Windows folder, for administrators.
    pub const ADMIN: Self = Self {
        name: r"\\*\ADMIN$",
        local_path: r"\??\C:\Windows",
    };
    /// The first disk, for administrators.
    pub const C: Self = Self {
        name: r"\\*\C$",
        local_path: r"\??\C:\",
    };
    /// The named pipes.
    pub const IPC: Self = Self {
        name: r"\\*\IPC$",
        local_path: "",
    };
    /// What people share.
    pub const PROJECTS: Self = Self {
        name: r"\\*\Projects",
        local_path: r"\??\D:\Projects",
    };
}

/// The rights with which something in a share is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareAccess {
    /// To read.
    Read,
    /// To read and write.
    Write,
    /// To delete.
    Delete,
}

impl ShareAccess {
    /// `AccessMask`.
    #[must_use]
    pub const fn mask(self) -> u32 {
        match self {
            Self::Read => 0x12_0089,
            Self::Write => 0x12_019F,
            Self::Delete => 0x1_0080,
        }
    }

    /// The same as codes of Windows' message table.
    #[must_use]
    pub const fn codes(self) -> &'static [u32] {
        match self {
            Self::Read => &[1538, 1541, 4416, 4419, 4423],
            Self::Write => &[1538, 1541, 4416, 4417, 4418, 4419, 4420, 4423, 4424],
            Self::Delete => &[1537, 4423],
        }
    }
}
