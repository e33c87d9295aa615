//! A typed heap on top of one of C that knows no types.

use std::cmp::Ordering;
use std::ffi::{c_int, c_void};
use std::marker::PhantomData;
use std::mem::{self, MaybeUninit};
use std::ptr::{self, NonNull};

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
        if align_of::<T>() > ALIGN {
            return None;
        }
        // SAFETY: task.md: the size and the two functions are of one type.
        let raw = unsafe {
            heap_new(
                size_of::<T>(),
                capacity,
                Some(compare::<T>),
                Some(destroy::<T>),
            )
        };
        let elements = PhantomData;
        NonNull::new(raw).map(|raw| Self { raw, elements })
    }

    /// # Errors
    /// The element, if the heap is full.
    pub fn push(&mut self, element: T) -> Result<(), T> {
        // SAFETY: task.md: it is a T, of which C copies the bytes.
        let status = unsafe {
            heap_push(self.raw.as_ptr(), (&raw const element).cast())
        };
        if status != 0 {
            return Err(element);
        }
        // it is in the heap now
        mem::forget(element);
        Ok(())
    }

    /// The least one, which stays there.
    #[must_use]
    pub fn peek(&self) -> Option<&T> {
        // SAFETY: task.md: it is NULL or a T, which stays until the next push
        // or pop: they would borrow `self` mutably.
        unsafe { heap_peek(self.raw.as_ptr()).cast::<T>().as_ref() }
    }

    /// Takes the least one out.
    pub fn pop(&mut self) -> Option<T> {
        let mut element = MaybeUninit::<T>::uninit();
        // SAFETY: task.md: there is room for a T.
        let status =
            unsafe { heap_pop(self.raw.as_ptr(), element.as_mut_ptr().cast()) };
        // SAFETY: task.md: on 0 it is there, and C has it no more.
        (status == 0).then(|| unsafe { element.assume_init() })
    }
}

impl<T: Ord> Drop for Heap<T> {
    fn drop(&mut self) {
        // SAFETY: task.md: nobody uses it after this.
        unsafe { heap_free(self.raw.as_ptr()) }
    }
}

/// Compares two elements, for C.
unsafe extern "C" fn compare<T: Ord>(
    a: *const c_void,
    b: *const c_void,
) -> c_int {
    // SAFETY: task.md: C gives two elements of the heap that was made with this
    // function.
    match unsafe { (*a.cast::<T>()).cmp(&*b.cast::<T>()) } {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}

/// Drops an element where it lies, for C.
unsafe extern "C" fn destroy<T>(element: *mut c_void) {
    // SAFETY: task.md: it is an element that nobody uses after this.
    unsafe { ptr::drop_in_place(element.cast::<T>()) }
}
