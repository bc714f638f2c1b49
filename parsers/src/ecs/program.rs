//! Programs of command lines, and where they are.

use super::path;

/// The program in a command line.
pub(crate) fn program(line: &str) -> &str {
    let line = line.trim();
    if let Some(quoted) = line.strip_prefix('"') {
        return quoted.split('"').next().unwrap_or(quoted);
    }
    let ends = [".exe", ".sys", ".dll", ".bat", ".cmd", ".com"];
    let lower = line.to_ascii_lowercase();
    let stop = |end: &str| {
        let mut places = lower.match_indices(end).map(|(at, _)| at + end.len());
        places.find(|&at| {
            lower
                .get(at..)
                .is_some_and(|rest| !rest.starts_with(is_of_name))
        })
    };
    let end = ends.into_iter().filter_map(stop).min();
    let end = end.or_else(|| line.find(' ')).unwrap_or(line.len());
    line.get(..end).unwrap_or(line)
}

fn is_of_name(char: char) -> bool {
    !char.is_whitespace() && !matches!(char, ',' | '"')
}

/// The path that joins compare (ECS.md §7.5b) of the program of a service: the service control manager takes
/// variables, paths of the kernel and paths below the system's folder, and attackers write shares of the
/// host itself.
pub(crate) fn service_key(line: &str) -> String {
    let program = program(line);
    let expanded = expand(program, None);
    let key = path::key(expanded.as_deref().unwrap_or(program));
    let places = [
        ("\\systemroot\\", "c:\\windows\\"),
        ("system32\\", "c:\\windows\\system32\\"),
        ("\\\\127.0.0.1\\admin$\\", "c:\\windows\\"),
        ("\\\\localhost\\admin$\\", "c:\\windows\\"),
        ("\\\\127.0.0.1\\c$\\", "c:\\"),
        ("\\\\localhost\\c$\\", "c:\\"),
    ];
    let found = places
        .iter()
        .find_map(|(from, to)| Some((key.strip_prefix(from)?, to)));
    found.map_or_else(|| key.clone(), |(rest, to)| format!("{to}{rest}"))
}

/// Puts paths that Windows has everywhere in the place of variables. `None` when nothing was replaced.
pub(crate) fn expand(text: &str, profile: Option<&str>) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    let mut is_changed = false;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let Some((name, behind)) = after.split_once('%') else {
            out.push('%');
            rest = after;
            break;
        };
        if let Some(value) = variable(name, profile) {
            out.push_str(value);
            rest = behind;
            is_changed = true;
        } else {
            out.push('%');
            rest = after;
        }
    }
    out.push_str(rest);
    is_changed.then_some(out)
}

fn variable<'a>(name: &str, profile: Option<&'a str>) -> Option<&'a str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "systemroot" | "windir" => r"C:\Windows",
        "systemdrive" | "homedrive" => "C:",
        "programfiles" | "programw6432" => r"C:\Program Files",
        "programfiles(x86)" => r"C:\Program Files (x86)",
        "commonprogramfiles" | "commonprogramw6432" => r"C:\Program Files\Common Files",
        "programdata" | "allusersprofile" => r"C:\ProgramData",
        "comspec" => r"C:\Windows\System32\cmd.exe",
        "public" => r"C:\Users\Public",
        "userprofile" => return profile,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_say_where_their_programs_are_in_many_ways() {
        for (line, key) in [
            (r"%SystemRoot%\PSEXESVC.exe", r"c:\windows\psexesvc.exe"),
            (
                r#""C:\Program Files\a b\C.EXE" -k x"#,
                r"c:\program files\a b\c.exe",
            ),
            (
                r"\SystemRoot\System32\drivers\x.sys",
                r"c:\windows\system32\drivers\x.sys",
            ),
            (
                r"system32\drivers\x.sys",
                r"c:\windows\system32\drivers\x.sys",
            ),
            (r"\??\C:\x.sys", r"c:\x.sys"),
            (r"\\127.0.0.1\ADMIN$\ab12.exe", r"c:\windows\ab12.exe"),
            (r"\\OTHER\ADMIN$\ab12.exe", r"\\other\admin$\ab12.exe"),
            (r"%COMSPEC% /c echo", r"c:\windows\system32\cmd.exe"),
        ] {
            assert_eq!(service_key(line), key, "{line}");
        }
    }

    #[test]
    fn variables_are_expanded() {
        let expand = |text| expand(text, Some(r"C:\Users\a"));
        assert_eq!(
            expand(r"%SystemRoot%\x %1").as_deref(),
            Some(r"C:\Windows\x %1")
        );
        assert_eq!(expand(r"%USERPROFILE%\x").as_deref(), Some(r"C:\Users\a\x"));
        assert_eq!(expand("100% of %nobody%"), None);
    }
}
