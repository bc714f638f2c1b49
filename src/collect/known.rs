//! Artefacts that are recognised, whether or not a parser reads them yet.

/// A kind of artefact.
#[derive(Debug)]
pub(crate) struct Artefact {
    /// Its name in lists.
    pub(crate) kind: &'static str,
    /// What it is.
    pub(crate) describe: &'static str,
    is_it: fn(&Seen<'_>) -> bool,
}

/// What is seen of a file: its path in lower case with `/`, its name, its first bytes.
struct Seen<'a> {
    path: &'a str,
    name: &'a str,
    head: &'a [u8],
}

impl Seen<'_> {
    fn begins(&self, bytes: &[u8]) -> bool {
        self.head.starts_with(bytes)
    }

    fn ends(&self, endings: &[&str]) -> bool {
        endings.iter().any(|ending| self.name.ends_with(ending))
    }
}

/// Every kind, the surest signs first.
pub(crate) const ARTEFACTS: &[Artefact] = &[
    Artefact {
        kind: "logfile",
        describe: "NTFS transaction log ($LogFile)",
        is_it: |seen| seen.name == "$logfile" || seen.begins(b"RSTR"),
    },
    Artefact {
        kind: "prefetch",
        describe: "Prefetch files (.pf)",
        is_it: |seen| seen.ends(&[".pf"]) || seen.head.get(4..8) == Some(b"SCCA"),
    },
    Artefact {
        kind: "jumplist",
        describe: "Jump lists (.automaticDestinations-ms, .customDestinations-ms)",
        is_it: |seen| seen.ends(&[".automaticdestinations-ms", ".customdestinations-ms"]),
    },
    Artefact {
        kind: "lnk",
        describe: "Shortcuts (.lnk)",
        is_it: |seen| seen.begins(b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F"),
    },
    Artefact {
        kind: "srum",
        describe: "System resource usage (SRUDB.dat)",
        is_it: |seen| seen.name == "srudb.dat",
    },
    Artefact {
        kind: "ese",
        describe: "Other ESE databases (ntds.dit, WebCacheV01.dat, user access logs …)",
        is_it: |seen| seen.head.get(4..8) == Some(&[0xef, 0xcd, 0xab, 0x89]),
    },
    Artefact {
        kind: "wmi",
        describe: "WMI repository (OBJECTS.DATA, INDEX.BTR, MAPPING*.MAP)",
        is_it: |seen| {
            seen.path.contains("/wbem/repository/")
                || matches!(seen.name, "objects.data" | "index.btr")
        },
    },
    Artefact {
        kind: "powershell-history",
        describe: "PowerShell console history (ConsoleHost_history.txt)",
        is_it: |seen| seen.name == "consolehost_history.txt",
    },
    Artefact {
        kind: "rdp-cache",
        describe: "Bitmap caches of the RDP client (Cache*.bin, bcache*.bmc)",
        is_it: |seen| seen.path.contains("/terminal server client/cache/"),
    },
    Artefact {
        kind: "etl",
        describe: "Event traces (.etl)",
        is_it: |seen| seen.ends(&[".etl"]),
    },
    Artefact {
        kind: "evt",
        describe: "Event logs of Windows XP and 2003 (.evt)",
        is_it: |seen| seen.head.get(4..8) == Some(b"LfLe"),
    },
    Artefact {
        kind: "firewall-log",
        describe: "Text log of the Windows firewall (pfirewall.log)",
        is_it: |seen| seen.name.starts_with("pfirewall.log"),
    },
    Artefact {
        kind: "memory",
        describe: "Memory (hiberfil.sys, pagefile.sys, swapfile.sys, dumps)",
        is_it: |seen| {
            matches!(seen.name, "hiberfil.sys" | "pagefile.sys" | "swapfile.sys")
                || seen.begins(b"PAGEDU")
        },
    },
    Artefact {
        kind: "disk-image",
        describe: "Disk images (.E01, .vhdx, .vhd, .vmdk)",
        is_it: |seen| {
            seen.begins(b"EVF\x09\r\n\xff\0")
                || seen.begins(b"vhdxfile")
                || seen.begins(b"KDMV")
                || seen.ends(&[".vhd"])
        },
    },
    Artefact {
        kind: "collector",
        describe: "What a collector wrote about its own work (uploads.json, collection_context.json, CopyLog …)",
        is_it: |seen| {
            matches!(
                seen.name,
                "uploads.json"
                    | "collection_context.json"
                    | "client_info.json"
                    | "requests.json"
                    | "log.json"
                    | "uploads.json.index"
            ) || seen.ends(&["_copylog.csv", "_skiplog.csv", "_consolelog.txt"])
        },
    },
];

/// The kind of a file, by its path and its first bytes.
pub(super) fn artefact(path: &str, head: &[u8]) -> Option<&'static Artefact> {
    let path = path.replace('\\', "/").to_lowercase();
    let name = path.rsplit(['/', '!']).next().unwrap_or_default();
    let seen = Seen {
        path: &path,
        name,
        head,
    };
    ARTEFACTS.iter().find(|artefact| (artefact.is_it)(&seen))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn artefacts_are_known_by_place_or_bytes() {
        for (path, head, kind) in [
            ("x", &b"RSTR"[..], "logfile"),
            ("a.zip!client_info.json", b"{", "collector"),
            ("C/Windows/Prefetch/CMD.EXE-1.pf", b"MAM\x04", "prefetch"),
            (
                "C/Windows/System32/wbem/Repository/OBJECTS.DATA",
                b"",
                "wmi",
            ),
        ] {
            assert_eq!(
                artefact(path, head).map(|found| found.kind),
                Some(kind),
                "{path}"
            );
        }
        assert!(artefact("C/Users/a/report.txt", b"text").is_none());
    }
}
