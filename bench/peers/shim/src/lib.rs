// SPDX-License-Identifier: MIT OR Apache-2.0
//! libdeflate 1.26 under an older version number.
pub use newer::*;
