// E0505: uses the line of an error after the end of its source
use answer::{Error, get};

pub fn misuse() -> usize {
    let source = b"this is no setting".to_vec();
    let result = get(&source, c"key");
    drop(source);
    match result {
        Err(Error::Syntax { text, .. }) => text.len(),
        _ => 0,
    }
}
