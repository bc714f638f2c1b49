//! "Did you mean …?": the known name nearest to a misspelt one.

/// Longer names are not compared; nobody has fields of that length and comparing is quadratic.
const LONGEST_NAME: usize = 80;

/// The candidate that differs least from `name`, if it differs little enough to be a slip.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    if name.len() > LONGEST_NAME {
        return None;
    }
    let allowed = (name.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len().abs_diff(name.len()) <= LONGEST_NAME)
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters must be put in, taken out, changed or swapped with their neighbour, case aside.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = letters(left);
    let right: Vec<char> = letters(right);
    let mut rows = vec![(0..=right.len()).collect::<Vec<_>>()];
    for row in 1..=left.len() {
        let next = next_row(&left, &right, &rows, row);
        rows.push(next);
    }
    rows[left.len()][right.len()]
}

fn letters(name: &str) -> Vec<char> {
    name.chars().map(|c| c.to_ascii_lowercase()).collect()
}

fn next_row(left: &[char], right: &[char], rows: &[Vec<usize>], row: usize) -> Vec<usize> {
    let above = &rows[row - 1];
    let mut next = vec![row];
    for column in 1..=right.len() {
        let same = usize::from(left[row - 1] != right[column - 1]);
        let edit = (above[column] + 1)
            .min(next[column - 1] + 1)
            .min(above[column - 1] + same);
        let swapped = row > 1
            && column > 1
            && left[row - 1] == right[column - 2]
            && left[row - 2] == right[column - 1];
        next.push(if swapped {
            edit.min(rows[row - 2][column - 2] + 1)
        } else {
            edit
        });
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name() {
        let names = ["process.name", "process.pid", "user.name"];
        assert_eq!(nearest("proces.name", names), Some("process.name"));
        assert_eq!(nearest("process.nmae", names), Some("process.name"));
        assert_eq!(nearest("Process.Name", names), Some("process.name"));
    }

    #[test]
    fn something_else_finds_nothing() {
        assert_eq!(nearest("registry.path", ["process.name", "pid"]), None);
        assert_eq!(nearest("ab", ["pid"]), None);
    }
}
