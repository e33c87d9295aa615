// right: copies a meter's name before its end
use answer::Meter;

pub fn use_it() -> String {
    let meter = Meter::open("gas").unwrap();
    let name = meter.name().to_owned();
    let _ = meter.close();
    name
}
