// E0597: keeps references to what ends before the heap
use answer::Heap;

pub fn misuse() {
    let mut heap = Heap::<&String>::new(2).unwrap();
    {
        let text = String::from("text");
        heap.push(&text).unwrap();
    }
    let _ = heap.pop();
}
