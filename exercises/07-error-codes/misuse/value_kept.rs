// right: keeps a value after the end of its source, and an error before it
use answer::get;

pub fn use_it() -> i64 {
    let source = b"key = 4".to_vec();
    let key = c"key".to_owned();
    let value = get(&source, &key).unwrap_or(0);
    let other = get(&source, c"other");
    drop(key);
    let bad = i64::from(other.is_err());
    drop(source);
    value + bad
}
