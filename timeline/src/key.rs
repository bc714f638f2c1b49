//! Keys as bytes that compare as the values they stand for: what sorters and tables order by.

use crate::Ticks;

/// Appends a time; none comes after every time.
pub fn time(key: &mut Vec<u8>, time: Option<Ticks>) {
    let ordered = time.map_or(u64::MAX, |time| time.0.cast_unsigned() ^ (1 << 63));
    key.extend(ordered.to_be_bytes());
}

/// Reads back a time that [`time`] wrote at the start of a key.
#[must_use]
pub fn read_time(key: &[u8]) -> Option<Ticks> {
    let ordered = u64::from_be_bytes(key.get(..8)?.try_into().ok()?);
    (ordered != u64::MAX).then(|| Ticks((ordered ^ (1 << 63)).cast_signed()))
}

/// The key of a time below a prefix: what tables are asked for between two times.
#[must_use]
pub fn at(prefix: &[u8], at: Ticks) -> Vec<u8> {
    let mut key = prefix.to_vec();
    time(&mut key, Some(at));
    key
}

/// Appends a text, closed so that a shorter one comes before its extensions.
pub fn text(key: &mut Vec<u8>, text: &str) {
    let mut parts = text.split('\0');
    key.extend(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        key.extend([0, 0xff]);
        key.extend(part.as_bytes());
    }
    key.extend([0, 0]);
}

/// Takes a text that [`text`] wrote off the start of a key.
pub fn take_text(key: &mut &[u8]) -> Option<String> {
    let mut text = String::new();
    let mut rest = *key;
    loop {
        let end = rest.iter().position(|&byte| byte == 0)?;
        text.push_str(&String::from_utf8_lossy(&rest[..end]));
        let after = *rest.get(end + 1)?;
        rest = &rest[end + 2..];
        if after == 0 {
            break;
        }
        text.push('\0');
    }
    *key = rest;
    Some(text)
}

/// Every text of a key that consists of texts.
#[must_use]
pub fn texts(mut key: &[u8]) -> Vec<String> {
    std::iter::from_fn(|| take_text(&mut key)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<u8> {
        let mut key = Vec::new();
        super::text(&mut key, text);
        key.push(0x7f);
        key
    }

    #[test]
    fn texts_compare_as_themselves() {
        let texts = ["", "\0", "\0a", "a", "a\0", "a\0b", "ab", "b", "é"];
        for pair in texts.windows(2) {
            assert!(of(pair[0]) < of(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn texts_come_back() {
        let all = ["", "a\0b", "é\0", "\0\0"];
        let mut key = Vec::new();
        for one in all {
            text(&mut key, one);
        }
        assert_eq!(texts(&key), all);
        assert_eq!(
            texts(&key[..key.len() - 1]),
            all[..3],
            "an open text is none"
        );
    }

    #[test]
    fn times_compare_as_themselves_and_none_is_last() {
        let times = [
            Some(Ticks(i64::MIN)),
            Some(Ticks(-1)),
            Some(Ticks(0)),
            Some(Ticks(7)),
            None,
        ];
        let keys: Vec<_> = times
            .iter()
            .map(|&t| {
                let mut key = Vec::new();
                time(&mut key, t);
                key
            })
            .collect();
        assert!(keys.is_sorted());
        assert_eq!(
            keys.iter().map(|key| read_time(key)).collect::<Vec<_>>(),
            times
        );
    }
}
