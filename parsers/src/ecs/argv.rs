//! Splitting a command line as Windows programs do (ECS.md §1.1, the variant before 2008).

/// The arguments of a command line, the program first, without their quotes.
///
/// Blanks are space and tab. 2n backslashes before a quote are n backslashes, and the quote opens
/// or closes; 2n+1 are n backslashes and a quote as text; other backslashes stand for themselves.
/// Inside quotes, two quotes are one as text, and the quoted part ends there.
pub(crate) fn split(line: &str) -> Vec<String> {
    let mut splitter = Splitter {
        arguments: Vec::new(),
        current: None,
        quoted: false,
    };
    let mut rest = line.chars().peekable();
    while let Some(char) = rest.next() {
        match char {
            '\\' => {
                let mut count = 1;
                while rest.next_if_eq(&'\\').is_some() {
                    count += 1;
                }
                let before_quote = rest.peek() == Some(&'"');
                splitter.backslashes(count, before_quote);
                if before_quote && count % 2 == 1 {
                    rest.next();
                    splitter.add('"');
                }
            }
            '"' => {
                if splitter.quoted && rest.next_if_eq(&'"').is_some() {
                    splitter.add('"');
                }
                splitter.toggle();
            }
            ' ' | '\t' if !splitter.quoted => splitter.end(),
            char => splitter.add(char),
        }
    }
    splitter.end();
    splitter.arguments
}

struct Splitter {
    arguments: Vec<String>,
    /// The argument under way; an empty pair of quotes makes an empty one.
    current: Option<String>,
    quoted: bool,
}

impl Splitter {
    fn add(&mut self, char: char) {
        self.current.get_or_insert_default().push(char);
    }

    fn toggle(&mut self) {
        self.quoted = !self.quoted;
        self.current.get_or_insert_default();
    }

    fn backslashes(&mut self, count: usize, before_quote: bool) {
        let kept = if before_quote { count / 2 } else { count };
        self.current
            .get_or_insert_default()
            .extend(std::iter::repeat_n('\\', kept));
    }

    fn end(&mut self) {
        self.arguments.extend(self.current.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &[&str]) {
        assert_eq!(split(line), expected, "{line}");
    }

    #[test]
    fn splits_as_windows_does() {
        check(
            r#""C:\Program Files\a.exe" /c  x"#,
            &[r"C:\Program Files\a.exe", "/c", "x"],
        );
        check("a\tb ", &["a", "b"]);
        check(r#"a "" b"#, &["a", "", "b"]);
        check(r"copy \\srv\c$\x y\", &["copy", r"\\srv\c$\x", r"y\"]);
        check(r#"a\"b c"#, &[r#"a"b"#, "c"]);
        check(r#"a\\"b c" d"#, &[r"a\b c", "d"]);
        check(r#"a\\\"b"#, &[r#"a\"b"#]);
        check(r#""a""b c"#, &[r#"a"b"#, "c"]);
        check(r#"x"y z"w"#, &["xy zw"]);
        check(r#""open"#, &["open"]);
        check("", &[]);
    }
}
