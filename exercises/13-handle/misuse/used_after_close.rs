// E0382: uses a meter after close()
use answer::Meter;

pub fn misuse() {
    let mut meter = Meter::open("gas").unwrap();
    let _ = meter.close();
    meter.add(1);
}
