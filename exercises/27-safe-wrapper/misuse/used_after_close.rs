// E0382: uses a store after close()
use answer::Store;

pub fn misuse() {
    let mut store = Store::open().unwrap();
    let _ = store.close();
    store.put("a", "b").unwrap();
}
