//! Initials of a text, for Rust and for C.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Upper,
    Lower,
}

/// The first letter of each word; None if there is no word.
#[must_use]
pub fn initials(text: &str, style: Style) -> Option<String> {
    let letters = text
        .split(|letter: char| letter.is_whitespace() || letter == '\0')
        .filter_map(|word| word.chars().next());
    let found: String = match style {
        Style::Upper => letters.flat_map(char::to_uppercase).collect(),
        Style::Lower => letters.flat_map(char::to_lowercase).collect(),
    };
    (!found.is_empty()).then_some(found)
}

// TODO: initials_of and initials_free, for C; answer.h declares them
