// E0505: uses a meter's name after the meter's end
use answer::Meter;

pub fn misuse() -> usize {
    let meter = Meter::open("gas").unwrap();
    let name = meter.name();
    drop(meter);
    name.len()
}
