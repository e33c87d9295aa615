// In C: the name ends at the first NUL, and the rest is lost.
use std::ffi::CString;

fn main() -> sgz::Result<()> {
    let name = CString::from_vec_unchecked(b"ab\0cd".to_vec());
    let header = sgz::NewHeader::new().name(&name);
    sgz::Writer::create("out.gz")?.set_header(&header)
}
