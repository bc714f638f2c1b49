//! What a place is for: files that run, and where Windows looks for what it starts by itself.

/// Extensions of what runs, or is run by something that every Windows has.
const PROGRAMS: [&str; 45] = [
    "exe", "dll", "sys", "com", "scr", "pif", "cpl", "ocx", "drv", "efi", "msi", "msp", "mst",
    "msix", "appx", "bat", "cmd", "ps1", "psm1", "psd1", "vbs", "vbe", "js", "jse", "wsf", "wsh",
    "wsc", "sct", "hta", "py", "pyw", "pl", "rb", "jar", "chm", "mof", "inf", "asp", "aspx",
    "ashx", "asmx", "jsp", "jspx", "php", "xll",
];
/// PowerShell writes and deletes one whenever it starts, to learn what it may run.
const POLICY_TEST: &str = "__psscriptpolicytest_";
const STARTUP: &str = r"\start menu\programs\startup\";

/// Values of a key below which each value, or each key, is started.
const RUN: [&str; 5] = [
    r"\currentversion\run\",
    r"\currentversion\runonce\",
    r"\currentversion\runonceex\",
    r"\currentversion\runservices\",
    r"\currentversion\policies\explorer\run\",
];
const WINLOGON: &str = r"\windows nt\currentversion\winlogon\";
/// What of them is started with a logon.
const OF_WINLOGON: [&str; 8] = [
    "shell", "userinit", "taskman", "system", "appsetup", "vmapplet", "ginadll", "mpnotify",
];
/// What is started instead of a program, beside it, or after it.
const OF_IMAGES: [(&str, &str); 3] = [
    (r"\image file execution options\", r"\debugger"),
    (r"\image file execution options\", r"\verifierdlls"),
    (r"\silentprocessexit\", r"\monitorprocess"),
];

/// What a value of the registry is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot<'a> {
    /// It starts something by itself.
    Autostart,
    /// The program of a service.
    Service(&'a str),
}

fn name_of(path: &str) -> &str {
    path.rsplit('\\').next().unwrap_or(path)
}

/// Whether a file can run, by its name. The path is in lower case.
pub(super) fn is_program(path: &str) -> bool {
    let name = name_of(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    PROGRAMS.contains(&extension) && !name.starts_with(POLICY_TEST)
}

/// Whether what lies there is opened when somebody logs on. The path is in lower case.
pub(super) fn is_startup(path: &str) -> bool {
    // Every profile has that one.
    path.contains(STARTUP) && name_of(path) != "desktop.ini"
}

/// What a value is for, by its path with its name.
pub(super) fn spot(path: &str) -> Option<Spot<'_>> {
    let key = path.to_lowercase();
    if let Some((service, rest)) = service(path) {
        return match rest.to_lowercase().as_str() {
            "imagepath" => Some(Spot::Service(service)),
            r"parameters\servicedll" => Some(Spot::Autostart),
            _ => None,
        };
    }
    let is_run = RUN.iter().any(|run| key.contains(run));
    let of_winlogon = key.split_once(WINLOGON).map(|(_, value)| value);
    let is_winlogon = of_winlogon
        .is_some_and(|value| OF_WINLOGON.contains(&value) || value.starts_with(r"notify\"));
    let is_image = OF_IMAGES
        .iter()
        .any(|(folder, value)| key.contains(folder) && key.ends_with(value));
    (is_run || is_winlogon || is_image).then_some(Spot::Autostart)
}

/// A service, and what of it a path names.
pub(crate) fn service(path: &str) -> Option<(&str, &str)> {
    let mut rest = path;
    while let Some((head, tail)) = rest.split_once('\\') {
        let is_set = head.eq_ignore_ascii_case("CurrentControlSet")
            || head
                .get(..10)
                .is_some_and(|head| head.eq_ignore_ascii_case("ControlSet"));
        let services = tail.split_once('\\');
        if let Some((folder, below)) = services
            && is_set
            && folder.eq_ignore_ascii_case("Services")
        {
            return Some(below.split_once('\\').unwrap_or((below, "")));
        }
        rest = tail;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_is_told_from_what_does_not() {
        for (path, runs) in [
            (r"c:\windows\temp\a.exe", true),
            (r"c:\inetpub\wwwroot\x.aspx", true),
            (r"c:\users\x\a.b\report.docx", false),
            (r"c:\tools.exe\readme", false),
            (r"c:\users\x\temp\__psscriptpolicytest_a.ps1", false),
            ("exe", false),
        ] {
            assert_eq!(is_program(path), runs, "{path}");
        }
        let startup = r"c:\users\x\appdata\roaming\microsoft\windows\start menu\programs\startup";
        assert!(is_startup(&format!(r"{startup}\a.lnk")));
        assert!(!is_startup(&format!(r"{startup}\desktop.ini")));
        assert!(!is_startup(r"c:\users\x\startup\a.lnk"));
    }

    #[test]
    fn values_that_start_something_are_known() {
        for (path, spot_of) in [
            (
                r"HKLM\System\CurrentControlSet\Services\WinHelpSvc\ImagePath",
                Some(Spot::Service("WinHelpSvc")),
            ),
            (
                r"HKLM\SYSTEM\ControlSet001\Services\x\ImagePath",
                Some(Spot::Service("x")),
            ),
            (
                r"HKLM\SYSTEM\ControlSet001\Services\x\Parameters\ServiceDll",
                Some(Spot::Autostart),
            ),
            (r"HKLM\System\CurrentControlSet\Services\x\Start", None),
            (
                r"HKU\S-1-5-21-1-2-3-1104\Software\Microsoft\Windows\CurrentVersion\Run\x",
                Some(Spot::Autostart),
            ),
            (
                r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run\x",
                None,
            ),
            (
                r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon\Userinit",
                Some(Spot::Autostart),
            ),
            (
                r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon\LastUsedUsername",
                None,
            ),
            (
                r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options\sethc.exe\Debugger",
                Some(Spot::Autostart),
            ),
            (
                r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options\x.exe\UseFilter",
                None,
            ),
        ] {
            assert_eq!(spot(path), spot_of, "{path}");
        }
        assert_eq!(
            service(r"HKLM\System\CurrentControlSet\Services\x"),
            Some(("x", ""))
        );
    }
}
