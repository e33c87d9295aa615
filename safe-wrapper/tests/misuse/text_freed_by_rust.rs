// In C: free() on a text that the library allocated.
use std::ffi::CString;

fn main() -> sgz::Result<()> {
    let reader = sgz::Reader::open("in.gz")?;
    let text = reader.header().describe()?;
    drop(CString::from_raw(text.as_ptr().cast_mut()));
    Ok(())
}
