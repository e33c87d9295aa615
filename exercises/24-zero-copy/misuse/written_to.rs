// E0594: writes to the bytes of a packet
use answer::Packet;

pub fn misuse(packet: Packet) {
    packet.bytes()[0] = 1;
}
