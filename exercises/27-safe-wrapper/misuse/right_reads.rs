// right: has two texts at a time, beside a cursor
use answer::Store;

pub fn use_it() -> bool {
    let mut store = Store::open().unwrap();
    store.put("a", "1").unwrap();
    store.put("b", "2").unwrap();
    let mut cursor = store.cursor().unwrap();
    let (one, two) = (store.get("a"), store.get("b"));
    cursor.next().is_some() && one != two
}
