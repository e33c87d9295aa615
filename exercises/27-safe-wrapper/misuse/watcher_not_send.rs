// E0277: takes a watcher to another thread that may not go there
use answer::Store;
use std::rc::Rc;

pub fn misuse() {
    let mut store = Store::open().unwrap();
    let here = Rc::new(1);
    let there = here.clone();
    store.watch(move |_, _| drop(there.clone()));
    let thread = std::thread::spawn(move || store.put("a", "b"));
    drop(here);
    thread.join().unwrap().unwrap();
}
