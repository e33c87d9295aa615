// SPDX-License-Identifier: MIT OR Apache-2.0
//! How Rust lays out a type.

use syn::Type;

use crate::plan::types::{Extent, Ty, Types, primitive};
use crate::read::eval::Laid;
use crate::read::items::{Field, Repr, TypeItem};

impl Types<'_> {
    /// Size and alignment in bytes; of a struct without `repr(C)` what they
    /// would be with it.
    pub fn size(&self, ty: &Ty) -> Option<Extent> {
        let bytes = match ty {
            Ty::Void | Ty::Never => return None,
            Ty::Nothing => return Some((0, 1)),
            Ty::Wide => {
                let word = u64::from(self.machine.pointer_bits / 8);
                return Some((2 * word, word));
            }
            Ty::Array(element, len) => {
                let (size, align) = self.size(element)?;
                return Some((size.checked_mul(*len)?, align));
            }
            Ty::Named(name) => return self.size_named(name),
            Ty::Known(name) => {
                let (_, c) = self.header.typedefs.get(*name)?;
                c.size.filter(|_| c.kind.is_scalar())?
            }
            Ty::Bool => 1,
            Ty::Fixed(bits, _) | Ty::Float(bits) => u64::from(bits / 8),
            Ty::C(name, _) => match *name {
                "char" | "signed char" | "unsigned char" => 1,
                "short" | "unsigned short" => 2,
                "int" | "unsigned int" => 4,
                "long" | "unsigned long" => {
                    u64::from(self.machine.long_bits / 8)
                }
                _ => 8,
            },
            Ty::Size(_)
            | Ty::Pointer { .. }
            | Ty::Function(..)
            | Ty::VaList => u64::from(self.machine.pointer_bits / 8),
        };
        Some((bytes, bytes))
    }

    /// How Rust lays `ty` out, and where its field `field` is. None: it is not
    /// known for sure.
    pub(super) fn laid(&self, ty: &Type, field: Option<&str>) -> Option<Laid> {
        let resolved = self.resolve(ty).ok()?;
        if !self.is_laid_as_c(&resolved) {
            return None;
        }
        let (size, align) = self.size(&resolved)?;
        let offset = match field {
            Some(field) => self.offset(&resolved, field)?,
            None => 0,
        };
        Some(Laid {
            size,
            align,
            offset,
        })
    }

    fn offset(&self, ty: &Ty, name: &str) -> Option<u64> {
        let Ty::Named(owner) = ty else { return None };
        if let Some((other, owner)) = self.within(owner) {
            return other.offset(&Ty::Named(owner.to_owned()), name);
        }
        match &self.all.types.get(owner)?.item {
            TypeItem::Struct(repr, fields) => {
                let (_, offsets) = self.layout(repr, fields, false)?;
                let real = self.real_fields(fields).into_iter();
                let mut places = real.zip(offsets);
                let found = places.find(|((field, _), _)| field.name == name);
                found.map(|(_, offset)| offset)
            }
            TypeItem::Union(_, fields) => {
                let found = fields.iter().any(|field| field.name == name);
                found.then_some(0)
            }
            _ => None,
        }
    }

    /// Whether the language says how it is laid out.
    fn is_laid_as_c(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Array(element, _) => self.is_laid_as_c(element),
            Ty::Named(name) => {
                if let Some((other, name)) = self.within(name) {
                    return other.is_laid_as_c(&Ty::Named(name.to_owned()));
                }
                let item = self.all.types.get(name).map(|item| &item.item);
                match item {
                    Some(
                        TypeItem::Struct(repr, fields)
                        | TypeItem::Union(repr, fields),
                    ) => {
                        (repr.c || repr.transparent)
                            && self.machine.pointer_bits == 64
                            && self.real_fields(fields).iter().all(|(_, ty)| {
                                ty.as_ref()
                                    .is_ok_and(|ty| self.is_laid_as_c(ty))
                            })
                    }
                    Some(TypeItem::Enum(repr, _)) => {
                        repr.c || repr.int.is_some()
                    }
                    _ => false,
                }
            }
            _ => true,
        }
    }

    /// The same of a type of Rust's own.
    fn size_named(&self, name: &str) -> Option<Extent> {
        if name.contains("::") {
            let (other, name) = self.within(name)?;
            return other.size_named(name);
        }
        match &self.all.types.get(name)?.item {
            TypeItem::Struct(repr, fields) => {
                Some(self.layout(repr, fields, false)?.0)
            }
            TypeItem::Union(repr, fields) => {
                Some(self.layout(repr, fields, true)?.0)
            }
            TypeItem::Enum(repr, _) => match &repr.int {
                Some(int) => self.size(&primitive(int)?),
                None => Some((4, 4)),
            },
            _ => None,
        }
    }

    /// Size, alignment and offsets. None: they are not known, or more than
    /// there are addresses.
    pub fn layout(
        &self,
        repr: &Repr,
        fields: &[Field],
        is_union: bool,
    ) -> Option<(Extent, Vec<u64>)> {
        let (mut size, mut align, mut offsets) = (0_u64, 1_u64, vec![]);
        for (_, ty) in self.real_fields(fields) {
            let (bytes, mut to) = self.size(&ty.ok()?)?;
            if let Some(packed) = repr.packed {
                to = to.min(u64::from(packed));
            }
            let at = if is_union {
                0
            } else {
                size.checked_next_multiple_of(to)?
            };
            offsets.push(at);
            size = size.max(at.checked_add(bytes)?);
            align = align.max(to);
        }
        align = align.max(u64::from(repr.align.unwrap_or(1)));
        let size = size.checked_next_multiple_of(align)?;
        Some(((size, align), offsets))
    }
}
