// An encoder. A packet is a struct that C may read.
#[repr(C)]
pub struct Packet {
    number: u64,
    bytes: [u8; 24],
}

/// Free it by `free()`: that is what the documentation says.
#[unsafe(no_mangle)]
pub extern "C" fn receive_packet() -> *mut Packet {
    let packet = Packet {
        number: 1,
        bytes: [7; 24],
    };
    Box::into_raw(Box::new(packet)) // MAKE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn packet_unref(packet: *mut Packet) {
    // SAFETY: std Box::from_raw: receive_packet() made it.
    drop(unsafe { Box::from_raw(packet) });
}
