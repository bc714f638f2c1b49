//! Lucene's syntax into that of our engine, construct by construct.

use super::interval;
use super::tree::Tree;

/// How deep groups may nest; the engine's own bound is higher.
const DEEPEST: usize = 50;
/// The most repetitions that a pattern may ask for at one place.
const MOST_REPETITIONS: u32 = 1_000;

type Translated = Result<Tree, String>;

pub(super) fn translate(pattern: &str) -> Translated {
    let mut translator = Translator {
        rest: pattern,
        depth: 0,
    };
    if pattern.is_empty() {
        return Ok(Tree::Plain(String::new()));
    }
    let translated = translator.alternatives()?;
    match translator.rest {
        "" => Ok(translated),
        _ => Err("there is a `)` too many in this regular expression".to_owned()),
    }
}

struct Translator<'p> {
    rest: &'p str,
    depth: usize,
}

impl<'p> Translator<'p> {
    fn accept(&mut self, symbol: &str) -> bool {
        let rest = self.rest.strip_prefix(symbol);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let next = characters.next();
        self.rest = characters.as_str();
        next
    }

    /// Everything up to a symbol, which is taken, too.
    fn until(&mut self, end: char) -> Option<&'p str> {
        let (before, after) = self.rest.split_once(end)?;
        self.rest = after;
        Some(before)
    }

    fn alternatives(&mut self) -> Translated {
        let mut alternatives = vec![self.intersection()?];
        while self.accept("|") {
            alternatives.push(self.intersection()?);
        }
        Ok(Tree::or(alternatives))
    }

    fn intersection(&mut self) -> Translated {
        let mut parts = vec![self.sequence()?];
        while self.accept("&") {
            parts.push(self.sequence()?);
        }
        Ok(Tree::and(parts))
    }

    fn sequence(&mut self) -> Translated {
        const END: [char; 3] = ['|', '&', ')'];
        if self.rest.is_empty() || self.rest.starts_with(END) {
            return Err(
                "an alternative is empty in this regular expression; write `()` for the \
                        empty text"
                    .to_owned(),
            );
        }
        let mut sequence = Vec::new();
        while !self.rest.is_empty() && !self.rest.starts_with(END) {
            sequence.push(self.repeated()?);
        }
        Ok(Tree::concat(sequence))
    }

    fn repeated(&mut self) -> Translated {
        let mut repeated = self.complement()?;
        while let Some((least, most)) = self.quantifier()? {
            repeated = repeated.repeat(least, most);
        }
        Ok(repeated)
    }

    /// `~` binds closer than a quantifier.
    fn complement(&mut self) -> Translated {
        if !self.accept("~") {
            return self.atom();
        }
        if self.depth >= DEEPEST {
            return Err("this regular expression is nested too deeply".to_owned());
        }
        self.depth += 1;
        let complement = self.complement()?;
        self.depth -= 1;
        Ok(Tree::Not(complement.into()))
    }

    fn quantifier(&mut self) -> Result<Option<(u32, Option<u32>)>, String> {
        for (symbol, counts) in [("?", (0, Some(1))), ("*", (0, None)), ("+", (1, None))] {
            if self.accept(symbol) {
                return Ok(Some(counts));
            }
        }
        if !self.accept("{") {
            return Ok(None);
        }
        let counts = self.until('}').and_then(counts);
        match counts {
            Some(counts) => Ok(Some(counts)),
            None => Err(format!(
                "a repetition is written `{{n}}`, `{{n,}}` or `{{n,m}}`, with numbers up to \
                 {MOST_REPETITIONS}; write `\\{{` for a brace"
            )),
        }
    }

    fn atom(&mut self) -> Translated {
        let Some(first) = self.next() else {
            return Err("this regular expression ends too early".to_owned());
        };
        let text = match first {
            '(' => return self.group(),
            '.' => "(?s:.)".to_owned(),
            '@' => "(?s:.)*".to_owned(),
            // A class without members matches nothing.
            '#' => "[a&&b]".to_owned(),
            '[' => self.class()?,
            '"' => self.quoted()?,
            '<' => self.interval()?,
            '\\' => self.escaped()?,
            '?' | '*' | '+' | '{' => {
                return Err(format!(
                    "`{first}` has nothing to repeat in this regular expression"
                ));
            }
            _ => literal(first),
        };
        Ok(Tree::Plain(text))
    }

    fn group(&mut self) -> Translated {
        if self.accept(")") {
            return Ok(Tree::Plain("(?:)".to_owned()));
        }
        if self.depth >= DEEPEST {
            return Err("this regular expression is nested too deeply".to_owned());
        }
        self.depth += 1;
        let group = self.alternatives()?;
        self.depth -= 1;
        if self.accept(")") {
            Ok(group)
        } else {
            Err("a `)` is missing in this regular expression".to_owned())
        }
    }

    fn quoted(&mut self) -> Result<String, String> {
        match self.until('"') {
            Some(text) => Ok(format!(
                "(?:{})",
                text.chars().map(literal).collect::<String>()
            )),
            None => Err("a `\"` is missing in this regular expression".to_owned()),
        }
    }

    fn interval(&mut self) -> Result<String, String> {
        self.until('>')
            .and_then(interval::translate)
            .ok_or_else(|| {
                "a number between two others is written `<1-99>`; write `\\<` for `<`".to_owned()
            })
    }

    fn escaped(&mut self) -> Result<String, String> {
        match self.next() {
            Some(letter) => Ok(predefined(letter).map_or_else(|| literal(letter), str::to_owned)),
            None => Err("this regular expression ends with a lone backslash".to_owned()),
        }
    }

    /// The first member may be a `]`.
    fn class(&mut self) -> Result<String, String> {
        let mut class = String::from(if self.accept("^") { "[^" } else { "[" });
        loop {
            class.push_str(&self.member()?);
            if self.accept("]") {
                class.push(']');
                return Ok(class);
            }
        }
    }

    fn member(&mut self) -> Result<String, String> {
        let first = match self.class_character()? {
            Member::Class(class) => return Ok(class.to_owned()),
            Member::Character(first) => first,
        };
        if !self.accept("-") {
            return Ok(literal(first));
        }
        match self.class_character()? {
            Member::Character(last) if first <= last => {
                Ok(format!("{}-{}", literal(first), literal(last)))
            }
            _ => Err(format!(
                "`{first}-` is the start of no range in this regular expression; write `\\-` for \
                 a hyphen"
            )),
        }
    }

    fn class_character(&mut self) -> Result<Member, String> {
        let character = match self.next() {
            Some('\\') => self.next().ok_or(character_missing())?,
            Some(character) => return Ok(Member::Character(character)),
            None => return Err(character_missing()),
        };
        Ok(predefined(character).map_or(Member::Character(character), Member::Class))
    }
}

enum Member {
    Character(char),
    Class(&'static str),
}

fn character_missing() -> String {
    "a `]` is missing in this regular expression".to_owned()
}

fn predefined(letter: char) -> Option<&'static str> {
    Some(match letter {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        's' => r"[ \t\n\r]",
        'S' => r"[^ \t\n\r]",
        'w' => "[0-9A-Za-z_]",
        'W' => "[^0-9A-Za-z_]",
        _ => return None,
    })
}

/// The character as a code point unless it certainly means nothing else.
fn literal(character: char) -> String {
    if character.is_ascii_alphanumeric() {
        character.to_string()
    } else {
        format!("\\x{{{:x}}}", u32::from(character))
    }
}

/// `2`, `2,` or `2,5` as a quantifier.
fn counts(text: &str) -> Option<(u32, Option<u32>)> {
    let (least, most) = match text.split_once(',') {
        Some((least, "")) => (count(least)?, None),
        Some((least, most)) => (count(least)?, Some(count(most)?)),
        None => (count(text)?, Some(count(text)?)),
    };
    most.is_none_or(|most| least <= most)
        .then_some((least, most))
}

fn count(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let count: u32 = text.parse().ok().filter(|_| digits)?;
    (count <= MOST_REPETITIONS).then_some(count)
}
