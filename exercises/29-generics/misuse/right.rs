// right: keeps references, and looks at the least one
use answer::Heap;

pub fn use_it() -> Option<usize> {
    let texts = [String::from("a"), String::from("b")];
    let mut heap = Heap::new(2)?;
    for text in &texts {
        heap.push(text).ok()?;
    }
    let least = heap.peek()?.len();
    heap.pop().map(|text| text.len() + least)
}
