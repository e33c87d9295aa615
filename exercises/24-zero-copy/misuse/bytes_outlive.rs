// E0505: uses the bytes of a packet after the packet's end
use answer::Packet;

pub fn misuse(packet: Packet) -> usize {
    let bytes = packet.bytes();
    drop(packet);
    bytes.len()
}
