//! What attackers write where names, paths and command lines are expected.
//!
//! Each class of text is put into each field, with a mark of its own, by which a check finds it again.

/// Stands for the mark, and for the port that nobody may connect to.
const MARK: &str = "{m}";
const PORT: &str = "{port}";

/// Half of a surrogate pair. No Rust text has one: the writer of logs puts it where this stands.
pub(crate) const LONE_SURROGATE: char = '\u{f8f0}';

/// What a page that ran something would show: its title, or an element of this name.
pub(crate) const PWNED: &str = "pwned";

/// The beginning of a line of output that nobody but an attacker writes.
pub(crate) const FORGED_LINE: &str = "M-6666 CONFIRMED";

/// What a script does that must not run: it changes the page, and calls.
macro_rules! deed {
    () => {
        "document.title='pwned';document.body.innerHTML+='<b id=pwned>';new Image().src='http://127.0.0.1:{port}/{m}'"
    };
}

/// The classes. The first is harmless: what is wrong with it is wrong with the checks.
pub(crate) const CLASSES: &[&str] = &[
    "plain{m}",
    // HTML.
    concat!("<script>", deed!(), "</script>{m}"),
    "{m}<img src=x onerror=\"document.title='pwned'\"><img src=\"http://127.0.0.1:{port}/{m}.png\">",
    concat!(
        "<svg onload=\"",
        deed!(),
        "\"><script>",
        deed!(),
        "</script></svg>{m}"
    ),
    concat!(
        "\"><a href=\"javascript:",
        deed!(),
        "\" autofocus onfocus=\"document.title='pwned'\">{m}</a>"
    ),
    "' autofocus onfocus='document.title=\"pwned\"' x='{m}",
    concat!(
        "</code></style></script></title></textarea></svg><script>",
        deed!(),
        "</script>{m}"
    ),
    "<style>@import url(http://127.0.0.1:{port}/{m}.css);*{background:url(http://127.0.0.1:{port}/{m})}</style>",
    "<link rel=stylesheet href=http://127.0.0.1:{port}/{m}><base href=http://127.0.0.1:{port}/><iframe srcdoc=\"<script>parent.document.title='pwned'</script>\">",
    "<meta http-equiv=refresh content=\"0;url=http://127.0.0.1:{port}/{m}\">",
    concat!("{m}<!--><script>", deed!(), "</script><!-- --!>"),
    concat!("{m}]]><script>", deed!(), "</script><![CDATA["),
    "&#x3c;script&#x3e;document.title='pwned'&#x3c;/script&#x3e;&lt;img src=x onerror=document.title='pwned'&gt;{m}",
    concat!(
        "<math><mtext></p><style><img src onerror=\"",
        deed!(),
        "\">{m}"
    ),
    // Markdown.
    "[{m}](javascript:document.title='pwned') ![{m}](http://127.0.0.1:{port}/{m}) [{m}]: http://127.0.0.1:{port}/",
    "a\n\n[{m}]: http://127.0.0.1:{port}/ 'x'\n\n<b id=pwned>\n\n# {m}\n\nM-6666 CONFIRMED {m}",
    "a|b\\|c|\r\n|---|---|\r\n|{m}|<b id=pwned>|",
    "`````{m}```` ` ``<b id=pwned>`` ~~~ \\`",
    "<http://127.0.0.1:{port}/{m}> www.{m}.example http://127.0.0.1:{port}/{m} {m}@{m}.example {m}|\\",
    "**{m}** _{m}_ ~~{m}~~ [^1] $x$ :smile: <javascript:{m}> {{7*7}} ${m} %s%n",
    "```````````````` > - # 1. {m} \\",
    // Spreadsheets.
    "=cmd|' /C calc'!A0{m}",
    "+1+HYPERLINK(\"http://127.0.0.1:{port}/{m}\")",
    "-2+3{m}",
    "@SUM(1){m}",
    "\t=1+{m}",
    "\r=1+{m}",
    "\"\",\"=1\"\n=2,{m};\"",
    // Terminals.
    "\u{1b}[31m\u{1b}]0;pwned\u{7}{m}\u{1b}[2J",
    "\u{1b}]8;;http://127.0.0.1:{port}/\u{1b}\\{m}\u{1b}]8;;\u{1b}\\\u{1b}]52;c;cHduZWQ=\u{7}",
    "\u{9b}31m\u{9d}0;pwned\u{9c}{m}\u{7f}\u{85}\u{8}",
    // What is not seen, or misleads.
    "\u{202e}exe.{m}\u{2066}\u{200f}",
    "\u{200b}{m}\u{feff}\u{2060}\u{e0041}\u{ad}",
    "nul\0{m}\0",
    "line\u{2028}{m}\u{2029}paragraph\u{b}\u{c}",
    "half\u{f8f0}{m}",
    // Lists and names of ours.
    "a;b\\;{m};c M-0001 LM-0001",
    "..\\..\\{m}/../../x%00%2e\\",
];

/// Every class.
pub(crate) fn classes() -> std::ops::Range<usize> {
    0..CLASSES.len()
}

/// Where texts come from: the classes with marks and the port filled in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payloads {
    port: u16,
}

impl Payloads {
    pub(crate) fn calling(port: u16) -> Self {
        Self { port }
    }

    /// The text of a class for a field.
    pub(crate) fn text(self, class: usize, field: &str) -> String {
        self.marked(class, &mark(class, field))
    }

    fn marked(self, class: usize, mark: &str) -> String {
        CLASSES[class]
            .replace(MARK, mark)
            .replace(PORT, &self.port.to_string())
    }

    /// All classes one after the other, but what no argument and no file of text can hold.
    pub(crate) fn all(self, field: &str) -> String {
        let classes = classes().map(|class| self.text(class, field));
        let all: Vec<String> = classes.collect();
        all.join(" ").replace(['\0', LONE_SURROGATE], "")
    }
}

/// The mark of a class in a field: letters and digits, that nothing else has.
pub(crate) fn mark(class: usize, field: &str) -> String {
    format!("zq{class:02}{field}qz")
}

/// How long a mark is.
const LENGTH: usize = "zq00xxqz".len();

/// The marks in a text, in the order of the alphabet, each once.
pub(crate) fn marks(text: &str) -> std::collections::BTreeSet<String> {
    let text = text.to_ascii_lowercase();
    let starts = text.match_indices("zq").map(|(at, _)| at);
    let mark = |at: usize| {
        let mark = text.get(at..at + LENGTH)?;
        let is_mark = mark.ends_with("qz") && mark.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_mark.then(|| mark.to_owned())
    };
    starts.filter_map(mark).collect()
}
