// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which lessons a lane has, by the folders alone.

use std::fs;
use std::path::Path;

#[path = "../../../lanes/collect.rs"]
#[allow(dead_code, reason = "it is for build scripts")]
mod collect;

/// What a lane of `files` finds in `folder`, as "module: file".
fn found(folder: &Path, files: &[&str]) -> Vec<String> {
    collect::find(folder, files)
        .unwrap()
        .iter()
        .map(|lesson| {
            let file = lesson.source.file_name().unwrap();
            format!("{}: {}", lesson.module, file.to_string_lossy())
        })
        .collect()
}

#[test]
fn the_first_file_that_is_there_is_taken() {
    let lessons = Path::new(env!("CARGO_TARGET_TMPDIR")).join("collect");
    let _ = fs::remove_dir_all(&lessons);
    for file in [
        "02-both/raw.rs",
        "02-both/generated.rs",
        "01-one/raw.rs",
        "03-none/safe.rs",
        "drafts/raw.rs",
        "4-digits/raw.rs",
    ] {
        let path = lessons.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }

    assert_eq!(
        found(&lessons, &["generated.rs", "raw.rs"]),
        ["lesson_01_one: raw.rs", "lesson_02_both: generated.rs"],
    );
    assert_eq!(found(&lessons, &["safe.rs"]), ["lesson_03_none: safe.rs"]);
}
