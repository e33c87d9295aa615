//! A sheet of formulas, of which C makes the sums.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ffi::{c_char, c_int, c_void};
use std::slice;

const SUM_SYNTAX: c_int = -1;
const SUM_NO_MEMORY: c_int = -2;

unsafe extern "C" {
    fn sum_eval(
        text: *const c_char,
        len: usize,
        lookup: Option<
            unsafe extern "C" fn(
                *mut c_void,
                *const c_char,
                usize,
                *mut i64,
            ) -> c_int,
        >,
        user: *mut c_void,
        value_out: *mut i64,
    ) -> c_int;
}

#[derive(Clone, Debug)]
pub enum Error {
    /// No formula has this name.
    Unknown(String),
    /// The formula of this name is not a sum.
    Syntax(String),
    /// More than DEPTH formulas need one another.
    TooDeep,
    NoMemory,
}

/// So many formulas may be evaluated at a time, each for the one before.
pub const DEPTH: u32 = 64;

/// Formulas by their names.
#[derive(Default)]
pub struct Sheet {
    formulas: BTreeMap<String, String>,
    /// values of formulas that were evaluated
    known: RefCell<BTreeMap<String, i64>>,
    /// an error, while C passes its number through
    error: RefCell<Option<Error>>,
    /// how many formulas are evaluated now
    depth: Cell<u32>,
    evaluations: Cell<u32>,
}

impl Sheet {
    pub fn define(&mut self, name: &str, formula: &str) {
        self.formulas.insert(name.to_owned(), formula.to_owned());
        self.known.get_mut().clear();
    }

    /// How many formulas were given to C.
    #[must_use]
    pub fn evaluations(&self) -> u32 {
        self.evaluations.get()
    }

    /// The value of the formula of this name; each is evaluated once.
    ///
    /// # Errors
    /// The first one that came up, in whichever formula.
    pub fn value(&self, name: &str) -> Result<i64, Error> {
        let known = self.known.borrow().get(name).copied();
        if let Some(value) = known {
            return Ok(value);
        }
        let formula = self
            .formulas
            .get(name)
            .ok_or_else(|| Error::Unknown(name.to_owned()))?;
        if self.depth.get() == DEPTH {
            return Err(Error::TooDeep);
        }
        self.depth.set(self.depth.get() + 1);
        self.evaluations.set(self.evaluations.get() + 1);
        let mut value = 0;
        // SAFETY: task.md: the formula has so many bytes, and is not changed
        // while `self` is borrowed. `lookup` gets `self`, and C keeps nothing.
        let status = unsafe {
            sum_eval(
                formula.as_ptr().cast(),
                formula.len(),
                Some(lookup),
                (&raw const *self).cast_mut().cast(),
                &mut value,
            )
        };
        self.depth.set(self.depth.get() - 1);
        match status {
            0 => {
                self.known.borrow_mut().insert(name.to_owned(), value);
                Ok(value)
            }
            SUM_SYNTAX => Err(Error::Syntax(name.to_owned())),
            SUM_NO_MEMORY => Err(Error::NoMemory),
            _ => Err(self.error.take().expect("lookup() put it there")),
        }
    }
}

/// The value of a name, for C; or 1, with the error in the sheet.
unsafe extern "C" fn lookup(
    user: *mut c_void,
    name: *const c_char,
    len: usize,
    value_out: *mut i64,
) -> c_int {
    // SAFETY: task.md: it is the sheet of the running call. It is shared:
    // `value` runs with a `&self`, perhaps several times.
    let sheet = unsafe { &*user.cast::<Sheet>() };
    // SAFETY: task.md: C gives a name of `len` bytes.
    let name = unsafe { slice::from_raw_parts(name.cast(), len) };
    match sheet.value(&String::from_utf8_lossy(name)) {
        Ok(value) => {
            // SAFETY: task.md: C gives a place for it.
            unsafe { *value_out = value };
            0
        }
        Err(error) => {
            sheet.error.replace(Some(error));
            1
        }
    }
}
