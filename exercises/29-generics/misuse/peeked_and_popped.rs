// E0502: has the least element, and takes it out
use answer::Heap;

pub fn misuse() -> usize {
    let mut heap = Heap::<String>::new(2).unwrap();
    let least = heap.peek();
    drop(heap.pop());
    least.map_or(0, String::len)
}
