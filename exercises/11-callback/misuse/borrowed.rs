// E0597: registers a closure that borrows from something that ends before the feed
use answer::Feed;
use std::cell::Cell;

pub fn misuse() {
    let mut feed = Feed::new().unwrap();
    {
        let count = Cell::new(0);
        let seen = &count;
        feed.register(move |_| seen.set(seen.get() + 1));
    }
    feed.push(b"a line");
}
