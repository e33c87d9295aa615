// E0499: has a key of a cursor while it asks for the next one
use answer::Store;

pub fn misuse() -> bool {
    let store = Store::open().unwrap();
    let mut cursor = store.cursor().unwrap();
    let one = cursor.next();
    let two = cursor.next();
    one == two
}
