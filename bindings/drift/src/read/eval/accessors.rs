// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which bits a hand-written method reads or writes.
//!
//! A method is run on samples: each bit of the field alone, and some together.
//! Nothing is read out of the text of its expressions, so that it does not
//! matter how they are written; what the samples do not have in common with a
//! bitfield is not understood.

use quote::ToTokens;
use syn::{BinOp, Expr, ImplItemFn, Member, Stmt};

use super::expressions::{Locals, Scope};
use super::numbers::{combine, wrap};
use super::{Evaluator, IntType, Value};
use crate::read::items::TypeItem;
use std::collections::BTreeMap;

/// A struct of which one field matters, as `self` is in a method.
fn carried(carrier: &str, bits: i128, ty: IntType) -> Locals {
    let value = Value::Int(wrap(bits, ty), Some(ty));
    let fields = BTreeMap::from([(carrier.to_owned(), value)]);
    Locals::from([("self".to_owned(), Value::Struct(fields))])
}

fn number(value: &Value) -> Option<i128> {
    match value {
        Value::Int(value, _) => Some(*value),
        Value::Bool(value) => Some((*value).into()),
        _ => None,
    }
}

/// What a field holds, whichever sign its type has.
fn unsigned(value: i128, (bits, _): IntType) -> i128 {
    wrap(value, (bits, false))
}

/// Patterns to try beside each bit alone.
fn patterns(bits: u32) -> [i128; 4] {
    let all = (1_i128 << bits) - 1;
    let fives = 0x5555_5555_5555_5555 & all;
    [0, all, fives, all & !fives]
}

/// A method of `owner`, held against bits of its field `carrier`.
pub struct Accessor<'a, 'c> {
    eval: &'a Evaluator<'c>,
    method: &'a ImplItemFn,
    owner: &'a str,
    carrier: &'a str,
    ty: IntType,
}

impl<'a, 'c> Accessor<'a, 'c> {
    /// Nothing if the field is not an integer of at most 64 bits.
    pub fn new(
        eval: &'a Evaluator<'c>,
        method: &'a ImplItemFn,
        owner: &'a str,
        carrier: &'a str,
    ) -> Option<Self> {
        let ty = eval.carrier_type(owner, carrier)?;
        Some(Self {
            eval,
            method,
            owner,
            carrier,
            ty,
        })
    }

    /// The bits that the method returns.
    pub fn read_bits(&self) -> Option<i128> {
        let mut mask = 0;
        for bit in 0..self.ty.0 {
            mask |= i128::from(self.get(1 << bit)? != 0) << bit;
        }
        (mask != 0 && self.reads(mask)?).then_some(mask)
    }

    /// The bits that the method can set.
    pub fn written_bits(&self) -> Option<i128> {
        let mask = unsigned(self.set(0, -1)?, self.ty);
        (mask != 0 && self.writes(mask)?).then_some(mask)
    }

    /// Whether the method returns the bits `mask` and no other; nothing if
    /// that cannot be told.
    pub fn reads(&self, mask: i128) -> Option<bool> {
        let bits = self.ty.0;
        let shift = mask.trailing_zeros();
        let width = 128 - (mask >> shift).leading_zeros();
        let bool = matches!(&self.method.sig.output,
            syn::ReturnType::Type(_, ty)
                if ty.to_token_stream().to_string() == "bool");
        let singles = (0..bits).map(|bit| 1 << bit);
        for bits in singles.chain(patterns(bits)) {
            let got = self.get(bits)?;
            let expected = (bits & mask) >> shift;
            let same = if bool {
                (got != 0) == (expected != 0)
            } else {
                // The highest bit may be the sign.
                wrap(got, (width, false)) == expected
                    && (got >= 0 || got == wrap(expected, (width, true)))
            };
            if !same {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Whether the method writes its value into the bits `mask`, and leaves
    /// the others; nothing if that cannot be told.
    pub fn writes(&self, mask: i128) -> Option<bool> {
        let shift = mask.trailing_zeros();
        let ones = mask >> shift;
        let [none, all, ..] = patterns(self.ty.0);
        for value in [ones, 0, 1, ones & 0x5555_5555_5555_5555] {
            for bits in [none, all] {
                let got = self.set(bits, value)?;
                let expected = bits & !mask | value << shift;
                if unsigned(got, self.ty) != expected {
                    return Some(false);
                }
            }
        }
        Some(true)
    }

    /// What the method reads out of `bits`.
    fn get(&self, bits: i128) -> Option<i128> {
        let (eval, owner) = (self.eval, self.owner);
        let mut locals = carried(self.carrier, bits, self.ty);
        let value = eval.result(&self.method.block, owner, &mut locals)?;
        let syn::ReturnType::Type(_, ty) = &self.method.sig.output else {
            return None;
        };
        number(&eval.as_type(value, Some(ty), Some(owner)))
    }

    /// What the method, given `value`, makes of `bits`.
    fn set(&self, bits: i128, value: i128) -> Option<i128> {
        let mut inputs = self.method.sig.inputs.iter().skip(1);
        let (Some(syn::FnArg::Typed(input)), None) =
            (inputs.next(), inputs.next())
        else {
            return None;
        };
        let given = if input.ty.to_token_stream().to_string() == "bool" {
            Value::Bool(value != 0)
        } else {
            let int = self.eval.int_type(&input.ty, Some(self.owner))?;
            Value::Int(wrap(value, int), Some(int))
        };
        let mut locals = carried(self.carrier, bits, self.ty);
        locals.insert(input.pat.to_token_stream().to_string(), given);
        let stmts = &self.method.block.stmts;
        self.eval.run(stmts, self.owner, &mut locals)?;
        let Some(Value::Struct(fields)) = locals.remove("self") else {
            return None;
        };
        fields.get(self.carrier).and_then(number)
    }
}

impl Evaluator<'_> {
    fn carrier_type(&self, owner: &str, carrier: &str) -> Option<IntType> {
        let item = self.all.types.get(owner)?;
        let TypeItem::Struct(_, fields) = &item.item else {
            return None;
        };
        let field = fields.iter().find(|field| field.name == carrier)?;
        self.int_type(&field.ty, None).filter(|ty| ty.0 <= 64)
    }

    /// The value of a block: that of its last expression.
    fn result(
        &self,
        block: &syn::Block,
        owner: &str,
        locals: &mut Locals,
    ) -> Option<Value> {
        let (last, before) = block.stmts.split_last()?;
        self.run(before, owner, locals)?;
        let Stmt::Expr(expr, None) = last else {
            return None;
        };
        match expr {
            Expr::If(choice) => {
                let (_, other) = choice.else_branch.as_ref()?;
                match self.now(&choice.cond, owner, locals)? {
                    Value::Bool(true) => {
                        self.result(&choice.then_branch, owner, locals)
                    }
                    Value::Bool(false) => match &**other {
                        Expr::Block(other) => {
                            self.result(&other.block, owner, locals)
                        }
                        _ => None,
                    },
                    _ => None,
                }
            }
            _ => self.now(expr, owner, locals),
        }
    }

    fn now(&self, expr: &Expr, owner: &str, locals: &Locals) -> Option<Value> {
        self.eval(expr, Scope::new(Some(owner), locals, 0)).ok()
    }

    /// Run statements, which change `locals`.
    fn run(
        &self,
        stmts: &[Stmt],
        owner: &str,
        locals: &mut Locals,
    ) -> Option<()> {
        for stmt in stmts {
            match stmt {
                Stmt::Local(local) => {
                    let init = local.init.as_ref()?;
                    let value = self.now(&init.expr, owner, locals)?;
                    let (pat, ty) = match &local.pat {
                        syn::Pat::Type(typed) => {
                            (&*typed.pat, Some(&*typed.ty))
                        }
                        pat => (pat, None),
                    };
                    let syn::Pat::Ident(name) = pat else {
                        return None;
                    };
                    let value = self.as_type(value, ty, Some(owner));
                    locals.insert(name.ident.to_string(), value);
                }
                Stmt::Expr(expr, _) => self.step(expr, owner, locals)?,
                Stmt::Macro(call) => {
                    let name = call.mac.path.get_ident()?.to_string();
                    let checks = ["assert", "debug_assert"];
                    checks.contains(&name.as_str()).then_some(())?;
                }
                Stmt::Item(_) => return None,
            }
        }
        Some(())
    }

    /// One statement that is an expression.
    fn step(
        &self,
        expr: &Expr,
        owner: &str,
        locals: &mut Locals,
    ) -> Option<()> {
        match expr {
            Expr::Assign(assign) => {
                let value = self.now(&assign.right, owner, locals)?;
                self.store(&assign.left, value, owner, locals)
            }
            Expr::Binary(binary) => {
                let op = plain(&binary.op)?;
                let left = self.now(&binary.left, owner, locals)?;
                let right = self.now(&binary.right, owner, locals)?;
                let value = combine(op, left, right).ok()?;
                self.store(&binary.left, value, owner, locals)
            }
            Expr::If(choice) => {
                let stmts = match self.now(&choice.cond, owner, locals)? {
                    Value::Bool(true) => &choice.then_branch.stmts,
                    Value::Bool(false) => match &choice.else_branch {
                        None => return Some(()),
                        Some((_, other)) => {
                            return self.step(other, owner, locals);
                        }
                    },
                    _ => return None,
                };
                self.run(stmts, owner, locals)
            }
            Expr::Block(block) => self.run(&block.block.stmts, owner, locals),
            // What is returned for the next call.
            Expr::Path(path) if path.path.is_ident("self") => Some(()),
            _ => None,
        }
    }

    /// Put `value` where `left` says.
    fn store(
        &self,
        left: &Expr,
        value: Value,
        owner: &str,
        locals: &mut Locals,
    ) -> Option<()> {
        let (name, field) = match left {
            Expr::Path(path) => (path.path.get_ident()?.to_string(), None),
            Expr::Field(field) => {
                let Expr::Path(base) = &*field.base else {
                    return None;
                };
                let name = match &field.member {
                    Member::Named(name) => name.to_string(),
                    Member::Unnamed(at) => at.index.to_string(),
                };
                (base.path.get_ident()?.to_string(), Some(name))
            }
            _ => return None,
        };
        let Some(field) = field else {
            let known = locals.get_mut(&name)?;
            *known = value;
            return Some(());
        };
        let ty = self.carrier_type(owner, &field)?;
        let Value::Struct(fields) = locals.get_mut(&name)? else {
            return None;
        };
        let known = fields.get_mut(&field)?;
        *known = Value::Int(wrap(number(&value)?, ty), Some(ty));
        Some(())
    }
}

/// The operator of an assignment: `|` of `|=`.
fn plain(op: &BinOp) -> Option<BinOp> {
    Some(match op {
        BinOp::BitOrAssign(_) => syn::parse_quote!(|),
        BinOp::BitAndAssign(_) => syn::parse_quote!(&),
        BinOp::BitXorAssign(_) => syn::parse_quote!(^),
        BinOp::AddAssign(_) => syn::parse_quote!(+),
        BinOp::SubAssign(_) => syn::parse_quote!(-),
        BinOp::ShlAssign(_) => syn::parse_quote!(<<),
        BinOp::ShrAssign(_) => syn::parse_quote!(>>),
        _ => return None,
    })
}
