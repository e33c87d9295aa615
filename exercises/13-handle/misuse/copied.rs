// E0382: closes a meter twice
use answer::Meter;

pub fn misuse() -> u64 {
    let meter = Meter::open("gas").unwrap();
    meter.close() + meter.close()
}
