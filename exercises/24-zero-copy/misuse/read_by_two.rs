// right: reads a packet in two threads, and sends it back
use answer::{Channel, Packet};
use std::thread;

struct Whole(Packet);

impl AsRef<[u8]> for Whole {
    fn as_ref(&self) -> &[u8] {
        self.0.bytes()
    }
}

pub fn use_it(channel: &mut Channel, packet: Packet) -> bool {
    thread::scope(|scope| {
        scope.spawn(|| packet.bytes().len());
        scope.spawn(|| packet.bytes().len());
    });
    channel.send(Whole(packet))
}
