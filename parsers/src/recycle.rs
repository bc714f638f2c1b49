//! Memory used again: for what borrows from one record after the other.

/// The memory of a vector, for items that differ from its own in what they borrow from only. (The standard
/// library collects into the memory of the source when the sizes of the items are equal.)
pub(crate) fn recycled<From, To>(mut items: Vec<From>) -> Vec<To> {
    items.clear();
    items.into_iter().filter_map(|_| None).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_kept() {
        let mut texts: Vec<&str> = Vec::with_capacity(96);
        texts.push("text");
        let empty: Vec<&'static str> = recycled(texts);
        assert!(empty.is_empty());
        assert_eq!(empty.capacity(), 96);
    }
}
