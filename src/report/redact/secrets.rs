//! Secrets that were typed: passwords, hashes and tickets in command lines and scripts.

use std::ops::Range;

use regex_automata::meta::Regex;
use regex_automata::util::syntax;

/// What stands for a secret.
const STARS: &str = "***";

/// A value: in quotes, which may be escaped or not end, or up to a blank. What begins as an option or in brackets is
/// none.
macro_rules! value {
    () => {
        r#"(\\"(?:[^"\\]|\\[^"])*\\?"|"(?:[^"\\]|\\.|"")*(?:"|$)|'(?:[^']|'')*(?:'|$)|[^\s"'(/\-]\S*)"#
    };
}

/// A value, also one of an option that is no path: it ends where another part of the text begins.
macro_rules! part {
    () => {
        r#"(\\"(?:[^"\\]|\\[^"])*\\?"|"(?:[^"\\]|\\.|"")*(?:"|$)|'(?:[^']|'')*(?:'|$)|[^\s"'(;,&|<>]+)"#
    };
}

/// Where an option begins.
macro_rules! option {
    () => {
        r#"(?:^|[\s"'(;|&=])[-/\u{2013}]{1,2}"#
    };
}

/// Between an option and its value.
macro_rules! is {
    () => {
        r"(?:\s*[:=]\s*|\s+)"
    };
}

/// Words that a secret is called by, alone or in a longer name.
macro_rules! secret {
    () => {
        r"(?:passw\w*|passphrase|pwd|credpass\w*|api[_-]?key|access[_-]?key|account[_-]?key|access[_-]?token|auth[_-]?token|auth[_-]?key|session[_-]?token)"
    };
}

/// Where secrets stand: the group of each is one.
const PATTERNS: [&str; 36] = [
    // psexec -p x, cmdkey /pass:x, schtasks /rp x, netdom /pd:x, adfind -up x
    concat!(
        option!(),
        r"(?:p|pw|pass|rp|up|pwdd|mega-pass|storepass|keypass)",
        is!(),
        value!()
    ),
    concat!(option!(), r"(?:pd|pth|new|old)[:=]\s*", value!()),
    // --password=x, -NewPassword x, --ldappassword x, --auth-token x
    concat!(option!(), r"[\w-]*", secret!(), r"\w*", is!(), value!()),
    concat!(
        option!(),
        r"(?:token|secret|client-secret|auth|proxy-user)",
        is!(),
        value!()
    ),
    // mimikatz's and impacket's hashes, keys and tickets
    concat!(
        option!(),
        r"(?:hash\w*|ntlm|nthash|lmhash|rc4|des|aes\w*|krbtgt|masterkey|ticket|certificate|ptt)",
        is!(),
        value!()
    ),
    // Any hash of a password that is an option's: -H 31d6…, :31d6…
    concat!(option!(), r"\w+", is!(), r":?([0-9a-f]{32})(?:$|[^0-9a-f])"),
    // LM and NT hash, wherever they stand; a lone one behind two colons
    r"(?:^|[^0-9a-f])([0-9a-f]{32}:[0-9a-f]{32})(?:$|[^0-9a-f])",
    // NetNTLM
    r"::[^:\s]*:([0-9a-f]{16}:[0-9a-f]{16,}(?::[0-9a-f]+)?)",
    // Tickets for offline guessing
    r"(\$krb5\w+\$\S+)",
    // Password = "x", 'apikey': 'x', $userPass=x, &sig=x
    concat!(
        r#"(?:"#,
        secret!(),
        r#"|secret|pass|creds?|\bsig|\$(?:env:)?\w*pw|\$p\b)\w*\\?["']?\s*[:=]\s*"#,
        part!()
    ),
    concat!(r"\b(?:token)\s*=\s*", part!()),
    // DPAPI in .rdp files
    r"\bpassword \d+:b:(\S+)",
    // Authorization: Basic x
    r"\b(?:Basic|Bearer|Negotiate)\s+([A-Za-z0-9+/=._~-]{8,})",
    r#"\bX-[\w-]*(?:Key|Token)["']?\s*:\s*([^\s"']+)"#,
    // ConvertTo-SecureString "x" -AsPlainText -Force, in any order
    concat!(
        r"ConvertTo-SecureString(?:\s+-(?:AsPlainText|Force|String))*\s*\(?\s*",
        value!()
    ),
    // "x" | ConvertTo-SecureString, "x".ToCharArray(), AppendChar('x')
    r#"("[^"]*"|'[^']*'|[^\s"'|]+)\s*\)?\s*\|\s*ConvertTo-SecureString"#,
    r#"("[^"]*"|'[^']*')\.ToCharArray\("#,
    r#"\.AppendChar\(\s*("[^"]*"|'[^']*')"#,
    // New-Object Net.NetworkCredential("user", "x"), [PSCredential]::new('user', 'x')
    concat!(
        r#"Credential\]?(?:::new)?\s*\(\s*(?:"[^"]*"|'[^']*'|[^\s,"']+)\s*,\s*"#,
        value!()
    ),
    // SetEnvironmentVariable('DB_PASSWORD', 'x'), setx DB_PASSWORD x
    concat!(
        r#"(?:SetEnvironmentVariable\s*\(|\bsetx)\s*["']?\w*"#,
        secret!(),
        r#"\w*["']?[,\s]\s*"#,
        value!()
    ),
    // reg add … /v DefaultPassword /t REG_SZ /d x
    concat!(r"DefaultPassword\b.*?\s/d\s+", value!()),
    // unattend.xml
    r"<(?:\w+:)?Password>\s*(?:<Value>)?([^<]+)",
    r#"Password["']?\s+value\s*=\s*("[^"]*"|'[^']*')"#,
    // https://user:x@host, https://x@github.com
    r#"://[^/\s:@"']+:([^/\s"']+)@"#,
    r#"://([^/\s:@"'.]{16,})@"#,
    // impacket: CORP/ana:x@host, ana:x@host, and CORP/ana:x alone
    r#"(?:^|[\s"'])(?:[\w.-]+[/\\])?[\w.$-]+:(?:'([^']*)'|"([^"]*)"|([^\s"'/\\][^\s"']*))@[\w.-]"#,
    r#"\.(?:py|exe)\b.*?\s["']?[\w.-]+/[\w.$-]+:([^\s"'@\\]+)"#,
    // curl -u user:x, smbclient -U user%x
    r#"(?:^|\s)(?:-u|--user)[\s=]*["']?[^\s:%"'=]+[:%]([^\s"']+)"#,
    // 7z a -px, rar a -hpx, mysql -px, sqlcmd -Px
    concat!(
        r#"\b(?:7z[ar]?|rar|winrar|mysql\w*|sshpass|sqlcmd|osql|isql|bcp)(?:\.exe)?"?\s(?:.*?\s)?-h?p"#,
        value!()
    ),
    concat!(r"\s-hp", value!()),
    // Tools that take it behind a letter of their own: ldapsearch -w x, redis-cli -a x, psexec -p (x)
    r#"\b(?:ldapsearch\b.*?\s-w|redis-cli\b.*?\s-a|openssl\b.*?\s-k|frpc\b.*?\s-t|ps(?:exec|kill|info|passwd)\w*\b.*?\s-p)\s+("[^"]*"|'[^']*'|\S+)"#,
    // sqlplus ana/x@host, pth CORP\ana 31d6…
    r"(?:\bsqlplus\s+[^\s/]+/([^@\s]+)@|\bpth\s+\S+\s+([0-9a-f]{32}))",
    // aws configure set aws_secret_access_key x, and keys by their form
    concat!(r"\baws_(?:secret_access_key|session_token)\s+", value!()),
    r"\b((?:AKIA|ASIA)[0-9A-Z]{16})\b",
    // echo x | runas
    r"\becho\s+([^\s|]+)\s*\|\s*(?:\S*\\)?(?:runas|plink|sudo|anydesk)",
    // Programs whose last word is the secret: make_token CORP\ana x, bitsadmin /setcredentials j s basic ana x
    concat!(
        r"(?:\b(?:(?:make_token|spawnas|runascs(?:\.exe)?|mega(?:cmd)?[ -]login|pspasswd\w*(?:\.exe)?(?:\s+-\w+)*)\s+\S+|vault login|authtoken)|/setcredentials(?:\s+\S+){4}|\bautologon\w*(?:\.exe)?(?:\s+/\w+)*\s+\S+\s+\S+)\s+",
        value!()
    ),
];

/// Where `net use` and `net user` stand, whatever is around them.
const NET: &str = r#"\bnet1?(?:\.exe)?["']?\s+["']?(use|users?)\b["']?"#;

/// Finds secrets.
pub(super) struct Secrets {
    patterns: Vec<Regex>,
    net: Regex,
}

/// A pattern of ours, for which capitals do not matter.
pub(super) fn built(pattern: &str) -> Regex {
    let syntax = syntax::Config::new().case_insensitive(true);
    let built = Regex::builder().syntax(syntax).build(pattern);
    built.expect("the patterns are ours, and a test builds them")
}

impl Secrets {
    pub(super) fn new() -> Self {
        Self {
            patterns: PATTERNS.iter().map(|pattern| built(pattern)).collect(),
            net: built(NET),
        }
    }

    /// The text with stars where secrets stand.
    pub(super) fn hide(&self, text: &str) -> String {
        let mut found: Vec<Range<usize>> = Vec::new();
        for command in self.net.captures_iter(text) {
            let [all, verb] = [0, 1].map(|group| command.get_group(group));
            let (Some(all), Some(verb)) = (all, verb) else {
                continue;
            };
            let is_use = text[verb.range()].eq_ignore_ascii_case("use");
            let inner = net_passwords(&text[all.end..], is_use).into_iter();
            found.extend(inner.map(|range| all.end + range.start..all.end + range.end));
        }
        for pattern in &self.patterns {
            let groups = pattern.captures_iter(text);
            let secrets = groups.flat_map(|groups| {
                let groups: Vec<_> = groups.iter().skip(1).flatten().collect();
                groups
            });
            found.extend(secrets.map(|span| span.range()));
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

/// The password of the command `net use \\host\share x /user:y` or `net user name x` that a text goes on with: what
/// stands alone after what it is for.
fn net_passwords(text: &str, is_use: bool) -> Option<Range<usize>> {
    let words = words(text);
    let bare = |range: &Range<usize>| text[range.clone()].trim_matches(['"', '\'', ',']);
    let is_end =
        |word: &Range<usize>| bare(word).chars().all(ends_command) && !bare(word).is_empty();
    let rest: Vec<&Range<usize>> = words.iter().take_while(|word| !is_end(word)).collect();
    // An option, or what a sentence says behind the command.
    let is_option = |word: &&&Range<usize>| bare(word).starts_with(['/', '(', ',']);
    let mut values = rest.iter().filter(|word| !is_option(word));
    let password = if is_use {
        let is_share = |word: &str| word.starts_with("\\\\") || word.contains("://");
        let is_place = |word: &str| is_share(word) || word.ends_with(':') || word == "*";
        // Only a share can have a password.
        let is_at = rest.iter().any(|word| is_share(bare(word)));
        values.find(|word| !is_place(bare(word))).filter(|_| is_at)
    } else {
        values.nth(1)
    };
    let found = password.map(|word| alone(text, word));
    // A star asks for the password; a number in brackets is no word of the command.
    let is_typed = |range: &Range<usize>| bare(range) != "*" && !bare(range).ends_with(')');
    found.filter(is_typed)
}

/// A word without what is behind it where it stands in quotes or brackets that hold the whole command.
fn alone(text: &str, word: &Range<usize>) -> Range<usize> {
    let words = &text[word.clone()];
    if words.starts_with(['"', '\'']) {
        return word.clone();
    }
    let end = words.find('"').unwrap_or(words.len());
    word.start..word.start + end
}

/// Whether a character ends a command.
fn ends_command(char: char) -> bool {
    matches!(char, '&' | '|' | ';' | '>' | '<')
}

/// Where the words of a command line are: what is in quotes is one, and what ends a command one of its own.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start: Option<usize> = None;
    let mut quote = None;
    let mut was_end = false;
    for (place, char) in text.char_indices() {
        // In the middle of a word `'` is an apostrophe.
        let begins = start.is_none() && matches!(char, '"' | '\'');
        match quote {
            Some(open) if open == char => quote = None,
            None if begins || char == '"' => quote = Some(char),
            _ => {}
        }
        let is_quoted = quote.is_some();
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
            "$p = *** *** -AsPlainText -Force",
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
