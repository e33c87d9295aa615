// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where the fields of each side lie, in bytes.

use super::Planner;
use super::records::Record;
use crate::plan::types::Ty;
use crate::read::header::CField;
use crate::read::items::Field;

/// Bytes of a struct or union.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub at: u64,
    pub size: u64,
}

impl Span {
    /// Where a field of C's lies; a bitfield has no bytes of its own.
    pub fn of(field: &CField) -> Option<Self> {
        let at = field.offset.filter(|_| field.bits.is_none())? / 8;
        let size = field.ty.size?;
        Some(Self { at, size })
    }

    fn end(self) -> u64 {
        self.at + self.size
    }

    /// Whether the byte at `at` is in it.
    pub fn has_byte(self, at: u64) -> bool {
        self.at <= at && at < self.end()
    }

    /// Whether all of `other` is in it.
    pub fn holds(self, other: Self) -> bool {
        self.at <= other.at && other.end() <= self.end()
    }

    /// Whether the two have a byte in common.
    pub fn overlaps(self, other: Self) -> bool {
        self.at < other.end() && other.at < self.end()
    }
}

/// A field of a Rust struct or union, and where it lies.
pub(super) struct Laid<'f> {
    pub field: &'f Field,
    pub ty: Ty,
    pub span: Span,
}

impl Planner<'_> {
    /// The fields that take room; none if nobody knows where they lie.
    pub(super) fn laid<'f>(&self, record: Record<'f>) -> Vec<Laid<'f>> {
        let Record { repr, fields, .. } = record;
        let layout = self.types.layout(repr, fields, record.is_union);
        let Some((_, offsets)) = layout else {
            return vec![];
        };
        let real = self.types.real_fields(fields).into_iter().zip(offsets);
        real.filter_map(|((field, ty), at)| {
            let ty = ty.ok()?;
            let (size, _) = self.types.size(&ty)?;
            let span = Span { at, size };
            Some(Laid { field, ty, span })
        })
        .collect()
    }
}
