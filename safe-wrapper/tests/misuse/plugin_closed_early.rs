// In C: dlclose() while a codec still has functions of the plugin.
unsafe extern "C" {
    fn dlclose(library: *mut u8) -> i32;
}

fn main() {
    let codec = sgz::Codec::load("./plugin.so").unwrap();
    dlclose(std::ptr::null_mut());
    drop(codec);
}
