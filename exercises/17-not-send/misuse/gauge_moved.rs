// E0277: moves a gauge to another thread
use answer::Gauge;

pub fn misuse() -> u64 {
    let mut gauge = Gauge::new().unwrap();
    gauge.add(1);
    std::thread::spawn(move || gauge.sum()).join().unwrap()
}
