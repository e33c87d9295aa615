// E0597: sends bytes of its own stack
use answer::Channel;

pub fn misuse(channel: &mut Channel) -> bool {
    let local = [1_u8; 16];
    channel.send(&local[..])
}
