// SPDX-License-Identifier: MIT OR Apache-2.0
//! A test for each lesson and lane, found by `build.rs`.

macro_rules! case {
    ($test:ident, $lesson:literal) => {
        #[test]
        #[expect(non_snake_case, reason = "the two words of its name")]
        fn $test() {
            let (_, lane) = stringify!($test).split_once("__").unwrap();
            ferrule_lessons_test::compare($lesson, lane);
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/cases.rs"));
