// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where a Rust item stands, and how it is shown.
//!
//! What a macro makes stands in no file: its tokens come from the call and
//! from the macro's rules. Such an item is shown as its tokens say it, with
//! the place of the call and that of the macro.

use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use proc_macro2::{Delimiter, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Attribute;
use syn::spanned::Spanned;

use crate::place::{By, Place};
use crate::read::items::Module;
use crate::read::source::File;
use crate::snippet::Snippet;

/// A call of a macro, for the items that it stands for.
#[derive(Debug, Clone)]
pub struct Expansion {
    /// What is between the delimiters of the call: of the first one, where a
    /// macro calls another.
    span: Span,
    line: u32,
    by: Arc<By>,
}

impl Expansion {
    /// Of `call`, which stands in `file`.
    pub fn new(call: &syn::Macro, file: &File, by: By) -> Self {
        let by = Arc::new(by);
        match &file.expansion {
            Some(around) => Self {
                by,
                ..around.clone()
            },
            None => Self {
                span: call.tokens.span(),
                line: line(call),
                by,
            },
        }
    }

    /// Whether what is at `span` was given to the macro by the call.
    pub fn holds(&self, span: Span) -> bool {
        let (call, range) = (self.span.byte_range(), span.byte_range());
        call.start <= range.start
            && range.end <= call.end
            && self.span.join(span).is_some()
    }

    /// The line of the first of `pieces` that stands in the call.
    fn line_of(&self, pieces: &[Piece]) -> u32 {
        let inside = pieces.iter().find(|piece| self.holds(piece.span));
        inside.map_or(self.line, |piece| line_at(piece.span))
    }
}

/// Where an item stands.
#[derive(Debug, Clone)]
pub struct Origin {
    file: Rc<File>,
    line: u32,
    range: Range<usize>,
    /// Of what a macro made.
    pieces: Option<Rc<[Piece]>>,
}

impl Origin {
    /// Where `node` stands, its attributes left out.
    pub fn new(
        file: &Rc<File>,
        node: &dyn ToTokens,
        attributes: Option<&Vec<Attribute>>,
    ) -> Self {
        if let Some(expansion) = &file.expansion {
            let pieces = pieces_of(node.to_token_stream());
            return Self {
                file: Rc::clone(file),
                line: expansion.line_of(&pieces),
                range: 0..0,
                pieces: Some(pieces.into()),
            };
        }
        let span = node.span();
        let mut range = span.byte_range();
        let mut line = line_at(span);
        if let Some(last) = attributes.and_then(|all| all.last()) {
            let end = last.span().byte_range().end;
            if range.contains(&end) {
                let rest = file.text.get(end..range.end).unwrap_or("");
                let gap = rest.len() - rest.trim_start().len();
                range.start = end + gap;
                line = file.line_of(range.start);
            }
        }
        Self {
            file: Rc::clone(file),
            line,
            range,
            pieces: None,
        }
    }

    /// The same, where what is shown starts with `visibility` or `name`.
    #[must_use]
    pub fn from(
        mut self,
        visibility: &syn::Visibility,
        name: &syn::Ident,
    ) -> Self {
        if self.pieces.is_none() {
            let start = visibility.span().byte_range();
            self.range.start = if start.is_empty() {
                name.span().byte_range().start
            } else {
                start.start
            };
            self.line = line_at(name.span());
        }
        self
    }

    /// The same, where what is shown ends before the first of `ends`.
    #[must_use]
    pub fn until(mut self, ends: &[char]) -> Self {
        let text = self.file.text.get(self.range.clone());
        if let Some(at) = text.and_then(|text| text.find(ends)) {
            self.range.end = self.range.start + at;
        }
        self
    }

    /// The same, where what is shown ends at the byte `end` of the file.
    #[must_use]
    pub fn up_to(mut self, end: usize) -> Self {
        if self.pieces.is_none() {
            self.range.end = end;
        }
        self
    }

    /// The file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Its bytes there; none, if a macro made it.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// File and line, and the macro, if it is one's.
    pub fn place(&self) -> Place {
        let expansion = self.file.expansion.as_ref();
        Place {
            file: self.file.path.clone(),
            line: self.line,
            by: expansion.map(|one| Arc::clone(&one.by)),
        }
    }

    /// Whether it stands in `module`.
    pub fn is_in(&self, module: &Module) -> bool {
        self.file.path == module.file
            && module.range.as_ref().is_none_or(|(bytes, lines)| {
                match &self.pieces {
                    Some(_) => lines.contains(&self.line),
                    None => bytes.contains(&self.range.start),
                }
            })
    }

    /// The item as written, with `mark` marked.
    pub fn snippet(&self, mark: Option<&dyn ToTokens>) -> Snippet {
        if let Some(pieces) = &self.pieces {
            return shown(pieces, mark);
        }
        let mark = mark.map(|part| part.span().byte_range());
        self.file.snippet((self.range.clone(), mark))
    }
}

/// The line on which `node` starts.
pub fn line(node: &impl Spanned) -> u32 {
    line_at(node.span())
}

fn line_at(span: Span) -> u32 {
    u32::try_from(span.start().line).unwrap_or(0)
}

/// A token, or a delimiter.
#[derive(Debug)]
struct Piece {
    text: String,
    span: Span,
    /// No white space may follow.
    joint: bool,
}

/// The tokens of an item up to its body, without its attributes.
fn pieces_of(tokens: TokenStream) -> Vec<Piece> {
    let mut pieces = vec![];
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        match (&token, rest.peek()) {
            (TokenTree::Punct(hash), Some(TokenTree::Group(_)))
                if hash.as_char() == '#' =>
            {
                rest.next();
            }
            (TokenTree::Group(body), _)
                if body.delimiter() == Delimiter::Brace =>
            {
                break;
            }
            _ => add(token, &mut pieces),
        }
    }
    pieces
}

fn add(token: TokenTree, pieces: &mut Vec<Piece>) {
    let span = token.span();
    let mut add_text = |text: String, joint| {
        pieces.push(Piece { text, span, joint });
    };
    match token {
        TokenTree::Group(group) => {
            let (open, close) = match group.delimiter() {
                Delimiter::Parenthesis => ("(", ")"),
                Delimiter::Brace => ("{", "}"),
                Delimiter::Bracket => ("[", "]"),
                Delimiter::None => ("", ""),
            };
            add_text(open.to_owned(), true);
            for token in group.stream() {
                add(token, pieces);
            }
            pieces.push(Piece {
                text: close.to_owned(),
                span,
                joint: false,
            });
        }
        TokenTree::Punct(punct) => add_punct(&punct, pieces),
        other => add_text(other.to_string(), false),
    }
}

/// `::`, `->` and `...` are one piece.
fn add_punct(punct: &Punct, pieces: &mut Vec<Piece>) {
    let joint = punct.spacing() == Spacing::Joint;
    let text = punct.as_char().to_string();
    if let Some(last) = pieces.last_mut().filter(|last| last.joint) {
        let both = format!("{}{text}", last.text);
        if matches!(both.as_str(), "::" | "->" | ".." | "...") {
            last.text = both;
            last.joint = joint;
            return;
        }
    }
    let span = punct.span();
    pieces.push(Piece { text, span, joint });
}

/// In one line, with the pieces that `mark` has marked.
fn shown(pieces: &[Piece], mark: Option<&dyn ToTokens>) -> Snippet {
    let part = mark.map(|mark| pieces_of(mark.to_token_stream()));
    let part = part.unwrap_or_default();
    let same = |window: &[Piece]| {
        window.iter().zip(&part).all(|(a, b)| {
            a.text == b.text && a.span.byte_range() == b.span.byte_range()
        })
    };
    let from = match part.len() {
        0 => None,
        len => pieces.windows(len).position(same),
    };
    let mut text = String::new();
    let mut marked: Option<Range<usize>> = None;
    let mut last: Option<&Piece> = None;
    for (at, piece) in pieces.iter().enumerate() {
        if last.is_some_and(|last| is_apart(last, piece)) {
            text.push(' ');
        }
        let start = text.len();
        text.push_str(&piece.text);
        if from.is_some_and(|from| (from..from + part.len()).contains(&at)) {
            let start = marked.map_or(start, |range| range.start);
            marked = Some(start..text.len());
        }
        if !piece.text.is_empty() {
            last = Some(piece);
        }
    }
    Snippet { text, mark: marked }
}

/// Whether white space is written between `one` and `next`.
fn is_apart(one: &Piece, next: &Piece) -> bool {
    let opens = matches!(
        one.text.as_str(),
        "(" | "[" | "<" | "*" | "&" | "!" | "." | "::"
    );
    let follows = matches!(
        next.text.as_str(),
        "" | ")" | "]" | ">" | "(" | "<" | "," | ";" | ":" | "." | "::" | "!"
    );
    let result = one.text == "->";
    result || !(opens || follows || (one.joint && one.text == "'"))
}
