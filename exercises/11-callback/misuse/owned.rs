// right: registers closures that own what they use, and returns the feed
use answer::Feed;

pub fn use_it() -> Option<Feed> {
    let mut feed = Feed::new()?;
    let mut lines = Vec::new();
    let id = feed.register(move |line| lines.push(line.to_vec()))?;
    feed.register(|line| assert!(!line.is_empty()))?;
    feed.push(b"a line");
    feed.unregister(id).then_some(feed)
}
