// E0277: reads a gauge on another thread
use answer::Gauge;

pub fn misuse() {
    let gauge = Gauge::new().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| gauge.sum());
    });
}
