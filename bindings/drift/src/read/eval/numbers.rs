// SPDX-License-Identifier: MIT OR Apache-2.0
//! Integers of Rust's types, and what operators make of them.

use syn::{BinOp, UnOp};

use super::{IntType, Result, Value};

pub(super) fn negate(op: UnOp, value: Value) -> Result {
    match (op, value) {
        (UnOp::Neg(_), Value::Int(value, ty)) => {
            let value = value.wrapping_neg();
            Ok(Value::Int(ty.map_or(value, |ty| wrap(value, ty)), ty))
        }
        (UnOp::Neg(_), Value::Float(value)) => {
            Ok(Value::Float(format!("-{value}")))
        }
        (UnOp::Not(_), Value::Int(value, ty)) => {
            Ok(Value::Int(ty.map_or(!value, |ty| wrap(!value, ty)), ty))
        }
        (UnOp::Not(_), Value::Bool(value)) => Ok(Value::Bool(!value)),
        (UnOp::Deref(_), value) => Ok(value),
        _ => Err("an operator applied to an unsupported type".to_owned()),
    }
}

pub(super) fn combine(op: BinOp, left: Value, right: Value) -> Result {
    let (Value::Int(a, left), Value::Int(b, right)) = (left, right) else {
        return Err(
            "an operator applied to something that is not a number".to_owned()
        );
    };
    if let Some(truth) = compare(op, a, b) {
        return Ok(Value::Bool(truth));
    }
    let shift = matches!(op, BinOp::Shl(_) | BinOp::Shr(_));
    let ty = if shift { left } else { left.or(right) };
    let value = compute(op, a, b).ok_or("a computation that overflows")?;
    Ok(Value::Int(ty.map_or(value, |ty| wrap(value, ty)), ty))
}

/// None: `op` does not compare.
fn compare(op: BinOp, a: i128, b: i128) -> Option<bool> {
    Some(match op {
        BinOp::Eq(_) => a == b,
        BinOp::Ne(_) => a != b,
        BinOp::Lt(_) => a < b,
        BinOp::Le(_) => a <= b,
        BinOp::Gt(_) => a > b,
        BinOp::Ge(_) => a >= b,
        _ => return None,
    })
}

fn compute(op: BinOp, a: i128, b: i128) -> Option<i128> {
    let amount = u32::try_from(b).ok().filter(|bits| *bits < 127);
    match op {
        BinOp::Add(_) => a.checked_add(b),
        BinOp::Sub(_) => a.checked_sub(b),
        BinOp::Mul(_) => a.checked_mul(b),
        BinOp::Div(_) => a.checked_div(b),
        BinOp::Rem(_) => a.checked_rem(b),
        BinOp::BitAnd(_) => Some(a & b),
        BinOp::BitOr(_) => Some(a | b),
        BinOp::BitXor(_) => Some(a ^ b),
        BinOp::Shl(_) => amount.and_then(|bits| a.checked_shl(bits)),
        BinOp::Shr(_) => amount.and_then(|bits| a.checked_shr(bits)),
        _ => None,
    }
}

pub(super) fn max((bits, signed): IntType) -> i128 {
    match (bits, signed) {
        (128, _) => i128::MAX,
        (bits, true) => (1 << (bits - 1)) - 1,
        (bits, false) => (1 << bits) - 1,
    }
}

pub(super) fn min((bits, signed): IntType) -> i128 {
    match (bits, signed) {
        (_, false) => 0,
        (128, true) => i128::MIN,
        (bits, true) => -(1 << (bits - 1)),
    }
}

/// `value` as an integer of type `ty` holds it.
pub(super) fn wrap(value: i128, ty: IntType) -> i128 {
    let (bits, signed) = ty;
    if bits >= 127 {
        return value;
    }
    let low = value & ((1 << bits) - 1);
    if signed && low >> (bits - 1) & 1 == 1 {
        low - (1 << bits)
    } else {
        low
    }
}
