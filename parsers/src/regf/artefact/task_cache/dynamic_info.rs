//! `DynamicInfo`: when a task was registered and run (TASKCACHE_ACTIONS.md).

use timeline::Ticks;

use super::super::super::node::time_at;
use crate::le;

/// When a task was registered and run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DynamicInfo {
    pub(super) created: Option<Ticks>,
    pub(super) last_run: Option<Ticks>,
    /// How the last run ended.
    pub(super) last_error: u32,
    /// When it last ended well: newer Windows alone keeps it.
    pub(super) last_success: Option<Ticks>,
}

impl DynamicInfo {
    /// Decodes the value: 28 bytes, or 36.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        if bytes.len() < 28 {
            return None;
        }
        Some(Self {
            created: time_at(bytes, 4),
            last_run: time_at(bytes, 12),
            last_error: le::u32(bytes, 24)?,
            last_success: time_at(bytes, 28),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_vector_is_read() {
        let bytes = [
            3, 0, 0, 0, 0xe9, 0x79, 0x2d, 0xf1, 0x31, 0x1c, 0xd8, 0x01, 0xb4, 0x4a, 0x8b, 0x8d,
            0x3e, 0x1c, 0xd8, 0x01, 0, 0, 0, 0, 0x02, 0, 0x07, 0x80, 0xe4, 0x70, 0xd5, 0x67, 0x34,
            0x1c, 0xd8, 0x01,
        ];
        let whole = DynamicInfo {
            created: Some(Ticks(0x01d8_1c31_f12d_79e9)),
            last_run: Some(Ticks(0x01d8_1c3e_8d8b_4ab4)),
            last_error: 0x8007_0002,
            last_success: Some(Ticks(0x01d8_1c34_67d5_70e4)),
        };
        assert_eq!(DynamicInfo::decode(&bytes), Some(whole));
        let short = DynamicInfo {
            last_success: None,
            ..whole
        };
        assert_eq!(DynamicInfo::decode(&bytes[..28]), Some(short));
        assert_eq!(DynamicInfo::decode(&bytes[..27]), None);
    }
}
