// The engine returns by an out-parameter which rule it was.
use std::ffi::{CString, c_char};

#[unsafe(no_mangle)]
pub unsafe extern "C" fn match_rule(rule_out: *mut *mut c_char) -> bool {
    let rule = CString::new("||example^").unwrap(); // MAKE
    // SAFETY: std raw pointers: the caller passes a place for the result.
    unsafe { *rule_out = rule.into_raw() };
    true
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn rule_free(rule: *mut c_char) {
    // SAFETY: std CString::from_raw: match_rule() made it.
    drop(unsafe { CString::from_raw(rule) });
}
