#![no_std]
extern crate sgz_link as _;
