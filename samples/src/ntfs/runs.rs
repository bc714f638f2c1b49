//! Data runs: where the clusters of a non-resident attribute are.

/// Bytes of a cluster of the volumes here.
pub const CLUSTER: u64 = 4_096;

/// Clusters in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The first of them on the volume, or none when they are not stored (sparse).
    pub cluster: Option<u64>,
    /// How many.
    pub count: u64,
}

/// Runs as an attribute stores them: a byte with the widths of two numbers, the count, and how far the first
/// cluster is from that of the run before, signed; then a zero.
#[must_use]
pub fn run_list(runs: &[Run]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut before = 0_u64;
    for run in runs {
        let count = signed(run.count);
        let delta = run
            .cluster
            .map_or(Vec::new(), |cluster| signed(cluster.wrapping_sub(before)));
        before = run.cluster.unwrap_or(before);
        bytes.push(super::field::byte(delta.len() << 4 | count.len()));
        bytes.extend(count);
        bytes.extend(delta);
    }
    bytes.push(0);
    bytes
}

/// The fewest bytes that are this number in two's complement.
fn signed(number: u64) -> Vec<u8> {
    let number = number.cast_signed();
    let bytes = number.to_le_bytes();
    let fits = |width: &usize| {
        let unused = 64 - 8 * *width;
        number << unused >> unused == number
    };
    let width = (1..8).find(fits).unwrap_or(8);
    bytes[..width].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_counts_and_signed_distances() {
        let run = |cluster, count| Run { cluster, count };
        let runs = [
            run(Some(0x1234), 0x30),
            run(Some(0x1034), 0x80),
            run(None, 16),
            run(Some(0x1044), 1),
        ];
        assert_eq!(
            run_list(&runs),
            [
                0x21, 0x30, 0x34, 0x12, // ahead
                0x22, 0x80, 0x00, 0x00, 0xFE, // back; 0x80 would be negative in one byte
                0x01, 0x10, // sparse
                0x11, 0x01, 0x10, // from the last that is stored
                0x00
            ]
        );
    }
}
