//! `Actions`: what a task does (TASKCACHE_ACTIONS.md).

use super::super::super::data;
use super::reader::Reader;
use crate::le;

/// A task has at most so many actions; Windows allows 32.
const MOST: usize = 1024;
/// A message has at most so many attachments and headers.
const MOST_OF_MAIL: usize = 1024;

/// The actions of a task, as far as they could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Actions {
    pub(crate) version: u16,
    /// The id of the principal that they run as.
    pub(crate) context: String,
    pub(crate) list: Vec<Action>,
    /// Where and why reading ended before the data did.
    pub(crate) end: Option<(usize, &'static str)>,
}

/// One action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Action {
    /// Its id, mostly empty.
    pub(crate) id: String,
    pub(crate) kind: ActionKind,
}

/// What an action does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ActionKind {
    Exec {
        command: String,
        arguments: String,
        working_directory: String,
    },
    ComHandler {
        class: String,
        data: String,
    },
    Email {
        from: String,
        to: String,
        cc: String,
        bcc: String,
        reply_to: String,
        server: String,
        subject: String,
        body: String,
        attachments: Vec<String>,
        headers: Vec<(String, String)>,
    },
    Message {
        title: String,
        text: String,
    },
}

impl Actions {
    /// Decodes the value. What is damaged ends it; what was read before stays.
    pub(crate) fn decode(bytes: &[u8]) -> Self {
        let mut reader = Reader::new(bytes);
        let mut actions = Self::default();
        let Some(version) = reader.u16() else {
            actions.end = Some((0, "there is no version"));
            return actions;
        };
        actions.version = version;
        if !(1..=3).contains(&version) {
            actions.end = Some((0, "the version is not known"));
            return actions;
        }
        if version == 3 {
            match reader.text() {
                Ok(context) => actions.context = context,
                Err(end) => {
                    actions.end = Some(end);
                    return actions;
                }
            }
        }
        while reader.at < bytes.len() {
            if actions.list.len() >= MOST {
                actions.end = Some((reader.at, "there are too many actions"));
                break;
            }
            if let Err(end) = reader.action(version, &mut actions.list) {
                actions.end = Some(end);
                break;
            }
        }
        actions
    }
}

/// Where and why something could not be read.
type End = (usize, &'static str);

impl Reader<'_> {
    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        let number = le::u32(self.bytes, self.at)?;
        self.at += 4;
        Some(number)
    }

    /// Its length in bytes, and a text in UTF-16 without an end.
    fn text(&mut self) -> Result<String, End> {
        let start = self.at;
        let length = self.u32().ok_or((start, "a length is cut"))?;
        let bytes = self.take(length as usize);
        let bytes = bytes.ok_or((start, "a text is longer than the value"))?;
        if !bytes.len().is_multiple_of(2) {
            return Err((start, "a text has half a character"));
        }
        Ok(data::text(bytes))
    }

    /// Adds the next action to a list; also one whose end is missing.
    fn action(&mut self, version: u16, list: &mut Vec<Action>) -> Result<(), End> {
        let start = self.at;
        let magic = self.u16().ok_or((start, "an action is cut"))?;
        if !matches!(magic, 0x6666 | 0x7777 | 0x8888 | 0x9999) {
            self.at = start;
            return Err((start, "no action of a known kind"));
        }
        let id = self.text()?;
        let kind = match magic {
            0x6666 => return self.exec(id, version, list),
            0x7777 => self.com_handler()?,
            0x8888 => self.email()?,
            _ => self.message()?,
        };
        list.push(Action { id, kind });
        Ok(())
    }

    fn exec(&mut self, id: String, version: u16, list: &mut Vec<Action>) -> Result<(), End> {
        let mut texts = [const { String::new() }; 3];
        let mut end = Ok(());
        for text in &mut texts {
            match self.text() {
                Ok(read) => *text = read,
                Err(error) => {
                    end = Err(error);
                    break;
                }
            }
        }
        if end.is_ok() && version == 3 && self.u16().is_none() {
            end = Err((self.at, "the flags of an action are cut"));
        }
        let [command, arguments, working_directory] = texts;
        if end.is_ok() || !command.is_empty() {
            let kind = ActionKind::Exec {
                command,
                arguments,
                working_directory,
            };
            list.push(Action { id, kind });
        }
        end
    }

    fn com_handler(&mut self) -> Result<ActionKind, End> {
        let start = self.at;
        let class = self.take(16).and_then(|bytes| bytes.try_into().ok());
        let class: &[u8; 16] = class.ok_or((start, "a class is cut"))?;
        Ok(ActionKind::ComHandler {
            class: crate::evtx::read::guid_text(class),
            data: self.text()?,
        })
    }

    fn email(&mut self) -> Result<ActionKind, End> {
        let mut texts = [const { String::new() }; 8];
        for text in &mut texts {
            *text = self.text()?;
        }
        let [from, to, cc, bcc, reply_to, server, subject, body] = texts;
        let attachments = self.count()?;
        let attachments = (0..attachments)
            .map(|_| self.text())
            .collect::<Result<_, _>>()?;
        let headers = self.count()?;
        let headers = (0..headers).map(|_| Ok((self.text()?, self.text()?)));
        let headers = headers.collect::<Result<_, End>>()?;
        Ok(ActionKind::Email {
            from,
            to,
            cc,
            bcc,
            reply_to,
            server,
            subject,
            body,
            attachments,
            headers,
        })
    }

    fn count(&mut self) -> Result<usize, End> {
        let start = self.at;
        let count = self.u32().ok_or((start, "a count is cut"))? as usize;
        if count > MOST_OF_MAIL {
            return Err((start, "a count is larger than the value"));
        }
        Ok(count)
    }

    fn message(&mut self) -> Result<ActionKind, End> {
        Ok(ActionKind::Message {
            title: self.text()?,
            text: self.text()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    /// The example of TASKCACHE_ACTIONS.md, made of the definition in event 4698 of the task \CYAlyNSS.
    const EXEC: &str = "AwAWAAAATABvAGMAYQBsAFMAeQBzAHQAZQBtAGZmAAAAAA4AAABjAG0AZAAuAGUAeABlAFoAAAAvAEMAIAB0AGEAcwBrAGwAaQBzAHQAIAA+ACAAJQB3AGkAbgBkAGkAcgAlAFwAVABlAG0AcABcAEMAWQBBAGwAeQBOAFMAUwAuAHQAbQBwACAAMgA+ACYAMQAAAAAAAAA=";

    fn exec() -> Vec<u8> {
        STANDARD.decode(EXEC).unwrap()
    }

    fn text(text: &str) -> Vec<u8> {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = u32::try_from(units.len()).unwrap();
        [&length.to_le_bytes()[..], &units].concat()
    }

    #[test]
    fn a_program_is_read() {
        let actions = Actions::decode(&exec());
        assert_eq!(
            (actions.version, actions.context.as_str()),
            (3, "LocalSystem")
        );
        assert_eq!(actions.end, None);
        assert_eq!(
            actions.list,
            [Action {
                id: String::new(),
                kind: ActionKind::Exec {
                    command: "cmd.exe".into(),
                    arguments: r"/C tasklist > %windir%\Temp\CYAlyNSS.tmp 2>&1".into(),
                    working_directory: String::new(),
                }
            }]
        );
    }

    #[test]
    fn every_kind_is_read_and_several_of_them() {
        let mut bytes = exec();
        bytes.extend([0x77, 0x77]);
        bytes.extend(text("second"));
        bytes.extend([
            0xb9, 0xd1, 0xbc, 0x61, 0x0c, 0x34, 0xec, 0x40, 0x9d, 0x41, 0xd7, 0xf1, 0xc0, 0x63,
            0x2f, 0x05,
        ]);
        bytes.extend(text("$(Arg0)"));
        bytes.extend([0x88, 0x88]);
        for part in ["", "from", "to", "", "", "", "server", "subject", "body"] {
            bytes.extend(text(part));
        }
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(text(r"C:\a.txt"));
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(text("key"));
        bytes.extend(text("value"));
        bytes.extend([0x99, 0x99]);
        for part in ["", "Grüße", "€"] {
            bytes.extend(text(part));
        }
        let actions = Actions::decode(&bytes);
        assert_eq!(actions.end, None);
        let [_, com, mail, message] = &actions.list[..] else {
            panic!("{actions:?}");
        };
        assert_eq!(com.id, "second");
        assert_eq!(
            com.kind,
            ActionKind::ComHandler {
                class: "{61BCD1B9-340C-40EC-9D41-D7F1C0632F05}".into(),
                data: "$(Arg0)".into(),
            }
        );
        assert!(matches!(
            &mail.kind,
            ActionKind::Email { to, attachments, headers, .. }
                if to == "to" && attachments.len() == 1 && headers[0].1 == "value"
        ));
        assert_eq!(
            message.kind,
            ActionKind::Message {
                title: "Grüße".into(),
                text: "€".into(),
            }
        );
    }

    #[test]
    fn what_is_cut_anywhere_gives_what_was_before() {
        let bytes = exec();
        for length in 0..bytes.len() {
            let actions = Actions::decode(&bytes[..length]);
            let is_whole = actions.end.is_none();
            // Only between two actions does nothing seem to be missing.
            assert_eq!(is_whole, length == 28, "{length}");
        }
        let actions = Actions::decode(&bytes[..bytes.len() - 1]);
        assert_eq!(actions.list.len(), 1);
        assert_eq!(actions.end.unwrap().1, "the flags of an action are cut");
    }

    #[test]
    fn odd_values_say_where_they_are_odd() {
        let mut bytes = exec();
        bytes.extend([0x55, 0x55, 0, 0]);
        let actions = Actions::decode(&bytes);
        assert_eq!(actions.list.len(), 1);
        assert_eq!(actions.end, Some((152, "no action of a known kind")));
        let mut huge = exec();
        huge[2..6].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(
            Actions::decode(&huge).end,
            Some((2, "a text is longer than the value"))
        );
        assert_eq!(
            Actions::decode(&[9, 0]).end,
            Some((0, "the version is not known"))
        );
        // Before version 3 there is neither context nor flags.
        let mut old = vec![1, 0, 0x66, 0x66];
        for part in ["", "a.exe", "", ""] {
            old.extend(text(part));
        }
        let actions = Actions::decode(&old);
        assert_eq!((actions.list.len(), actions.end), (1, None));
    }
}
