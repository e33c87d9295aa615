// E0308: puts an element of another type there
use answer::Heap;

pub fn misuse() {
    let mut heap = Heap::<u32>::new(2).unwrap();
    heap.push(1).unwrap();
    let _ = heap.push(2_u64);
}
