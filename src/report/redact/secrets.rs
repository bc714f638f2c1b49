//! Secrets that were typed: passwords, hashes and tickets in command lines and scripts.

use std::ops::Range;

use regex_automata::meta::Regex;
use regex_automata::util::syntax;

/// What stands for a secret.
const STARS: &str = "***";

/// A value: in quotes, which may not end, or up to a blank. What begins as an option or in brackets is none.
macro_rules! value {
    () => {
        r#"("[^"]*(?:"|$)|'[^']*(?:'|$)|[^\s"'(/\-]\S*)"#
    };
}

/// Where secrets stand: the group of each is one.
const PATTERNS: [&str; 12] = [
    // psexec -p x, cmdkey /pass:x, schtasks /rp x, --password=x
    concat!(
        r#"(?:^|[\s"'(;|&])[-/]{1,2}(?:p|pw|pwd|pass|passwd|password|passphrase|rp)(?:\s*[:=]\s*|\s+)"#,
        value!()
    ),
    // mimikatz's and impacket's hashes and tickets
    concat!(
        r"(?:^|\s)[-/]{1,2}(?:hashes|ntlm|rc4|des|aes128|aes256|aeskey|ticket|ptt)(?:\s*[:=]\s*|\s+)",
        value!()
    ),
    // LM and NT hash, wherever they stand
    r"(?:^|[^0-9a-f])([0-9a-f]{32}:[0-9a-f]{32})(?:$|[^0-9a-f])",
    // Password = "x", 'apikey': 'x', $pass = x
    concat!(
        r#"(?:password|passwd|\bpass|pwd|passphrase|secret|api[_-]?key|access[_-]?token)\w*["']?\s*[:=]\s*"#,
        value!()
    ),
    // ConvertTo-SecureString "x" -AsPlainText -Force, in any order
    concat!(
        r"ConvertTo-SecureString(?:\s+-(?:AsPlainText|Force|String))*\s+",
        value!()
    ),
    // "x" | ConvertTo-SecureString
    r#"("[^"]*"|'[^']*'|[^\s"'|]+)\s*\|\s*ConvertTo-SecureString"#,
    // New-Object Net.NetworkCredential("user", "x")
    concat!(
        r#"Credential\s*\(\s*(?:"[^"]*"|'[^']*'|[^\s,"']+)\s*,\s*"#,
        value!()
    ),
    // https://user:x@host
    r"://[^/\s:@]+:([^/\s@]+)@",
    // impacket: CORP/ana:x@host
    r"(?:^|\s)[\w.-]+[/\\][\w.$-]+:([^\s@]+)@",
    // curl -u user:x, smbclient -U user%x
    r"(?:^|\s)(?:-u|--user)\s*[^\s:%]+[:%](\S+)",
    // 7z a -px, rar a -hpx, mysql -px
    r#"\b(?:7z[ar]?|rar|winrar|mysql\w*|sshpass)(?:\.exe)?"?\s(?:.*?\s)?-h?p([^\s"]+)"#,
    // net use \\host\share x /user:y, in words that are quoted as one
    r#"["']\s*((?:[^"'\s]*[\\/])?net1?(?:\.exe)?\s+(?:use|users?)\s[^"']*)"#,
];
/// The last of them finds commands, of which a word is the secret.
const COMMANDS: usize = PATTERNS.len() - 1;

/// Finds secrets.
pub(super) struct Secrets {
    patterns: Vec<Regex>,
}

impl Secrets {
    pub(super) fn new() -> Self {
        let build = |pattern: &&str| {
            let syntax = syntax::Config::new().case_insensitive(true);
            let built = Regex::builder().syntax(syntax).build(pattern);
            built.expect("the patterns are ours, and a test builds them")
        };
        Self {
            patterns: PATTERNS.iter().map(build).collect(),
        }
    }

    /// The text with stars where secrets stand.
    pub(super) fn hide(&self, text: &str) -> String {
        let mut found: Vec<Range<usize>> = net_passwords(text);
        for (place, pattern) in self.patterns.iter().enumerate() {
            let groups = pattern.captures_iter(text);
            let groups = groups.filter_map(|groups| groups.get_group(1));
            for span in groups.map(|span| span.range()) {
                if place == COMMANDS {
                    let inner = net_passwords(&text[span.clone()]).into_iter();
                    found.extend(
                        inner.map(|range| range.start + span.start..range.end + span.start),
                    );
                } else {
                    found.push(span);
                }
            }
        }
        found.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for range in found {
            if range.start >= done {
                out.push_str(&text[done..range.start]);
                out.push_str(STARS);
            }
            done = done.max(range.end);
        }
        out.push_str(text.get(done..).unwrap_or_default());
        out
    }
}

/// The passwords of `net use \\host\share x /user:y` and `net user name x`: what stands alone after what they
/// are for.
fn net_passwords(text: &str) -> Vec<Range<usize>> {
    let words = words(text);
    let bare = |range: &Range<usize>| text[range.clone()].trim_matches(['"', '\'']);
    let mut found = Vec::new();
    for (place, pair) in words.windows(2).enumerate() {
        let program = bare(&pair[0]).to_lowercase();
        let program = program.rsplit(['\\', '/']).next().unwrap_or_default();
        if !matches!(program, "net" | "net.exe" | "net1" | "net1.exe") {
            continue;
        }
        let is_end = |word: &Range<usize>| bare(word).chars().all(ends_command);
        let rest = words[place + 2..].iter().take_while(|word| !is_end(word));
        // An option, or what a sentence says behind the command.
        let is_option = |word: &&Range<usize>| bare(word).starts_with(['/', '(', ',']);
        let mut rest = rest.filter(|word| !is_option(word));
        match bare(&pair[1]).to_lowercase().as_str() {
            "use" => {
                let is_place = |word: &&Range<usize>| {
                    let word = bare(word);
                    word.starts_with("\\\\")
                        || word.contains("://")
                        || word.ends_with(':')
                        || word == "*"
                };
                let password = rest.find(|word| !is_place(word));
                // Only a place can have a password.
                let is_at = words[place + 2..].iter().any(|word| {
                    let word = bare(word);
                    word.starts_with("\\\\") || word.contains("://")
                });
                found.extend(password.filter(|_| is_at).cloned());
            }
            "user" | "users" => {
                rest.next();
                found.extend(rest.next().cloned());
            }
            _ => {}
        }
    }
    // A star asks for the password; a number in brackets is no word of the command.
    found.retain(|range| !matches!(bare(range), "*") && !bare(range).ends_with(')'));
    found
}

/// Whether a character ends a command.
fn ends_command(char: char) -> bool {
    matches!(char, '&' | '|' | ';')
}

/// Where the words of a command line are: what is in quotes is one, and what ends a command one of its own.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start: Option<usize> = None;
    let mut is_quoted = false;
    let mut was_end = false;
    for (place, char) in text.char_indices() {
        if char == '"' {
            is_quoted = !is_quoted;
        }
        let is_end = !is_quoted && ends_command(char);
        let is_blank = !is_quoted && char.is_whitespace();
        if (is_blank || is_end != was_end)
            && let Some(from) = start.take()
        {
            words.push(from..place);
        }
        if !is_blank && start.is_none() {
            start = Some(place);
        }
        was_end = is_end;
    }
    words.extend(start.map(|from| from..text.len()));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was typed, and what is told of it.
    const TYPED: &[(&str, &str)] = &[
        (
            r"psexec \\WS01 -u corp\ana -p Secret1 cmd",
            r"psexec \\WS01 -u corp\ana -p *** cmd",
        ),
        (
            r"cmdkey /add:ws01 /user:ana /pass:Secret1",
            r"cmdkey /add:ws01 /user:ana /pass:***",
        ),
        (
            r#"schtasks /create /rp "two words" /tn x"#,
            r"schtasks /create /rp *** /tn x",
        ),
        (
            r"wmic /node:x /password:Secret1 os",
            r"wmic /node:x /password:*** os",
        ),
        (r"winrs -r:x -p:Secret1 cmd", r"winrs -r:x -p:*** cmd"),
        (
            r"net use \\h\c$ Secret1 /user:ana",
            r"net use \\h\c$ *** /user:ana",
        ),
        (
            r"net use Z: \\h\c$ /user:ana Secret1",
            r"net use Z: \\h\c$ /user:ana ***",
        ),
        (r"net use \\h\c$ * /user:ana", r"net use \\h\c$ * /user:ana"),
        (r"net use \\h\c$ /delete", r"net use \\h\c$ /delete"),
        (
            r"C:\Windows\system32\net1.exe user bob Secret1 /add",
            r"C:\Windows\system32\net1.exe user bob *** /add",
        ),
        ("net user bob /active:no", "net user bob /active:no"),
        (
            "net user bob Secret1 && whoami /all",
            "net user bob *** && whoami /all",
        ),
        (
            "$p = ConvertTo-SecureString 'Secret1' -AsPlainText -Force",
            "$p = ConvertTo-SecureString *** -AsPlainText -Force",
        ),
        (
            "ConvertTo-SecureString -AsPlainText -Force Secret1",
            "ConvertTo-SecureString -AsPlainText -Force ***",
        ),
        (
            r#"Net.NetworkCredential("ana", "Secret1")"#,
            r#"Net.NetworkCredential("ana", ***)"#,
        ),
        (r#""Password": "Secret1""#, r#""Password": ***"#),
        (
            "curl -u ana:Secret1 https://h/x",
            "curl -u ana:*** https://h/x",
        ),
        (
            "git clone https://ana:Secret1@h/x",
            "git clone https://ana:***@h/x",
        ),
        (
            "wmiexec.py corp/ana:Secret1@10.0.0.1",
            "wmiexec.py corp/ana:***@10.0.0.1",
        ),
        ("-hashes aad3:31d6 ana@h", "-hashes *** ana@h"),
        ("7z a -pSecret1 x.7z", "7z a -p*** x.7z"),
        (
            "Get-Item -Path C:\\x -PassThru",
            "Get-Item -Path C:\\x -PassThru",
        ),
        (
            r"powershell -NoProfile -File C:\pass\x.ps1",
            r"powershell -NoProfile -File C:\pass\x.ps1",
        ),
        ("", ""),
        (
            r#"cmd /c "net use \\h\c$ Secret1 /user:x""#,
            r#"cmd /c "net use \\h\c$ *** /user:x""#,
        ),
        (
            r#"cmd.exe /c "net user bob Secret1 /add""#,
            r#"cmd.exe /c "net user bob *** /add""#,
        ),
        ("whoami&&net user bob Secret1", "whoami&&net user bob ***"),
        ("net users bob Secret1&whoami", "net users bob ***&whoami"),
        (
            r#""Secret1" | ConvertTo-SecureString -AsPlainText -Force"#,
            "*** | ConvertTo-SecureString -AsPlainText -Force",
        ),
        (r#"$pass = "Secret1""#, "$pass = ***"),
        (r#"x -p "Secret1 a"#, "x -p ***"),
        ("x -p Don'tTell1 y", "x -p *** y"),
        (
            "nxc smb h -u a -H aad3b435b51404eeaad3b435b51404ee:31d6cfe0d16ae931b73c59d7e0c089c0",
            "nxc smb h -u a -H ***",
        ),
        ("sshpass -pSecret1 ssh h", "sshpass -p*** ssh h"),
        (
            "net use W: https://h/x Secret1 /user:a",
            "net use W: https://h/x *** /user:a",
        ),
        (
            r"svchost.exe -k localService -p -s RemoteRegistry",
            r"svchost.exe -k localService -p -s RemoteRegistry",
        ),
        (
            r"net use m: \\h\c$ /USER:a\b (pid 3612)",
            r"net use m: \\h\c$ /USER:a\b (pid 3612)",
        ),
        ("net use Z: /delete", "net use Z: /delete"),
        (
            "Ä net use \\\\h\\s Gehéim /user:x",
            "Ä net use \\\\h\\s *** /user:x",
        ),
    ];

    #[test]
    fn what_was_typed_is_hidden() {
        let secrets = Secrets::new();
        for (text, expected) in TYPED {
            assert_eq!(secrets.hide(text), *expected, "{text}");
        }
    }
}
