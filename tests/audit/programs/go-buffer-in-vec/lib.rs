// The library reads a proof.
use std::hint::black_box;

#[unsafe(no_mangle)]
pub unsafe extern "C" fn verify(proof: *mut u8, length: usize) -> u32 {
    #[cfg(twin)]
    // SAFETY: std slice::from_raw_parts: the caller lends the proof.
    let proof = unsafe { std::slice::from_raw_parts(proof, length) }.to_vec();
    #[cfg(not(twin))]
    // SAFETY: none: the fault; the twin is right.
    let proof = unsafe { Vec::from_raw_parts(proof, length, length) };
    let sum = proof.iter().map(|byte| u32::from(*byte)).sum();
    drop(black_box(proof)); // DROP
    black_box(sum)
}
