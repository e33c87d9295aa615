// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bitfields: which bits of which field Rust has each in, by its constants or
//! by its methods, and whether C sets the same.

use super::fields::c_field;
use super::records::{Both, Record};
use super::{Planner, Subject, c_side, rust_side, written};
use crate::plan::types::Ty;
use crate::read::eval::{Accessor, Value};
use crate::read::header::{CField, CRecord};
use crate::read::items::{Constant, Declared, Field};
use crate::report::{Kind, Side};

/// Where Rust has a bitfield.
struct Bits {
    /// The field that they are in.
    carrier: String,
    /// C that sets them in the mirror `r`.
    set: String,
    /// In words.
    shown: String,
    /// The constant or the method that says so.
    said: Option<Side>,
    /// The same bits as a number, where methods are to be held against it.
    mask: Option<i128>,
}

type Method<'a> = &'a Declared<syn::ImplItemFn>;

impl<'a> Planner<'a> {
    /// Whether C's bitfields may lie in a field that C does not have.
    pub(super) fn carries_bits(&self, field: &Field, c: &CRecord) -> bool {
        c_field(c, &field.name).is_none()
            && match self.types.resolve(&field.ty) {
                Ok(Ty::Fixed(..) | Ty::C(..) | Ty::Size(_)) => true,
                Ok(Ty::Array(inner, _)) => {
                    matches!(*inner, Ty::Fixed(8, false))
                }
                _ => false,
            }
    }

    /// Set the bitfield in C, set its bits as Rust has them, and compare all
    /// bytes.
    pub(super) fn bitfield(&mut self, both: Both<'_>, field: &CField) {
        let Both { record, c, .. } = both;
        let (owner, name) = (&record.item.name, &field.decl.name);
        let mut subject = Subject {
            item: format!("{owner}.{name}"),
            rust: Some(rust_side(record.item, None)),
            c: Some(c_side(&field.decl)),
        };
        let bits = match self.rust_bits(record, name, c) {
            Ok(bits) => bits,
            Err(why) => {
                let place = record.item.origin.place();
                self.unchecked(&subject.item, place, &why);
                return;
            }
        };
        if bits.said.is_some() {
            subject.rust.clone_from(&bits.said);
        }
        self.count("bitfields, set and dumped");
        let finding = subject.clone().finding(
            Kind::Bits,
            bits.differ(field),
            "setting it sets other bits, which belong to other fields, or \
             leaves some out",
        );
        self.ask_running(both.same_bits(name, &bits.set), finding);
        self.shift(owner, name, &subject);
        self.sign(record, name, &bits.carrier, &subject);
        if let Some(mask) = bits.mask {
            self.accessors(owner, &bits.carrier, name, mask, &subject);
        }
    }

    /// A field of Rust's, where C has a bitfield of that name: if it is all of
    /// an integer, setting it sets what Rust calls so.
    pub(super) fn whole_for_bits(
        &mut self,
        both: Both<'_>,
        field: &Field,
        found: &CField,
        subject: Subject,
    ) {
        self.count("fields");
        let finding = subject.finding(
            Kind::Bits,
            "a whole field in Rust, some bits in C",
            "what lies in the same bytes is overwritten",
        );
        let size = found.ty.size.unwrap_or(0) * 8;
        if found.bits.map(u64::from) != Some(size) {
            self.drift(finding);
            return;
        }
        let rust = &field.name;
        let set = format!("r.r_{rust} = (__typeof__(r.r_{rust}))-1;");
        self.count("bitfields, set and dumped");
        self.ask_running(both.same_bits(&found.decl.name, &set), finding);
    }

    /// Where Rust has the bitfield `name`, or why that is not known.
    fn rust_bits(
        &self,
        record: Record<'_>,
        name: &str,
        c: &CRecord,
    ) -> Result<Bits, String> {
        let owner = &record.item.name;
        let carriers = record.fields.iter();
        let carriers: Vec<&Field> = carriers
            .filter(|field| self.carries_bits(field, c))
            .collect();
        if let Some(bits) = self.bindgen_bits(owner, name) {
            let known = carriers.iter().any(|one| one.name == bits.carrier);
            return known
                .then_some(bits)
                .ok_or("a bitfield of a unit that the struct lacks".into());
        }
        if let Some((constant, mask)) = self.bit_constant(owner, name, "MASK") {
            let [carrier] = carriers.as_slice() else {
                return Err("a bitfield of a mask, and not one field that it \
                            can be of"
                    .to_owned());
            };
            let said = Some(rust_side(constant, None));
            return Ok(Bits::masked(&carrier.name, mask, said));
        }
        self.bits_of_methods(owner, name, &carriers)
    }

    /// The bits that hand-written methods read, or else write.
    fn bits_of_methods(
        &self,
        owner: &str,
        name: &str,
        carriers: &[&Field],
    ) -> Result<Bits, String> {
        let (getters, setters) = self.methods(owner, name);
        let all = getters.iter().map(|one| (one, false));
        let all = all.chain(setters.iter().map(|one| (one, true)));
        let mut not_understood = vec![];
        for (method, sets) in all {
            for carrier in carriers {
                let (item, carrier) = (&method.item, &carrier.name);
                let eval = &self.types.eval;
                let accessor = Accessor::new(eval, item, owner, carrier);
                let mask = accessor.and_then(|one| {
                    if sets {
                        one.written_bits()
                    } else {
                        one.read_bits()
                    }
                });
                if let Some(mask) = mask {
                    let said = Some(rust_side(method, None));
                    return Ok(Bits::masked(carrier, mask, said));
                }
            }
            not_understood.push(format!("{}()", method.name));
        }
        Err(if not_understood.is_empty() {
            "a bitfield, and neither methods of its name nor constants \
             NAME_MASK tell where Rust has it"
                .to_owned()
        } else {
            format!(
                "a bitfield, and where {} has it is not understood",
                not_understood.join(" and ")
            )
        })
    }

    /// The methods of `owner` that read the bitfield `name`, and those that
    /// write it.
    fn methods(
        &self,
        owner: &str,
        name: &str,
    ) -> (Vec<Method<'a>>, Vec<Method<'a>>) {
        let all = self.all;
        let (mut getters, mut setters) = (vec![], vec![]);
        let name = canon(name);
        for (of, method) in &all.methods {
            let word = canon(&method.name);
            if of != owner || !word.ends_with(&name) {
                continue;
            }
            match &word[..word.len() - name.len()] {
                "" | "get" | "is" | "has" => getters.push(method),
                "set" => setters.push(method),
                _ => {}
            }
        }
        (getters, setters)
    }

    /// The constant of `owner` that tells of a bitfield.
    fn bit_constant(
        &self,
        owner: &str,
        field: &str,
        suffix: &str,
    ) -> Option<(&'a Declared<Constant>, i128)> {
        let name = format!("{field}_{suffix}");
        let found = self.all.associated.iter().find(|(of, constant)| {
            of == owner && constant.name.eq_ignore_ascii_case(&name)
        });
        let (_, constant) = found?;
        let item = &constant.item;
        let value =
            self.types
                .eval
                .value(&item.value, Some(&item.ty), Some(owner));
        match value {
            Ok(Value::Int(value, _)) => Some((constant, value)),
            _ => None,
        }
    }

    /// Whether its mask and its shift, if it has both, are of the same bits.
    fn shift(&mut self, owner: &str, name: &str, subject: &Subject) {
        let mask = self.bit_constant(owner, name, "MASK");
        let shift = self.bit_constant(owner, name, "SHIFT");
        let (Some((_, mask)), Some((constant, shift))) = (mask, shift) else {
            return;
        };
        if i128::from(mask.trailing_zeros()) == shift {
            return;
        }
        let mut subject = subject.clone();
        subject.rust = Some(rust_side(constant, None));
        self.drift(subject.finding(
            Kind::Bits,
            format!("its mask {mask:#x} and its shift {shift} disagree"),
            "its value is read shifted",
        ));
    }

    /// Whether its mask is of the type of what it is a mask of: if not, Rust
    /// computes with a copy, and a right shift may bring the sign with it.
    fn sign(
        &mut self,
        record: Record<'_>,
        name: &str,
        carrier: &str,
        subject: &Subject,
    ) {
        let owner = &record.item.name;
        let field = record.fields.iter().find(|one| one.name == carrier);
        let mask = self.bit_constant(owner, name, "MASK");
        let (Some((mask, _)), Some(field)) = (mask, field) else {
            return;
        };
        let eval = &self.types.eval;
        let sign = |ty| Some(eval.int_type(ty, Some(owner))?.1);
        let (one, other) = (sign(&mask.item.ty), sign(&field.ty));
        if one.is_none() || other.is_none() || one == other {
            return;
        }
        let what = format!(
            "its mask is of type {}, and {carrier} of type {}",
            written(&mask.item.ty),
            written(&field.ty)
        );
        let so = "one of them has a sign: its highest bit is shifted in again";
        let finding = subject.clone().finding(Kind::Bits, what, so);
        self.letter(finding);
    }

    /// Whether the methods read and write the bits `mask`, where their bodies
    /// are computations.
    fn accessors(
        &mut self,
        owner: &str,
        carrier: &str,
        name: &str,
        mask: i128,
        subject: &Subject,
    ) {
        // Of no bits at all: that has been said.
        if mask <= 0 {
            return;
        }
        let (mut right, mut wrong) = (0, vec![]);
        for (method, answer) in self.tried(owner, carrier, name, mask) {
            match answer {
                Some(true) => right += 1,
                Some(false) => wrong.push(method),
                None => {
                    let item = format!("{owner}::{}()", method.name);
                    let place = method.origin.place();
                    self.unchecked(&item, place, "its body is not understood");
                }
            }
        }
        if right + wrong.len() > 0 {
            self.count("accessors of bitfields, by sample");
        }
        let Some(method) = wrong.first() else { return };
        let mut subject = subject.clone();
        subject.rust = Some(rust_side(method, None));
        self.drift(subject.finding(
            Kind::Bits,
            format!(
                "the method {}() does not read or write the bits {mask:#x} of \
                 {carrier}",
                method.name
            ),
            "what is read or written is another field",
        ));
    }

    /// Each method of the bitfield `name`, and whether it is one of the bits
    /// `mask`.
    fn tried(
        &self,
        owner: &str,
        carrier: &str,
        name: &str,
        mask: i128,
    ) -> Vec<(Method<'a>, Option<bool>)> {
        let eval = &self.types.eval;
        let of = |method: Method<'a>| {
            Accessor::new(eval, &method.item, owner, carrier)
        };
        let (getters, setters) = self.methods(owner, name);
        let reads = getters
            .into_iter()
            .map(|method| (method, of(method).and_then(|one| one.reads(mask))));
        let writes = setters.into_iter().map(|method| {
            (method, of(method).and_then(|one| one.writes(mask)))
        });
        reads.chain(writes).collect()
    }

    /// bindgen's way to say where a bitfield lies.
    fn bindgen_bits(&self, owner: &str, name: &str) -> Option<Bits> {
        let (_, method) = self
            .all
            .methods
            .iter()
            .find(|(of, method)| of == owner && method.name == name)?;
        let text = written(&method.item.block).replace(' ', "");
        let unit = text.split("_bitfield_").nth(1)?;
        let carrier = format!("_bitfield_{}", unit.split('.').next()?);
        let numbers = |text: &str| -> Option<(u64, u64)> {
            let mut parts = text.split([',', '>', ')']).map(|part| {
                let digits =
                    part.trim_end_matches("usize").trim_end_matches("u8");
                digits.parse().ok()
            });
            Some((parts.next()??, parts.next()??))
        };
        let at = text
            .split("get_const::<")
            .nth(1)
            .or_else(|| text.split(".get(").nth(1))?;
        let (offset, width) = numbers(at)?;
        let bits = offset..offset + width;
        let set = bits.map(|bit| byte_set(&carrier, bit)).collect();
        Some(Bits {
            set,
            shown: format!("{width} bits from bit {offset} of {carrier}"),
            said: None,
            mask: None,
            carrier,
        })
    }
}

impl Bits {
    /// In what they differ from C's.
    fn differ(&self, c: &CField) -> String {
        format!(
            "its bits are not those that C sets: {} in Rust, {} in C",
            self.shown,
            c_bits(c)
        )
    }

    fn masked(carrier: &str, mask: i128, said: Option<Side>) -> Self {
        Self {
            carrier: carrier.to_owned(),
            set: format!(
                "r.r_{carrier} |= (__typeof__(r.r_{carrier})){mask}ULL;"
            ),
            shown: format!("the bits {mask:#x} of {carrier}"),
            said,
            mask: Some(mask),
        }
    }
}

/// C that sets a bit of the bytes of `carrier`.
fn byte_set(carrier: &str, bit: u64) -> String {
    format!(
        "((unsigned char *)&r.r_{carrier})[{}] |= {};",
        bit / 8,
        1 << (bit % 8)
    )
}

/// Where C has a bitfield, for messages.
fn c_bits(field: &CField) -> String {
    let width = field.bits.unwrap_or(0);
    match field.offset {
        Some(offset) => format!("{width} bits from bit {offset} of the struct"),
        None => format!("{width} bits"),
    }
}

/// A name without what conventions add to it.
fn canon(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}
