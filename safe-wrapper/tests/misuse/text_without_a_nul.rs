// In C: bytes that no NUL ends, given as a string.
fn main() -> sgz::Result<()> {
    let name = String::from("in.txt");
    let header = sgz::NewHeader::new().name(name.as_str());
    sgz::Writer::create("out.gz")?.set_header(&header)
}
