// right: returns a store whose watcher owns what it uses
use answer::Store;

pub fn use_it() -> Option<Store<'static>> {
    let mut store = Store::open()?;
    let mut keys = Vec::new();
    store.watch(move |key, _| keys.push(key.to_owned()));
    store.put("a", "b").ok()?;
    Some(store)
}
