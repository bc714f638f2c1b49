//! Logs made for what the corpus does not show.

use parsers::ReadAt;
use parsers::evtx::read::Reader;
use timeline::Severity;

use crate::build::{Chunk, Content, Val, log, log_of, null, text, utf16};
use crate::read::{Ours, compare};

/// Compares with the `evtx` crate, and the values with what they should be.
#[track_caller]
fn check(write: impl FnOnce(&mut Content), expected: &[(&str, &str, &str)]) {
    let file = log_of(write);
    compare(&mut Reader::new(), file.clone(), "made");
    check_alone(&file, expected);
}

#[track_caller]
fn check_alone(file: &dyn ReadAt, expected: &[(&str, &str, &str)]) {
    let ours = Ours::of(file);
    let data: Vec<_> = ours
        .only()
        .data
        .iter()
        .map(|(section, name, text)| (*section, name.as_str(), text.as_str()))
        .collect();
    assert_eq!(data, expected);
}

/// An event whose `EventData` holds a single value.
fn event_with_value(content: &mut Content, value_type: u8, bytes: &[u8]) {
    let body = |content: &mut Content| {
        content.open("Event").start().system();
        content.open("EventData").start().data("x", 0).close();
        content.close();
    };
    content.instance(1, &body, &[Val::Plain(value_type, bytes.to_vec())]);
}

const SYSTEM_SID: [u8; 12] = [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0];
const TIME: [u8; 16] = [0xe4, 7, 2, 0, 6, 0, 29, 0, 12, 0, 34, 0, 56, 0, 0x15, 3];

#[test]
fn every_type_reads_as_the_evtx_crate_reads_it() {
    let filetime = 132_000_000_123_456_789_u64.to_le_bytes();
    let sizes: [(u8, &[u8]); 25] = [
        (0x01, b"a\0b\0\0\0"),
        (0x02, b"caf\xe9"),
        (0x03, &[0xff]),
        (0x04, &[0xff]),
        (0x05, &[0xff, 0x80]),
        (0x06, &[0xff, 0x80]),
        (0x07, &[0, 0, 0, 0x80]),
        (0x08, &[0, 0, 0, 0x80]),
        (0x09, &[1, 0, 0, 0, 0, 0, 0, 0x80]),
        (0x0a, &[1, 0, 0, 0, 0, 0, 0, 0x80]),
        (0x0b, &[0, 0, 0xc0, 0x3f]),
        (0x0c, &[0, 0, 0, 0, 0, 0, 0xf8, 0x3f]),
        (0x0d, &[1, 0, 0, 0]),
        (0x0d, &[0, 0, 0, 0]),
        (0x0d, &[7, 0, 0, 0]),
        (0x0e, &[0xab, 0xcd]),
        (
            0x0f,
            &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
        ),
        (0x10, &[0xe7, 3, 0, 0]),
        (0x10, &[0xe7, 3, 0, 0, 0, 0, 0, 0]),
        (0x11, &filetime),
        (0x12, &TIME),
        (0x12, &[0; 16]),
        (0x13, &SYSTEM_SID),
        (0x14, &[0xef, 0xbe, 0xad, 0xde]),
        (0x15, &[0; 8]),
    ];
    for (value_type, bytes) in sizes {
        let file = log_of(|content| event_with_value(content, value_type, bytes));
        assert_eq!(compare(&mut Reader::new(), file, "value"), 1);
    }
}

#[test]
fn floats_read_as_the_evtx_crate_reads_them() {
    let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..200 {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        let exponents = [1e-300, 1e-7, 1e-5, 0.001, 1.0, 1e7, 1e15, 1e16, 1e200];
        #[expect(clippy::cast_precision_loss, reason = "any number will do")]
        let number = exponents[(bits % 9) as usize] * ((bits >> 20) as f64);
        let file = log_of(|content| event_with_value(content, 0x0c, &number.to_le_bytes()));
        assert_eq!(compare(&mut Reader::new(), file, &number.to_string()), 1);
    }
    // Numbers of 32 bits halfway between two shortest forms are not among these: the crate takes the
    // even digit (1296962.2), the standard library the higher one (1296962.3).
    for number in [0.1_f32, 1.0, 2.5e-7, 3.4e-5, 123_456.79, 1e12, 1e13, 3.4e38] {
        let file = log_of(|content| event_with_value(content, 0x0b, &number.to_le_bytes()));
        assert_eq!(compare(&mut Reader::new(), file, &number.to_string()), 1);
    }
}

#[test]
fn arrays_read_as_the_evtx_crate_reads_them() {
    let arrays: [(u8, &[u8]); 14] = [
        (0x81, b"a\0\0\0\0\0b\0c\0\0\0"),
        (0x82, b"a\0\0bc\0"),
        (0x83, &[1, 0xff]),
        (0x84, &[1, 0xff]),
        (0x85, &[1, 0, 0xff, 0xff]),
        (0x86, &[1, 0, 0xff, 0xff]),
        (0x87, &[1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]),
        (0x88, &[1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]),
        (0x8a, &[1, 0, 0, 0, 0, 0, 0, 0]),
        (0x8d, &[1, 0, 0, 0, 0, 0, 0, 0]),
        (0x8f, &[7; 32]),
        (0x91, &[1; 16]),
        (0x94, &[1, 0, 0, 0, 2, 0, 0, 0]),
        (0x95, &[1; 16]),
    ];
    for (value_type, bytes) in arrays {
        let file = log_of(|content| event_with_value(content, value_type, bytes));
        assert_eq!(compare(&mut Reader::new(), file, "array"), 1);
    }
    let sids = [SYSTEM_SID, SYSTEM_SID].concat();
    check(
        |content| event_with_value(content, 0x93, &sids),
        &[
            ("EventData", "x", "S-1-5-18"),
            ("EventData", "x", "S-1-5-18"),
        ],
    );
}

#[test]
fn records_without_a_template_are_read() {
    check(
        |content| {
            content.open_with("Event").attribute("xmlns").text("ns");
            content.start().system();
            content.open("EventData").start();
            content.open_with("Data").attribute("Name").text("a");
            content.start().text("one").close();
            content.leaf("Data", "two").leaf("Binary", "0102");
            content.close().close();
        },
        &[
            ("EventData", "a", "one"),
            ("EventData", "", "two"),
            ("EventData", "Binary", "0102"),
        ],
    );
}

#[test]
fn pieces_of_text_become_one() {
    check(
        |content| {
            content.open("Event").start().system();
            content.open("EventData").start();
            content.open("Data").start();
            content.text("a ").character(0x26).entity("lt").cdata("<&>");
            content.text("z").close().close().close();
        },
        &[("EventData", "", "a &<<&>z")],
    );
}

#[test]
fn processing_instructions_are_passed_over() {
    let file = log_of(|content| {
        content.open("Event").start().system();
        content.open("EventData").start();
        content.open("Data").start().instruction("target", "data");
        content.text("x").close().close().close();
    });
    check_alone(&file, &[("EventData", "", "x")]);
}

#[test]
fn text_around_substitutions_is_composed() {
    check(
        |content| {
            let body = |content: &mut Content| {
                content.open("Event").start().system();
                content.open("EventData").start();
                content.open_with("Data").attribute("Name").text("n");
                content.sub(0).text("!").start();
                content.text("<").sub(1).text("|").optional(2).text(">");
                content.close().close().close();
            };
            let values = [text("ame"), Val::Plain(0x08, vec![5, 0, 0, 0]), null()];
            content.instance(1, &body, &values);
        },
        &[("EventData", "name!", "<5|>")],
    );
}

#[test]
fn an_array_within_text_repeats_the_element() {
    check(
        |content| {
            let body = |content: &mut Content| {
                content.open("Event").start().system();
                content.open("EventData").start().open("Data").start();
                content.text("<").sub(0).text(">");
                content.close().close().close();
            };
            content.instance(1, &body, &[Val::Plain(0x86, vec![1, 0, 2, 0])]);
        },
        &[("EventData", "", "<1>"), ("EventData", "", "<2>")],
    );
}

#[test]
fn elements_that_depend_on_an_absent_value_are_left_out() {
    check(
        |content| {
            let body = |content: &mut Content| {
                content.open("Event").start().system();
                content.open("EventData").start();
                content.open_dependent("Data", 0).start();
                content.optional(0).close();
                content.open_dependent("Data", 1).start();
                content.optional(1).close();
                content.open("Data").start().optional(0).close();
                content.close().close();
            };
            content.instance(1, &body, &[null(), text("there")]);
        },
        &[("EventData", "", "there"), ("EventData", "", "")],
    );
}

#[test]
fn user_data_has_paths() {
    check(
        |content| {
            let body = |content: &mut Content| {
                content.open("Event").start().system();
                content.open("UserData").start();
                content.open_with("Change").attribute("xmlns:a").text("ns");
                content.attribute("kind").text("big").start();
                content.open("Who").start();
                content.leaf("User", "u").open_with("Host");
                content.attribute("ip").sub(0).start().text("h").close();
                content.close();
                content.open("What").start().sub(1).close();
                content.open_with("Where").attribute("at").optional(2);
                content
                    .attribute("to")
                    .sub(2)
                    .attribute("by")
                    .sub(0)
                    .empty();
                content.close();
                content.leaf("Second", "s");
                content.close().close();
            };
            let values = [text("10.0.0.1"), Val::Plain(0x81, utf16("a\0b\0")), null()];
            content.instance(1, &body, &values);
        },
        &[
            ("UserData", "kind", "big"),
            ("UserData", "Who.User", "u"),
            ("UserData", "Who.Host.ip", "10.0.0.1"),
            ("UserData", "Who.Host", "h"),
            ("UserData", "What", "a"),
            ("UserData", "What", "b"),
            ("UserData", "Where.by", "10.0.0.1"),
            ("UserData", "Second", "s"),
        ],
    );
}

/// An event whose other sections come from nested fragments.
fn nested(content: &mut Content, sections: &[&dyn Fn(&mut Content)]) {
    let body = |content: &mut Content| {
        content.open("Event").start().system();
        for index in 0..sections.len() {
            content.optional(index);
        }
        content.close();
    };
    let values: Vec<_> = sections
        .iter()
        .map(|section| Val::Fragment(*section))
        .collect();
    content.instance(1, &body, &values);
}

#[test]
fn instances_nest() {
    let data = |content: &mut Content| {
        let body = |content: &mut Content| {
            content.open_with("EventData").attribute("Name").text("Set");
            content.start().data("a", 0).data("b", 1).close();
        };
        content.header();
        content.instance(2, &body, &[text("x"), text("")]);
        content.raw(&[0]);
    };
    let expected = [("EventData", "a", "x"), ("EventData", "b", "")];
    check(|content| nested(content, &[&data]), &expected);
    let ours = Ours::of(&log_of(|content| nested(content, &[&data])));
    assert_eq!(ours.only().section_name, "Set");
}

#[test]
fn a_fragment_can_hold_several_elements() {
    let sections = |content: &mut Content| {
        content.header();
        let body = |content: &mut Content| {
            content.open("EventData").start().data("a", 0).close();
        };
        content.instance(2, &body, &[text("x")]);
        content.open_with("RenderingInfo").attribute("Culture");
        content
            .text("en-US")
            .start()
            .leaf("Message", "It happened.");
        content.open("Keywords").start().leaf("Keyword", "k1");
        content.leaf("Keyword", "k2").close().close();
        content.raw(&[0]);
    };
    check(
        |content| nested(content, &[&sections]),
        &[
            ("EventData", "a", "x"),
            ("RenderingInfo", "Culture", "en-US"),
            ("RenderingInfo", "Message", "It happened."),
            ("RenderingInfo", "Keywords.Keyword", "k1"),
            ("RenderingInfo", "Keywords.Keyword", "k2"),
        ],
    );
}

#[test]
fn the_rare_sections_are_read() {
    let error = |content: &mut Content| {
        content.header().open("ProcessingErrorData").start();
        content.leaf("ErrorCode", "15005").leaf("DataItemName", "x");
        content.close().raw(&[0]);
    };
    let debug = |content: &mut Content| {
        content.header().open("DebugData").start();
        content.leaf("Message", "m").close().raw(&[0]);
    };
    let binary = |content: &mut Content| {
        content.header().leaf("BinaryEventData", "0102").raw(&[0]);
    };
    let other = |content: &mut Content| {
        content.header().open("Extra").start();
        content.leaf("Deep", "d").close().raw(&[0]);
    };
    check(
        |content| nested(content, &[&error, &debug, &binary, &other]),
        &[
            ("ProcessingErrorData", "ErrorCode", "15005"),
            ("ProcessingErrorData", "DataItemName", "x"),
            ("DebugData", "Message", "m"),
            ("BinaryEventData", "BinaryEventData", "0102"),
            ("", "Extra.Deep", "d"),
        ],
    );
}

#[test]
fn a_fragment_can_stand_in_a_value() {
    let inner = |content: &mut Content| {
        content.header().open_with("Inner").attribute("a").text("1");
        content.start().leaf("Deep", "d").close().raw(&[0]);
    };
    check(
        |content| {
            let body = |content: &mut Content| {
                content.open("Event").start().system();
                content.open("EventData").start().data("x", 0).close();
                content.close();
            };
            content.instance(1, &body, &[Val::Fragment(&inner)]);
        },
        &[
            ("EventData", "x.Inner.a", "1"),
            ("EventData", "x.Inner.Deep", "d"),
        ],
    );
}

#[test]
fn a_field_of_system_is_set_once() {
    let file = log_of(|content| {
        content.open("Event").start().system();
        content.open("System").start().leaf("EventID", "8");
        content.leaf("Channel", "").leaf("Future", "f");
        content.close().close();
    });
    let ours = Ours::of(&file);
    let system = &ours.only().system;
    assert!(system.contains(&("EventID", "7".to_owned())));
    assert!(system.contains(&("Channel", "Made".to_owned())));
    check_alone(
        &file,
        &[("System", "EventID", "8"), ("System", "Future", "f")],
    );
}

/// An event whose only value has that name.
fn named(name: &'static str) -> impl Fn(&mut Content) {
    move |content: &mut Content| {
        content.open("Event").start().system();
        content.open("EventData").start().data(name, 0).close();
        content.close();
    }
}

#[test]
fn definitions_are_shared_within_a_chunk_and_told_apart_between_chunks() {
    let mut first = Chunk::new(1);
    let mut place = 0;
    first.record(|content| place = content.instance(9, &named("old"), &[text("1")]));
    first.record(|content| {
        content.instance_of(place, &[text("2")]);
    });
    let mut second = Chunk::new(3);
    // The same GUID, but another name: the content decides.
    second.record(|content| {
        content.instance(9, &named("new"), &[text("3")]);
    });
    let mut third = Chunk::new(4);
    third.record(|content| {
        content.raw(&[0x0f, 1, 1, 0]);
        content.instance(9, &named("old"), &[text("4")]);
    });
    let file = log(&[first.finish(), second.finish(), third.finish()]);
    let mut reader = Reader::new();
    for _ in 0..2 {
        assert_eq!(compare(&mut reader, file.clone(), "shared"), 4);
        let ours = Ours::with(&mut reader, &file);
        let names: Vec<_> = ours
            .chunks
            .values()
            .flatten()
            .map(|record| record.data[0].1.as_str())
            .collect();
        assert_eq!(names, ["old", "old", "new", "old"]);
        assert_eq!(ours.issues, []);
    }
}

#[test]
fn a_definition_with_a_damaged_size_is_read() {
    let mut chunk = Chunk::new(1);
    let mut place = 0;
    chunk.record(|content| {
        place = content.instance(1, &named("a"), &[text("x")]);
        content.patch_u32(place + 20, 60_000);
    });
    chunk.record(|content| {
        content.instance_of(place, &[text("y")]);
    });
    let ours = Ours::of(&log(&[chunk.finish()]));
    assert_eq!(ours.count(), 2);
    assert_eq!(ours.issues, []);
}

#[test]
fn unpaired_surrogates_and_inner_nuls_are_kept() {
    let bytes = [0x61, 0, 0, 0xd8, 0x62, 0];
    let file = log_of(|content| event_with_value(content, 1, &bytes));
    check_alone(&file, &[("EventData", "x", "a\\ud800b")]);
}

/// Reads a log that claims too much: its record is refused or cut, and it does not take long.
#[track_caller]
fn check_bomb(file: &dyn ReadAt, losses: &[&str]) {
    let start = std::time::Instant::now();
    let ours = Ours::of(file);
    assert_eq!(ours.kinds(Severity::Loss), losses);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

/// A fragment whose template uses the next fragment a hundred times.
fn level(content: &mut Content, depth: u8) {
    let body = |content: &mut Content| {
        content.open("L").start();
        for _ in 0..100 {
            content.open("I").start().sub(0).close();
        }
        content.close();
    };
    content.header();
    let inner = |content: &mut Content| level(content, depth - 1);
    if depth == 0 {
        content.instance(100, &body, &[text("x")]);
    } else {
        content.instance(depth, &body, &[Val::Fragment(&inner)]);
    }
    content.raw(&[0]);
}

#[test]
fn nested_fragments_cannot_multiply() {
    let file = log_of(|content| nested(content, &[&|content: &mut Content| level(content, 5)]));
    check_bomb(&file, &["record-limit"]);
}

#[test]
fn an_array_shown_many_times_cannot_multiply() {
    // 8000 numbers of one byte, or as many empty texts: 8 million values.
    for array in [
        Val::Plain(0x84, vec![1; 8000]),
        Val::Plain(0x81, vec![0; 16_000]),
    ] {
        let file = log_of(|content| {
            let body = |content: &mut Content| {
                content.open("Event").start().system();
                content.open("EventData").start();
                for _ in 0..1000 {
                    content.open("Data").start().sub(0).close();
                }
                content.close().close();
            };
            content.instance(1, &body, &[array]);
        });
        check_bomb(&file, &["record-limit"]);
    }
}

#[test]
fn composed_text_cannot_grow_without_bound() {
    let long = "x".repeat(8000);
    let file = log_of(|content| {
        let body = |content: &mut Content| {
            content.open("Event").start().system();
            content.open("EventData").start().open("Data").start();
            for _ in 0..5000 {
                content.sub(0);
            }
            content.close().close().close();
        };
        content.instance(1, &body, &[text(&long)]);
    });
    check_bomb(&file, &["record-limit"]);
}

/// A fragment in a value in a fragment, and so on.
fn fragments(content: &mut Content, depth: u8) {
    let body = |content: &mut Content| {
        content.open("F").start().sub(0).close();
    };
    content.header();
    let inner = |content: &mut Content| fragments(content, depth - 1);
    let last = |content: &mut Content| {
        content.raw(&[0]);
    };
    let inner: Val<'_> = if depth == 0 {
        Val::Fragment(&last)
    } else {
        Val::Fragment(&inner)
    };
    content.instance(depth, &body, &[inner]);
    content.raw(&[0]);
}

#[test]
fn deep_nesting_is_refused() {
    let file = log_of(|content| {
        content.open("Event").start().system();
        content.open("UserData").start();
        for _ in 0..200 {
            content.open("D").start();
        }
        for _ in 0..202 {
            content.close();
        }
    });
    check_bomb(&file, &["record-depth"]);
    let file = log_of(|content| fragments(content, 60));
    check_bomb(&file, &["record-depth"]);
}

#[test]
fn impossible_counts_are_refused() {
    for count in [60_000_u32, u32::MAX] {
        let file = log_of(|content| {
            let at = content.position() + 10;
            content.raw(&[0x0c, 1, 0, 0, 0, 0]);
            content.raw(&u32::try_from(at).unwrap().to_le_bytes());
            content.raw(&[0; 20]).raw(&[2, 0, 0, 0, 0, 0]);
            content.raw(&count.to_le_bytes());
        });
        check_bomb(&file, &["record-substitutions"]);
    }
}

#[test]
fn an_instance_cannot_be_its_own_definition() {
    let file = log_of(|content| {
        let here = content.position();
        content.instance_of(here, &[text("x")]);
    });
    check_bomb(&file, &["record-template"]);
    // A definition that consists of instances of itself.
    let file = log_of(|content| {
        let here = content.position() + 10;
        let body = |content: &mut Content| {
            content.open("Event").start();
            content.instance_of(here, &[text("x")]);
            content.close();
        };
        content.instance(1, &body, &[text("x")]);
    });
    check_bomb(&file, &["record-template"]);
}

#[test]
fn definitions_cannot_be_walked_over_and_over() {
    // Bytes that pass for a definition from wherever one begins to read.
    let sled = vec![0x0f; 45_000];
    let mut chunk = Chunk::new(1);
    let mut place = 0;
    chunk.record(|content| {
        place = content.position();
        event_with_value(content, 0x0e, &sled);
    });
    for index in 0..200 {
        chunk.record(|content| {
            content.instance_of(place + 1000 + index, &[text("x")]);
        });
    }
    check_bomb(&log(&[chunk.finish()]), &["record-template"; 200]);
}

#[test]
fn hashes_tell_values_apart_and_ignore_renderings() {
    use parsers::evtx::read::{Record, Visitor};
    use std::ops::ControlFlow;

    struct Feed(Vec<u8>);
    impl Visitor for Feed {
        fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
            record.feed(&mut |bytes| self.0.extend_from_slice(bytes));
            ControlFlow::Continue(())
        }
        fn issue(&mut self, _: timeline::Issue) {}
    }
    let fed = |write: &dyn Fn(&mut Content)| {
        let mut feed = Feed(Vec::new());
        Reader::new().read(&log_of(write), &mut feed).unwrap();
        feed.0
    };
    let typed = fed(&|content| event_with_value(content, 0x08, &[7, 0, 0, 0]));
    let texts = fed(&|content| event_with_value(content, 0x01, &utf16("7")));
    let other = fed(&|content| event_with_value(content, 0x01, &utf16("8")));
    assert_eq!(typed, texts);
    assert_ne!(texts, other);
    let rendered = fed(&|content| {
        content.open("Event").start().system();
        content.open("EventData").start();
        content.open_with("Data").attribute("Name").text("x");
        content.start().text("7").close().close();
        content.open("RenderingInfo").start();
        content.leaf("Message", "Seven.").close().close();
    });
    assert_eq!(rendered, texts);
    let pairs = |a: &'static str, b: &'static str| {
        fed(&move |content| {
            content.open("Event").start().system();
            content.open("EventData").start();
            content.leaf("Data", a).leaf("Data", b).close().close();
        })
    };
    assert_ne!(pairs("a", "bc"), pairs("ab", "c"));
}
