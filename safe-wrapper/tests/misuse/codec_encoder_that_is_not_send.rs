// In C: one worker of a pool makes the encoder, another one uses it, and both
// change the count of its uses without a lock.
use std::ffi::CStr;
use std::rc::Rc;

use sgz::{BlockCodec, Codec, CodecError, Decode, Encode, Levels};

struct Counting;

struct Counted(Rc<()>);

impl Encode for Counted {
    fn compress(&mut self, _: &[u8], _: &mut [u8]) -> Result<usize, CodecError> {
        let _use = self.0.clone();
        Err(CodecError::NoRoom)
    }
}

struct Plain;

impl Decode for Plain {
    fn decompress(&mut self, _: &[u8], _: &mut [u8]) -> Result<usize, CodecError> {
        Err(CodecError::Corrupt)
    }
}

impl BlockCodec for Counting {
    const NAME: &'static CStr = c"counting";
    const VERSION: &'static CStr = c"1";
    const LEVELS: Levels = Levels { least: 1, default: 1, most: 1 };
    type Encoder = Counted;
    type Decoder = Plain;

    fn encoder(_: i32) -> Result<Counted, CodecError> {
        Ok(Counted(Rc::default()))
    }

    fn decoder() -> Result<Plain, CodecError> {
        Ok(Plain)
    }
}

fn main() -> sgz::Result<()> {
    Codec::new::<Counting>().map(drop)
}
