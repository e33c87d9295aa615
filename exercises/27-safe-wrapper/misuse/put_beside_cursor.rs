// E0502: puts a text there while there is a cursor
use answer::Store;

pub fn misuse() -> bool {
    let mut store = Store::open().unwrap();
    let mut cursor = store.cursor().unwrap();
    store.put("a", "b").unwrap();
    cursor.next().is_some()
}
