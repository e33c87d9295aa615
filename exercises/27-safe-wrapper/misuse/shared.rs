// E0277: reads a store on two threads at a time
use answer::Store;

pub fn misuse() -> bool {
    let store = Store::open().unwrap();
    std::thread::scope(|scope| {
        let there = scope.spawn(|| store.get("a").is_some());
        store.get("b").is_some() && there.join().unwrap()
    })
}
