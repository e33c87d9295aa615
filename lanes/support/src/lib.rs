// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a lane in Rust needs to run under the driver.
//!
//! A lane is a `cdylib` that says [`lane!`] and has lessons, each a function
//! `fn run(rec: &mut Recorder, input: &Input)` in its own file. The lane's
//! `build.rs` finds those files (`lanes/collect.rs`); nobody lists them.
//!
//! A panic in a lesson does not reach C: it aborts the process, which the
//! driver reports as a crash of that lesson in that lane.

pub mod abi;
mod input;
mod ledger;
mod recorder;

use std::ffi::CStr;
use std::ptr::{self, NonNull};

use ledger::LedgerAllocator;

pub use input::Input;
pub use recorder::{Number, Recorder, Task, Tasks};

// In a crate of its own. In that of the lessons rustc would copy its functions
// to where they are called, and no other tool could stand before them.
#[global_allocator]
static LEDGER: LedgerAllocator = LedgerAllocator::new();

/// The folder with what lessons load as plugins, `plugins/NAME.c` or
/// `plugins/NAME.rs` of a lesson as `NAME.so`. Without Cargo there is none.
pub const PLUGINS: &str = match option_env!("FERRULE_PLUGINS") {
    Some(folder) => folder,
    None => "",
};

/// A lesson as a type, so that a C function can be made for each.
///
/// [`lesson!`] implements it.
pub trait Run {
    /// Do the lesson's steps, and record what happens.
    fn run(rec: &mut Recorder, input: &Input);
}

/// A row of a lane's table of lessons.
///
/// # Invariants
///
/// It comes from [`Lesson::new`], so its texts live for ever.
#[repr(transparent)]
pub struct Lesson(abi::ferrule_lesson);

// SAFETY: std Sync: two pointers to text that is never written, a function.
unsafe impl Sync for Lesson {}

impl Lesson {
    /// The lesson `T`, in the folder `name`, compiled from `source`.
    #[must_use]
    pub const fn new<T: Run>(
        name: &'static CStr,
        source: &'static CStr,
    ) -> Self {
        Self(abi::ferrule_lesson {
            name: name.as_ptr(),
            source: source.as_ptr(),
            run: Some(run::<T>),
        })
    }

    /// The lesson's folder, in UTF-8: "01-scalars".
    #[must_use]
    pub fn name(&self) -> &'static str {
        // SAFETY: std CStr::from_ptr: Lesson/Invariants: it was a CStr.
        let name = unsafe { CStr::from_ptr(self.0.name) };

        name.to_str().unwrap_or_default()
    }

    /// The lesson as the driver sees it.
    #[must_use]
    pub const fn raw(&self) -> &abi::ferrule_lesson {
        &self.0
    }
}

/// The function that C calls. Being `extern "C"`, it aborts on a panic.
unsafe extern "C" fn run<T: Run>(
    rec: *mut abi::ferrule_recorder,
    input: *const abi::ferrule_input,
) {
    let rec = NonNull::new(rec).expect("the host has a recorder");
    // SAFETY: Recorder::from_raw/Safety: the host leaves both to the lesson
    // until it returns.
    let mut rec = unsafe { Recorder::from_raw(rec) };
    // SAFETY: Input::from_raw/Safety: as above.
    let input = unsafe { Input::from_raw(input) };

    T::run(&mut rec, input);
}

/// A lane's table, as the driver gets it.
#[repr(transparent)]
pub struct Lane(abi::ferrule_lane);

// SAFETY: std Sync: pointers to static data that is never written.
unsafe impl Sync for Lane {}

impl Lane {
    /// A lane in column `order`.
    #[must_use]
    pub const fn new(
        order: u32,
        name: &'static CStr,
        title: &'static CStr,
        lessons: &'static [Lesson],
    ) -> Self {
        Self(abi::ferrule_lane {
            abi: abi::FERRULE_ABI,
            order,
            name: name.as_ptr(),
            title: title.as_ptr(),
            lesson_count: lessons.len(),
            // Lesson is repr(transparent).
            lessons: lessons.as_ptr().cast(),
        })
    }

    /// What `ferrule_lane()` returns: the table, or NULL to a host that this
    /// lane was not built for. Rust's memory is the host's from then on.
    ///
    /// # Safety
    ///
    /// `host` is NULL or points to a `struct ferrule_host`.
    pub unsafe fn attach(
        &'static self,
        host: *const abi::ferrule_host,
    ) -> *const abi::ferrule_lane {
        // Of another ABI only the first field is known to be there.
        // SAFETY: Lane::attach/Safety: not NULL, so it can be read.
        if host.is_null() || unsafe { (*host).abi } != abi::FERRULE_ABI {
            return ptr::null();
        }
        // SAFETY: Lane::attach/Safety: of our ABI it has its size.
        let size = unsafe { (*host).size };
        if (size as usize) < size_of::<abi::ferrule_host>() {
            return ptr::null();
        }
        // SAFETY: Lane::attach/Safety: and it is the struct that we know.
        if LEDGER.attach(unsafe { &*host }).is_none() {
            return ptr::null();
        }
        &raw const self.0
    }
}

/// Make the crate a lane: the one symbol that C looks up. Its allocator it has
/// from here.
///
/// ```
/// ferrule_lane::lane! {
///     order: 4,
///     name: c"yours",
///     title: c"Your lane",
///     lessons: &[], // `LESSONS`, which build.rs collects
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! lane {
    (
        order: $order:literal,
        name: $name:literal,
        title: $title:literal,
        lessons: $lessons:expr $(,)?
    ) => {
        static LANE: $crate::Lane =
            $crate::Lane::new($order, $name, $title, $lessons);

        /// The table of this lane; see `ferrule/lane.h`.
        ///
        /// # Safety
        ///
        /// `host` is NULL or points to a `struct ferrule_host`.
        #[allow(unsafe_code, reason = "C looks this symbol up")]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn ferrule_lane(
            host: *const $crate::abi::ferrule_host,
        ) -> *const $crate::abi::ferrule_lane {
            // SAFETY: Lane::attach/Safety: the caller's promise.
            unsafe { LANE.attach(host) }
        }
    };
}

/// A row for the table of lessons, from the module that holds its `run`.
#[macro_export]
macro_rules! lesson {
    ($module:ident, $name:literal, $source:literal) => {{
        struct Here;

        impl $crate::Run for Here {
            fn run(rec: &mut $crate::Recorder, input: &$crate::Input) {
                // Not inlined: reports name the function that allocated.
                let run: fn(&mut $crate::Recorder, &$crate::Input) =
                    $module::run;
                ::core::hint::black_box(run)(rec, input);
            }
        }

        $crate::Lesson::new::<Here>($name, $source)
    }};
}
