// A matrix of a library in C.
use std::ffi::c_void;
use std::hint::black_box;

unsafe extern "C" {
    fn matrix_new() -> *mut c_void;
    #[cfg(twin)]
    fn matrix_copy(matrix: *mut c_void) -> *mut c_void;
    fn matrix_free(matrix: *mut c_void);
}

struct Matrix(*mut c_void);

impl Clone for Matrix {
    fn clone(&self) -> Self {
        #[cfg(twin)]
        // SAFETY: std extern functions: it is a matrix.
        let copy = unsafe { matrix_copy(self.0) };
        #[cfg(not(twin))]
        let copy = self.0;
        Self(copy)
    }
}

impl Drop for Matrix {
    fn drop(&mut self) {
        // SAFETY: none: the fault; the twin is right.
        unsafe { matrix_free(self.0) };
    }
}

fn main() {
    // SAFETY: std extern functions: it has no requirements.
    let matrix = black_box(Matrix(unsafe { matrix_new() }));
    drop(black_box(matrix.clone()));
    drop(matrix);
    drop(black_box(vec![0_u8; 10]));
}
