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
        let table = NonNull::new(table.cast_mut()).ok_or(LoadError::Nothing)?;
        let at = table.as_ptr();
        // SAFETY: task.md: every ABI begins with this.
        let abi = unsafe { (*at).abi };
        if abi != PLUGIN_ABI {
            return Err(LoadError::Abi(abi));
        }
        // SAFETY: task.md: so does every plugin of this ABI.
        let size = unsafe { (*at).size };
        if (size as usize) < MIN_SIZE {
            return Err(LoadError::TooSmall(size));
        }
        // SAFETY: task.md: they lie within MIN_SIZE.
        let (start, run) = unsafe { ((*at).start, (*at).run) };
        let start = start.ok_or(LoadError::Missing("start"))?;
        let run = run.ok_or(LoadError::Missing("run"))?;
        // SAFETY: task.md: it may be started several times.
        let state = NonNull::new(unsafe { start() }).ok_or(LoadError::Start)?;
        Ok(Self { table, run, state })
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
        let at = self.table.as_ptr();
        // SAFETY: task.md: it is there in every plugin.
        let size = unsafe { (*at).size } as usize;
        if size < MIN_SIZE + size_of::<Option<fn()>>() {
            return None;
        }
        // SAFETY: task.md: it lies within `size`.
        let describe = unsafe { (*at).describe }?;
        // SAFETY: task.md: the text is valid until the next call, which would
        // need `self` too.
        Some(unsafe { CStr::from_ptr(describe(self.state.as_ptr())) })
    }
}

impl Drop for Plugin {
    fn drop(&mut self) {
        // SAFETY: task.md: it lies within MIN_SIZE.
        if let Some(stop) = unsafe { (*self.table.as_ptr()).stop } {
            // SAFETY: task.md: it was started, and nobody uses it after this.
            unsafe { stop(self.state.as_ptr()) }
        }
    }
}
