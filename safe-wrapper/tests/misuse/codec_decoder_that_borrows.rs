// In C: the decoder keeps a pointer to a table on the stack of the function that
// opened the reader, and uses it after that has returned.
use sgz::{CodecError, Decode};

struct Borrowing<'a>(&'a [u8]);

impl Decode for Borrowing<'_> {
    fn decompress(
        &mut self,
        _: &[u8],
        output: &mut [u8],
    ) -> Result<usize, CodecError> {
        output.copy_from_slice(self.0);
        Ok(output.len())
    }
}

fn main() {}
