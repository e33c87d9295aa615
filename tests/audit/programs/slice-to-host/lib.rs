// The plugin. The host frees what is in a reply.
#[repr(C)]
pub struct Reply {
    items: *mut u32,
    count: usize,
}

#[unsafe(no_mangle)]
pub extern "C" fn reply() -> Reply {
    let items: Box<[u32]> = (0..6).collect(); // MAKE
    Reply {
        count: items.len(),
        items: Box::into_raw(items).cast(),
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn reply_end(reply: Reply) {
    let items = std::ptr::slice_from_raw_parts_mut(reply.items, reply.count);
    // SAFETY: std Box::from_raw: reply() made it of a box.
    drop(unsafe { Box::from_raw(items) });
}
