// E0597: has a watcher that borrows what ends before the store
use answer::Store;

pub fn misuse() {
    let mut store = Store::open().unwrap();
    {
        let mut count = 0;
        let counter = &mut count;
        store.watch(move |_, _| *counter += 1);
    }
    store.put("a", "b").unwrap();
}
