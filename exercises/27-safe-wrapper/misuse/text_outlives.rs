// E0505: uses a text after the end of the store
use answer::Store;

pub fn misuse() -> usize {
    let store = Store::open().unwrap();
    let text = store.get("a");
    let _ = store.close();
    text.map_or(0, str::len)
}
