//! Names that only a text tells: where the form of a path, an address or an option says that a name stands there.
//!
//! A case's files list whom its events name in a field. A command line can name others, whose evidence nobody has.

use std::net::IpAddr;

use regex_automata::meta::Regex;

use super::names::is_everywhere;
use super::secrets::built;

/// A name of a host.
macro_rules! host {
    () => {
        r"[\p{L}\p{N}_][\w.-]*"
    };
}

/// A name of a host, or several with commas between them, each in quotes or not.
macro_rules! hosts {
    () => {
        concat!(
            r#"["']?("#,
            host!(),
            r#"(?:["']?,\s?["']?"#,
            host!(),
            r")*)"
        )
    };
}

/// A name of an account, with its domain or without.
macro_rules! account {
    () => {
        r#"["']?([^\s"'/$%(:=\-][^\s"'/,;|&):=%]*)"#
    };
}

/// Where an option begins, and what parts it from its value.
macro_rules! option {
    ($names:expr) => {
        concat!(
            r#"(?:^|[\s"'(])[-/]{1,2}(?:"#,
            $names,
            r")(?:\s*[:=]\s*|\s+)"
        )
    };
}

/// What stands before `\\HOST`: in `C:\\Windows` and `%A%\\B` the backslashes part folders.
macro_rules! before_share {
    () => {
        r"(?:^|[^\\\w:.%)\]}]|::)"
    };
}

/// Programs that act on another host, or as another account: a word alone behind `-u` is whose.
const REMOTE: &str = r"\b(?:psexec\w*|paexec|ps(?:kill|info|list|loggedon|passwd|service)\w*|wmic|winrs|winrm|wevtutil|net1?(?:\.exe)?\s+use|x?freerdp3?|rdesktop|evil-winrm\S*|nxc|netexec|crackmapexec|cme|schtasks|tasklist|taskkill|systeminfo|driverquery|openfiles|gpresult|takeown|runas|repadmin|dcdiag|sqlcmd|osql|bcp|mysql\w*|bloodhound\S*|coercer|petitpotam\S*|responder|hydra|medusa|adfind|ldapsearch|certipy|smbclient|rpcclient|\w*winexe|plink|pscp|ssh|az login|docker login|\w+\.py)\b|\\\\\w";

/// Who is named: the group of each pattern.
const PATTERNS: [(Who, Only, &str); 32] = [
    // \\HOST\share, psexec \\A,B cmd
    (
        Who::Host,
        Only::NotEscaped,
        concat!(before_share!(), r"\\\\(?:\?\\UNC\\)?", hosts!()),
    ),
    // The same in JSON and scripts.
    (
        Who::Host,
        Only::Escaped,
        concat!(before_share!(), r"\\\\\\\\", hosts!()),
    ),
    // smbclient //HOST/c$
    (
        Who::Host,
        Only::NoScheme,
        concat!(r#"(?:^|[\s"'@])//("#, host!(), r")[/:]"),
    ),
    // wmic /node:A, Invoke-Command -ComputerName A,B, mstsc /v:A, winrs -r:A
    (
        Who::Host,
        Only::NoScheme,
        concat!(
            option!(
                "computer(?:name)?|hostname|cn|node|dc|dc-host|domaincontroller|smtpserver|rhost|cimsession"
            ),
            hosts!()
        ),
    ),
    (
        Who::Host,
        Only::NoScheme,
        concat!(
            r#"(?:^|[\s"'])[-/]{1,2}(?:server|remote|target|add|delete|generic|v|r|s|config|lhost)[:=]["']?(?:Domain:target=)?(?:https?://|TERMSRV/)?"#,
            hosts!()
        ),
    ),
    (
        Who::Host,
        Only::NoScheme,
        concat!(
            r"\b(?:computername|hostname|server|data source|host|lhost|rhost)\s*=\s*(?:tcp:)?",
            hosts!()
        ),
    ),
    (
        Who::Host,
        Only::NoScheme,
        concat!(
            r#"\b(?:Enter-PSSession|New-PSSession|etsn|icm|Invoke-Command|Test-WSMan|Test-(?:Net)?Connection|Get-ADComputer|nslookup|ping|tracert)\s+(?:-\w \d+ )?"#,
            hosts!()
        ),
    ),
    (
        Who::Host,
        Only::NoScheme,
        concat!(
            r#"GetTypeFrom(?:ProgID|CLSID)\(\s*["'][^"']*["']\s*,\s*"#,
            hosts!()
        ),
    ),
    // schtasks /s A
    (
        Who::Host,
        Only::NoScheme,
        concat!(
            r#"\b(?:schtasks|tasklist|taskkill|systeminfo|getmac|driverquery|openfiles|gpresult|takeown)\b.*?\s/s\s+"#,
            hosts!()
        ),
    ),
    (
        Who::Host,
        Only::NoScheme,
        concat!(r"\b(?:nxc|netexec|crackmapexec|cme)\s+\w+\s+", hosts!()),
    ),
    (
        Who::Host,
        Only::NoScheme,
        concat!(
            r"\b(?:evil-winrm\S*|sharpexec\S*)\b.*?\s-{1,2}(?:i|ip)[\s=]",
            hosts!()
        ),
    ),
    // cifs/HOST.corp.example.com
    (
        Who::Host,
        Only::NoScheme,
        concat!(
            r"(?:^|[^\w/\\])(?:cifs|host|http|rpcss|rpc|termsrv|wsman|ldap|mssqlsvc|dnshost|restrictedkrbhost|gc|dns)/",
            r"(",
            host!(),
            r")"
        ),
    ),
    // http://ana:x@A:5985/wsman: a name without a dot is one of the own network.
    (
        Who::Host,
        Only::NoScheme,
        r"://(?:[^/@\s]*@)?([\p{L}\p{N}_][\w-]*)(?:[^\w.-]|$)",
    ),
    (Who::Account, Only::Anyhow, r#"://([^/\s:@"']+):[^/\s@]+@"#),
    // C:\Users\ana\x, C:\Users\ana
    (
        Who::Account,
        Only::Anyhow,
        r#"[\\/](?:Users|Documents and Settings|DOCUME~1|Profiles|home\$)[\\/]+([^\\/:*?"<>|\s$%][^\\/:*?"<>|\r\n%$]{0,63})[\\/]"#,
    ),
    (
        Who::Account,
        Only::Anyhow,
        r#"[\\/](?:Users|Documents and Settings)[\\/]+([^\\/:*?"'<>|\s$%,;)][^\\/:*?"'<>|\s%$,;)]{0,63})(?:["',;)]|\s*$|\s+[-/&|>])"#,
    ),
    // /user:CORP\ana, -UserName ana, schtasks /ru ana, -Credential ana
    (
        Who::Account,
        Only::Anyhow,
        concat!(
            option!(
                "user(?:name)?|identity|ru|credential|creduser|member|members|userd|ud|samaccountname|impersonate(?:user)?|ldapusername|http-user|l"
            ),
            account!()
        ),
    ),
    (
        Who::Account,
        Only::OfTool,
        concat!(option!("u"), account!()),
    ),
    // -u CORP\ana, sc obj= CORP\ana, username=CORP\ana, PSCredential('CORP\ana'
    (
        Who::Account,
        Only::Anyhow,
        r#"(?:(?:^|\s)[-/]u(?:\s*[:=]\s*|\s+)|\bobj=\s*|\b(?:Get-Credential|make_token|spawnas|setspn -\w)\s+|/grant\s+|/setowner[\s=]|\bas )["']?([\w.-]+\\[\w.$-]+)"#,
    ),
    (
        Who::Account,
        Only::Anyhow,
        concat!(
            r#"(?:\b(?:username|user id|uid|samaccountname|user)\s*=\s*|(?:PS|Network)Credential\]?(?:::new)?\s*\(\s*|PSCredential\s+(?:-ArgumentList\s+)?@?\(?)"#,
            account!()
        ),
    ),
    // net user ana x /add, net localgroup "Remote Desktop Users" ana /add
    (
        Who::Account,
        Only::Anyhow,
        concat!(
            r#"\bnet1?(?:\.exe)?"?\s+(?:user|(?:local)?group\s+(?:"[^"]*"|[^\s"]+))\s+(?:/\w+\s+)*"#,
            account!()
        ),
    ),
    // impacket: CORP/ana:x@host, CORP/ana:x, ana:x@10.0.0.1
    (
        Who::Account,
        Only::Anyhow,
        r#"\.(?:py|exe)\b.*?\s["']?[\w.-]+/([\w.$-]+)"#,
    ),
    (
        Who::Domain,
        Only::Anyhow,
        r#"\.(?:py|exe)\b.*?\s["']?([\w.-]+)/[\w.$-]*(?::[^\s@]*)?(?:@|\s|["']|$)"#,
    ),
    (
        Who::Account,
        Only::Anyhow,
        r#"(?:^|[\s"'/\\])([\w.$-]+)(?::[^\s@\\/]+)?@\d+\.\d+\.\d+\.\d"#,
    ),
    (
        Who::Host,
        Only::NoScheme,
        concat!(r#"(?:^|[\s"'/\\])[\w.$-]+:[^\s\\/]+@("#, host!(), r")"),
    ),
    // evil-winrm -i HOST, sqlcmd -S HOST, certipy -target HOST
    (
        Who::Host,
        Only::OfTool,
        concat!(r"\s-{1,2}(?:h|host|ip|t|target|ad|rhosts?)[\s=]+", hosts!()),
    ),
    (
        Who::Host,
        Only::NoScheme,
        concat!(
            r"\b(?:sqlcmd|osql|bcp|rpcclient|net rpc)\b.*?\s-S\s+(?:tcp:)?",
            hosts!()
        ),
    ),
    (
        Who::Domain,
        Only::OfTool,
        r#"\s[-/]d(?:\s+|[:=])["']?([\p{L}\p{N}_][\w.-]*)"#,
    ),
    // smbclient -U ana%x
    (
        Who::Account,
        Only::OfTool,
        r#"\s-U\s*["']?(?:[\w.-]+[/\\])?([\w.$-]+)%"#,
    ),
    // ana@corp.example.com, ssh ana@host
    (
        Who::Account,
        Only::Anyhow,
        r"([\w.+-]+@[\p{L}_][\w-]*(?:\.[\w-]+)*)",
    ),
    // CN=ana,OU=x,DC=corp
    (
        Who::Account,
        Only::Anyhow,
        r#"\bCN=([^,="\\/]{1,64}),(?:[^"\s]*,)?DC="#,
    ),
    // mimikatz /domain:corp, nltest /dclist:corp
    (
        Who::Domain,
        Only::Anyhow,
        concat!(
            option!("domain(?:name)?|realm|dclist|dsgetdc|userdomain"),
            r#"["']?([\p{L}\p{N}_][\w.-]*)"#
        ),
    ),
];

/// Stand where names do, and are nobody's.
const NOBODY: [&str; 42] = [
    "__hive_default_partition__",
    "accountname",
    "admin$",
    "all users",
    "argumentlist",
    "cmd",
    "computer",
    "computers",
    "default",
    "default user",
    "domain",
    "domain admins",
    "domain computers",
    "domain controllers",
    "domain users",
    "enterprise admins",
    "false",
    "host",
    "http",
    "https",
    "local",
    "mailslot",
    "name",
    "null",
    "password",
    "pipe",
    "powershell",
    "public",
    "rdp",
    "remote desktop users",
    "remote management users",
    "server",
    "shared",
    "system32",
    "target",
    "temp",
    "true",
    "tsclient",
    "user",
    "username",
    "windows",
    "wsl.localhost",
];

/// What a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Host,
    Account,
    Domain,
}

/// What has to be so beside the pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Only {
    Anyhow,
    /// What is behind it is no scheme's: `http://`.
    NoScheme,
    /// The backslashes behind it are one, or two for one.
    NotEscaped,
    Escaped,
    /// The text has one of [`REMOTE`].
    OfTool,
}

/// A name, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Host(String),
    Account(String),
    Domain(String),
}

/// Finds names by where they stand.
pub(super) struct Tellers {
    patterns: Vec<(Who, Only, Regex)>,
    remote: Regex,
}

impl Tellers {
    pub(super) fn new() -> Self {
        let patterns = PATTERNS.iter();
        Self {
            patterns: patterns
                .map(|(who, only, pattern)| (*who, *only, built(pattern)))
                .collect(),
            remote: built(REMOTE),
        }
    }

    /// Whom a text names.
    pub(super) fn named(&self, text: &str) -> Vec<Told> {
        let mut found = Vec::new();
        let is_remote = self.remote.is_match(text);
        for (who, only, pattern) in &self.patterns {
            if *only == Only::OfTool && !is_remote {
                continue;
            }
            let groups = pattern.captures_iter(text);
            for span in groups.filter_map(|groups| groups.get_group(1)) {
                let after = &text[span.end..];
                let is_escaped = after.starts_with(r"\\");
                let is_so = match only {
                    Only::Anyhow | Only::OfTool => true,
                    Only::NoScheme => !after.starts_with("://"),
                    Only::NotEscaped => !is_escaped,
                    Only::Escaped => is_escaped || !after.starts_with('\\'),
                };
                if is_so {
                    add(*who, &text[span.range()], &mut found);
                }
            }
        }
        found
    }
}

fn add(who: Who, name: &str, found: &mut Vec<Told>) {
    let (told, each): (fn(String) -> Told, Vec<&str>) = match who {
        Who::Host => (Told::Host, name.split(',').collect()),
        Who::Account => (Told::Account, vec![name]),
        Who::Domain => (Told::Domain, vec![name]),
    };
    // A sentence ends with a dot, a name does not.
    let is_around = |char: char| matches!(char, '.' | '-' | '"' | '\'') || char.is_whitespace();
    let each = each
        .into_iter()
        .map(|name| name.trim_end_matches(is_around))
        .map(|name| name.trim_start_matches(['"', '\'', ' ']));
    let somebody = each.filter_map(|name| match name.rsplit_once('\\') {
        Some((domain, bare)) if !is_somebody(domain) => Some(bare).filter(|bare| is_somebody(bare)),
        Some((_, bare)) => Some(name).filter(|_| is_somebody(bare)),
        None => Some(name).filter(|name| is_somebody(name)),
    });
    for name in somebody.map(|name| told(name.to_owned())) {
        if !found.contains(&name) {
            found.push(name);
        }
    }
}

/// Whether a name can be somebody's, and is no word that stands where names do.
fn is_somebody(name: &str) -> bool {
    let lower = name.to_lowercase();
    let is_word = NOBODY.contains(&lower.as_str()) || is_everywhere(name);
    let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
    let is_address = name.parse::<IpAddr>().is_ok();
    // Names of one or two characters are words of too many other things.
    let is_long = name.chars().count() > 2;
    let is_program = [
        ".exe", ".dll", ".bat", ".cmd", ".ps1", ".txt", ".xml", ".py",
    ]
    .iter()
    .any(|ending| lower.ends_with(ending));
    is_long && !is_word && !is_number && !is_address && !is_program
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<String> {
        let found = Tellers::new().named(text);
        let words = found.into_iter().map(|told| match told {
            Told::Host(name) => format!("host {name}"),
            Told::Account(name) => format!("account {name}"),
            Told::Domain(name) => format!("domain {name}"),
        });
        words.collect()
    }

    #[test]
    fn names_are_known_by_where_they_stand() {
        for (text, expected) in [
            (r"copy x \\SRV77\c$\x", &["host SRV77"][..]),
            (
                r"psexec \\PC1,PC2 \\PC3 cmd",
                &["host PC1", "host PC2", "host PC3"],
            ),
            (
                r#"{"path":"\\\\srv7.corp.example\\c$"}"#,
                &["host srv7.corp.example"],
            ),
            (r"\\?\UNC\fs9\x", &["host fs9"]),
            (r"net view \\fs9", &["host fs9"]),
            (r#"wmic /node:"PC-7" process call create x"#, &["host PC-7"]),
            (
                "Invoke-Command -ComputerName pc7,pc8 { x }",
                &["host pc7", "host pc8"],
            ),
            (
                "schtasks /create /s PC7 /ru CORP\\ana /tn x",
                &["host PC7", "account CORP\\ana"],
            ),
            ("winrs -r:http://pc9:5985/wsman x", &["host pc9"]),
            (r"C:\Users\ana.adm\x.exe", &["account ana.adm"]),
            (r"C:\\Users\\ana b\\x.exe", &["account ana b"]),
            (
                r"net use Z: \\fs9\x /user:corp\ana",
                &["host fs9", "account corp\\ana"],
            ),
            ("net user helper Secret1 /add", &["account helper"]),
            (
                r#"net localgroup "Remote Desktop Users" helper /add"#,
                &["account helper"],
            ),
            (r"psexec -u CORP\ana cmd", &["account CORP\\ana"]),
            (
                "to ana@corp.example.com.",
                &["account ana@corp.example.com"],
            ),
        ] {
            assert_eq!(named(text), expected, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_name_is_none() {
        for text in [
            r"C:\\Windows\\System32\\cmd.exe",
            r"%SystemRoot%\\System32\\x",
            r#""\\System32\\x""#,
            r"\\.\pipe\x \\?\C:\x \\.\root\cimv2",
            r"\Device\HarddiskVolume3\x",
            r"\\tsclient\c C:\Users\Public\x C:\Users\Default User\x",
            "sort -u file",
            "python -u x.py",
            "curl -u a:b https://h/x",
            "-ComputerName $name, -ComputerName (Get-Content x), /node:@list.txt",
            "http://evil.example/x https://10.0.0.1/",
        ] {
            assert_eq!(named(text), [""; 0], "{text}");
        }
    }
}
