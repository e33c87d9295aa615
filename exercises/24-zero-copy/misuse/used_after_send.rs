// E0382: changes bytes that C has
use answer::Channel;

pub fn misuse(channel: &mut Channel) {
    let mut bytes = vec![1_u8; 16];
    channel.send(bytes);
    bytes[0] = 2;
}
