// right: has a watcher that borrows what ends after the store, and moves the store
use answer::Store;

pub fn use_it() -> u32 {
    let mut count = 0;
    let mut store = Store::open().unwrap();
    store.watch(|_, _| count += 1);
    std::thread::scope(|scope| {
        scope
            .spawn(move || store.put("a", "b"))
            .join()
            .unwrap()
            .unwrap();
    });
    count
}
