// In C: a name that is freed before sgz_writer_set_header() copies it.
use std::ffi::CString;

fn main() -> sgz::Result<()> {
    let header = sgz::NewHeader::new().name(&CString::new("in.txt").unwrap());
    sgz::Writer::create("out.gz")?.set_header(&header)
}
