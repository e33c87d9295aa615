// E0502: has a text while it puts another one there
use answer::Store;

pub fn misuse() -> usize {
    let mut store = Store::open().unwrap();
    let text = store.get("a");
    store.put("a", "another").unwrap();
    text.map_or(0, str::len)
}
