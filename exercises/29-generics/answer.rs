//! A typed heap on top of one of C that knows no types.

use std::ffi::{c_int, c_void};
use std::marker::PhantomData;
use std::ptr::NonNull;

#[repr(C)]
struct RawHeap {
    _opaque: [u8; 0],
}

type CompareFn = unsafe extern "C" fn(*const c_void, *const c_void) -> c_int;

unsafe extern "C" {
    fn heap_new(
        size: usize,
        capacity: usize,
        compare: Option<CompareFn>,
        destroy: Option<unsafe extern "C" fn(*mut c_void)>,
    ) -> *mut RawHeap;
    fn heap_push(heap: *mut RawHeap, element: *const c_void) -> c_int;
    fn heap_peek(heap: *const RawHeap) -> *const c_void;
    fn heap_pop(heap: *mut RawHeap, element_out: *mut c_void) -> c_int;
    fn heap_free(heap: *mut RawHeap);
}

/// C puts its elements at multiples of their size, from such an address on.
const ALIGN: usize = 16;

/// A heap: the least element comes out first.
pub struct Heap<T: Ord> {
    raw: NonNull<RawHeap>,
    elements: PhantomData<T>,
}

impl<T: Ord> Heap<T> {
    /// None: no memory, or C cannot keep elements of this type, as they have
    /// no size or too great an alignment.
    #[must_use]
    pub fn new(capacity: usize) -> Option<Self> {
        // TODO: what does C have to know of a T, and which T can it not keep?
        let _ = (capacity, ALIGN);
        None
    }

    /// # Errors
    /// The element, if the heap is full.
    pub fn push(&mut self, element: T) -> Result<(), T> {
        // TODO: whose is the element after this?
        Err(element)
    }

    /// The least one, which stays there.
    #[must_use]
    pub fn peek(&self) -> Option<&T> {
        // TODO
        None
    }

    /// Takes the least one out.
    pub fn pop(&mut self) -> Option<T> {
        // TODO
        None
    }
}

impl<T: Ord> Drop for Heap<T> {
    fn drop(&mut self) {
        // SAFETY: task.md: nobody uses it after this.
        unsafe { heap_free(self.raw.as_ptr()) }
    }
}

// TODO: two functions that C calls, for any T
