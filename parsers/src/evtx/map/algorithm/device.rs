//! Devices by the paths of their instances: `USBSTOR\DISK&VEN_X&PROD_Y&REV_1\SERIAL&0`.

use timeline::{Field, fields as f};

use crate::ecs::Values;
use crate::evtx::record::LogRecord;

/// What [`put`] fills.
pub(super) const FIELDS: [Field; 2] = [f::DEVICE_SERIAL_NUMBER, f::PROCESS_EXT_DEVICE_PRODUCT_ID];

/// Puts serial number and product of the device that a record names.
pub(super) fn put<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let names = ["DeviceInstanceId", "InstanceId", "ParentId"];
    let of_event = names.iter().find_map(|name| record.get(name));
    let of_user = || {
        ["InstanceId", "instance", "DeviceInstanceID"]
            .iter()
            .find_map(|name| record.user_data(name))
    };
    let Some(instance) = of_event.or_else(of_user) else {
        return;
    };
    if !values.has(f::DEVICE_SERIAL_NUMBER) {
        values.put_some(f::DEVICE_SERIAL_NUMBER, serial_number(instance));
    }
    values.put_some(f::PROCESS_EXT_DEVICE_PRODUCT_ID, product(instance));
}

fn parts(instance: &str) -> impl Iterator<Item = &str> {
    instance.split(['\\', '#'])
}

/// The last part that is no interface class, without the number behind it. One that Windows made up
/// is none: its second character is `&`.
fn serial_number(instance: &str) -> Option<&str> {
    let own = parts(instance).filter(|part| !part.is_empty() && !part.starts_with('{'));
    let (place, last) = own.enumerate().last()?;
    let last = match last.rsplit_once('&') {
        Some((serial, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => serial,
        _ => last,
    };
    let made_up = last.as_bytes().get(1) == Some(&b'&');
    (place > 1 && !made_up && !last.contains('&')).then_some(last)
}

/// `PROD_Y` of a disk, `PID_1234` of another USB device.
fn product(instance: &str) -> Option<&str> {
    let of = |start: &'static str| move |part: &'_ str| -> bool { part.starts_with(start) };
    let mut words = parts(instance).flat_map(|part| part.split('&'));
    let found = words.find(|word| of("PROD_")(word) || of("PID_")(word))?;
    found.split_once('_').map(|(_, product)| product)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_and_products() {
        for (instance, serial, prod) in [
            (
                r"USBSTOR\DISK&VEN_SANDISK&PROD_CRUZER&REV_1.26\4C530001&0",
                Some("4C530001"),
                Some("CRUZER"),
            ),
            (
                r"SWD\WPDBUSENUM\_??_USBSTOR#DISK&VEN_X&PROD_Y&REV_1#4C53&0#{53F56307-B6BF}",
                Some("4C53"),
                Some("Y"),
            ),
            (r"USB\VID_0781&PID_5581\4C53", Some("4C53"), Some("5581")),
            (r"PCI\VEN_8086&DEV_A282\3&11583659&0&B8", None, None),
            ("X", None, None),
        ] {
            assert_eq!(serial_number(instance), serial, "{instance}");
            assert_eq!(product(instance), prod, "{instance}");
        }
    }
}
