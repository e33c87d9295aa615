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

#[test]
fn the_oracle_reads_what_it_wrote() {
    let (lesson, step) = ("04-handles", c"read back");
    ferrule_lessons_test::read_is_what_was_written(lesson, step);
}
