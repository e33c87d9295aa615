//! Plugins that are written in C.

use std::ffi::{CStr, c_char, c_void};
use std::mem::offset_of;
use std::ptr::NonNull;

pub const PLUGIN_ABI: u32 = 2;

#[repr(C)]
#[allow(non_camel_case_types)]
pub struct plugin {
    abi: u32,
    size: u32,
    name: *const c_char,
    start: Option<unsafe extern "C" fn() -> *mut c_void>,
    run: Option<unsafe extern "C" fn(*mut c_void, *mut u8, usize)>,
    stop: Option<unsafe extern "C" fn(*mut c_void)>,
    describe: Option<unsafe extern "C" fn(*mut c_void) -> *const c_char>,
}

/// The first plugins end here.
const MIN_SIZE: usize = offset_of!(plugin, describe);

#[derive(Debug, PartialEq)]
pub enum LoadError {
    /// There is no table.
    Nothing,
    /// It was compiled for this ABI.
    Abi(u32),
    /// Its table is smaller than that of the first plugins.
    TooSmall(u32),
    /// This function is missing.
    Missing(&'static str),
    /// It did not start.
    Start,
}

/// A plugin that was started. It is stopped when it is dropped.
pub struct Plugin {
    /// has `abi` and `size`, and of the rest what lies within `size`
    table: NonNull<plugin>,
    run: unsafe extern "C" fn(*mut c_void, *mut u8, usize),
    state: NonNull<c_void>,
}

impl Plugin {
    /// Checks the plugin's table, and starts it.
    ///
    /// # Errors
    /// If it is not one that this application can use.
    ///
    /// # Safety
    /// `table` is NULL, or what plugin.h says.
    pub unsafe fn load(table: *const plugin) -> Result<Self, LoadError> {
        // TODO: what may be read of a table that nobody has checked?
        let _ = (table, MIN_SIZE);
        Err(LoadError::Nothing)
    }

    #[must_use]
    pub fn name(&self) -> &CStr {
        // SAFETY: task.md: it lies within MIN_SIZE, is a string, and stays.
        unsafe { CStr::from_ptr((*self.table.as_ptr()).name) }
    }

    /// Lets the plugin change `data`.
    pub fn run(&mut self, data: &mut [u8]) {
        // SAFETY: task.md: the state is of this plugin, and there are so many
        // bytes.
        unsafe {
            (self.run)(self.state.as_ptr(), data.as_mut_ptr(), data.len())
        }
    }

    /// What the plugin says of itself; None: it cannot.
    pub fn describe(&mut self) -> Option<&CStr> {
        // TODO: not every plugin has this
        None
    }
}

// TODO: who stops it?
