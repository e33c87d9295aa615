// A hook of a database: a closure that counts.
use std::ffi::c_void;
use std::hint::black_box;

type Call = unsafe extern "C" fn(*mut c_void);

unsafe extern "C" {
    fn hook_set(call: Call, context: *mut c_void, end: Option<Call>);
    fn hook_run();
    fn hook_end();
}

struct Hook {
    calls: u64,
    limit: u64,
}

unsafe extern "C" fn call(context: *mut c_void) {
    // SAFETY: std raw pointers: set_hook() made it.
    let hook = unsafe { &mut *context.cast::<Hook>() };
    hook.calls += 1;
    assert!(hook.calls < hook.limit);
}

unsafe extern "C" fn end(context: *mut c_void) {
    // SAFETY: std Box::from_raw: set_hook() made it.
    drop(unsafe { Box::from_raw(context.cast::<Hook>()) });
}

#[inline(never)]
fn set_hook() {
    let hook = black_box(Box::new(Hook { calls: 0, limit: 9 })); // MAKE
    let end: Option<Call> = if cfg!(twin) { Some(end) } else { None };
    // SAFETY: none: the fault; the twin is right.
    unsafe { hook_set(call, Box::into_raw(hook).cast(), end) };
}

fn main() {
    set_hook();
    // SAFETY: std extern functions: the hook is set.
    unsafe {
        hook_run();
        hook_end();
    }
}
