// E0505: closes a store that has a cursor
use answer::Store;

pub fn misuse() {
    let store = Store::open().unwrap();
    let cursor = store.cursor();
    let _ = store.close();
    drop(cursor);
}
