// SPDX-License-Identifier: MIT OR Apache-2.0
//! Text in place of a library: `libc.so` says which files it stands for.
//!
//! Only what such a script is made of is understood (`INPUT`, `GROUP`,
//! `AS_NEEDED`, and commands that name no library); of any other one it is said
//! that it cannot be read.

/// The libraries that `text` names, in order: paths, or names after `-l`.
pub fn libraries(text: &str) -> Result<Vec<String>, String> {
    let words = words(text)?;
    let mut words = words.iter().map(String::as_str).peekable();
    let mut found = vec![];
    while let Some(word) = words.next() {
        if word == ";" {
            continue;
        }
        if words.next_if_eq(&"(").is_none() {
            return Err(format!("no library, and no linker script: {word}"));
        }
        let inner = group(&mut words)?;
        match word {
            "INPUT" | "GROUP" => found.extend(inner),
            "OUTPUT_FORMAT" | "OUTPUT_ARCH" | "OUTPUT" | "SEARCH_DIR"
            | "TARGET" => {}
            _ => return Err(format!("a linker script with {word}")),
        }
    }
    if found.is_empty() {
        return Err("a linker script that names no library".to_owned());
    }
    Ok(found)
}

/// What stands until the parenthesis is closed. A library that is only linked
/// as needed has its symbols there, too.
fn group<'w>(
    words: &mut impl Iterator<Item = &'w str>,
) -> Result<Vec<String>, String> {
    let (mut found, mut depth) = (vec![], 1);
    for word in words {
        match word {
            "(" => depth += 1,
            ")" => depth -= 1,
            "," | "AS_NEEDED" => {}
            _ => found.push(word.to_owned()),
        }
        if depth == 0 {
            return Ok(found);
        }
    }
    Err("a linker script with an open parenthesis".to_owned())
}

fn words(text: &str) -> Result<Vec<String>, String> {
    let (mut found, mut rest) = (vec![], text);
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        if let Some(comment) = rest.strip_prefix("/*") {
            let end = comment.find("*/").ok_or("an open comment")?;
            rest = &comment[end + 2..];
        } else if first.is_whitespace() {
            rest = after;
        } else if "(),;".contains(first) {
            found.push(first.to_string());
            rest = after;
        } else if first == '"' {
            let end = after.find('"').ok_or("an open quote")?;
            found.push(after[..end].to_owned());
            rest = &after[end + 1..];
        } else {
            let end =
                rest.find(|c: char| c.is_whitespace() || "(),;\"".contains(c));
            let (word, left) = rest.split_at(end.unwrap_or(rest.len()));
            found.push(word.to_owned());
            rest = left;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::libraries;

    #[test]
    fn what_a_script_names_is_found() {
        for (text, expected) in [
            ("INPUT(libx.so.1 -ly)", Ok(&["libx.so.1", "-ly"][..])),
            (
                "/* GNU ld script */\nOUTPUT_FORMAT(elf64-x86-64)\n\
                 GROUP ( /lib/a.so.6 /lib/b.a  AS_NEEDED ( /lib/c.so ) )",
                Ok(&["/lib/a.so.6", "/lib/b.a", "/lib/c.so"]),
            ),
            (
                "GROUP(a.so, \"b c.so\"); INPUT(d.a)",
                Ok(&["a.so", "b c.so", "d.a"]),
            ),
            ("SEARCH_DIR(/lib)", Err("names no library")),
            ("INPUT(a.so", Err("open parenthesis")),
            ("INPUT(a.so) /* more", Err("open comment")),
            (
                "SECTIONS { . = 0; }",
                Err("no library, and no linker script: SECTIONS"),
            ),
            ("VERSION(x)", Err("a linker script with VERSION")),
            ("no library", Err("and no linker script: no")),
            ("", Err("names no library")),
        ] {
            match (libraries(text), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(why), Err(word)) => {
                    assert!(why.contains(word), "{text}: {why}");
                }
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
    }
}
