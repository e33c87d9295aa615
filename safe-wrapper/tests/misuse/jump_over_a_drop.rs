// In C: longjmp() over a function that has memory to free.
unsafe extern "C" {
    fn longjmp(back: *mut u8, value: i32) -> !;
}

fn main() {
    let text = String::from("never freed");
    longjmp(text.as_ptr().cast_mut(), 1);
}
