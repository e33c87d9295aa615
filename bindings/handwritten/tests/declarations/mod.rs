// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the sources of a raw crate declare, in a form that can be compared.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};

/// All public items of a crate, by name.
pub type Declarations = BTreeMap<String, Declaration>;

/// One public item.
#[derive(Debug, PartialEq)]
pub enum Declaration {
    /// A function with C's calling convention, wherever its body is.
    Function { signature: String },
    /// A function of Rust's own: what is left of a macro.
    Macro { signature: String },
    /// A variable of the library.
    Static { ty: String },
    /// A constant. Values are compared as compiled.
    Constant { ty: String },
    /// A struct or union: attributes, and its public fields with their types.
    Struct {
        repr: String,
        fields: Vec<(String, String)>,
        private: usize,
    },
    /// A C enum: an integer and names for some of its values.
    Enum {
        integer: String,
        values: BTreeMap<String, String>,
        must_use: bool,
    },
    /// Another name for a type.
    Alias { ty: String },
}

impl Declaration {
    /// The names of the public fields, if it can have any.
    pub fn fields(&self) -> Option<Vec<String>> {
        match self {
            Self::Struct { fields, .. } => {
                Some(fields.iter().map(|(name, _)| name.clone()).collect())
            }
            Self::Enum { .. } => Some(vec![]),
            _ => None,
        }
    }

    /// The types of the public fields, by name.
    pub fn field_types(&self) -> BTreeMap<&str, &str> {
        let Self::Struct { fields, .. } = self else {
            panic!("{self:?} is no struct");
        };
        fields.iter().map(|(name, ty)| (&**name, &**ty)).collect()
    }

    pub fn is_enum(&self) -> bool {
        matches!(self, Self::Enum { .. })
    }

    pub fn is_constant(&self) -> bool {
        matches!(self, Self::Constant { .. })
    }
}

/// What the `.rs` files in `folder` declare.
pub fn parse(folder: &Path) -> Declarations {
    let mut all = Declarations::new();
    let mut values = vec![];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            for item in syn::parse_file(&text).unwrap().items {
                declare(item, &mut all, &mut values);
            }
        }
    }
    // The values of an enum may stand before or after its type.
    for (owner, name, value) in values {
        if let Some(Declaration::Enum { values, .. }) = all.get_mut(&owner) {
            values.insert(name, value);
        }
    }
    all
}

fn declare(
    item: syn::Item,
    all: &mut Declarations,
    values: &mut Vec<(String, String, String)>,
) {
    match item {
        syn::Item::ForeignMod(block) => {
            for item in block.items {
                let (name, declaration) = foreign(item);
                all.insert(name, declaration);
            }
        }
        syn::Item::Fn(item) if is_public(&item.vis) => {
            let is_c = item.sig.abi.is_some();
            let name = item.sig.ident.to_string();
            let signature = signature(item.sig);
            all.insert(
                name,
                if is_c {
                    Declaration::Function { signature }
                } else {
                    Declaration::Macro { signature }
                },
            );
        }
        syn::Item::Const(item) if is_public(&item.vis) => {
            let ty = plain(*item.ty);
            all.insert(item.ident.to_string(), Declaration::Constant { ty });
        }
        syn::Item::Type(item) if is_public(&item.vis) => {
            let ty = plain(*item.ty);
            all.insert(item.ident.to_string(), Declaration::Alias { ty });
        }
        syn::Item::Struct(item) if is_public(&item.vis) => {
            let name = item.ident.to_string();
            all.insert(name, structure(&item.attrs, item.fields));
        }
        syn::Item::Union(item) if is_public(&item.vis) => {
            let fields = syn::Fields::Named(item.fields);
            let name = item.ident.to_string();
            all.insert(name, structure(&item.attrs, fields));
        }
        syn::Item::Impl(item) if item.trait_.is_none() => {
            let owner = plain(*item.self_ty);
            for item in item.items {
                if let syn::ImplItem::Const(item) = item {
                    let name = item.ident.to_string();
                    values.push((owner.clone(), name, argument(&item.expr)));
                }
            }
        }
        _ => {}
    }
}

fn foreign(item: syn::ForeignItem) -> (String, Declaration) {
    match item {
        syn::ForeignItem::Fn(item) => (
            item.sig.ident.to_string(),
            Declaration::Function {
                signature: signature(item.sig),
            },
        ),
        syn::ForeignItem::Static(item) => {
            let ty = plain(*item.ty);
            (item.ident.to_string(), Declaration::Static { ty })
        }
        // `syn` 2 does not parse what says that it is `safe`: bindgen cannot
        // say so, and it makes no other item of it.
        syn::ForeignItem::Verbatim(item) => {
            let item = item.into_iter();
            let item = item.filter(|token| token.to_string() != "safe");
            foreign(syn::parse2(item.collect()).unwrap())
        }
        other => panic!("not known: {}", other.to_token_stream()),
    }
}

fn structure(attrs: &[syn::Attribute], fields: syn::Fields) -> Declaration {
    if let syn::Fields::Unnamed(fields) = &fields {
        let first = fields.unnamed.first().expect("a tuple of something");
        if is_public(&first.vis) {
            return Declaration::Enum {
                integer: plain(first.ty.clone()),
                values: BTreeMap::new(),
                must_use: attrs.iter().any(|a| a.path().is_ident("must_use")),
            };
        }
    }
    let repr = attrs
        .iter()
        .filter(|attr| attr.path().is_ident("repr"))
        .map(|attr| attr.to_token_stream().to_string())
        .collect();
    let (public, private): (Vec<_>, Vec<_>) =
        fields.into_iter().partition(|field| is_public(&field.vis));
    let fields = public
        .into_iter()
        .filter_map(|field| Some((field.ident?.to_string(), plain(field.ty))))
        .collect();
    Declaration::Struct {
        repr,
        fields,
        private: private.len(),
    }
}

fn is_public(visibility: &syn::Visibility) -> bool {
    matches!(visibility, syn::Visibility::Public(_))
}

/// Parameter names and types, and what comes back.
fn signature(mut signature: syn::Signature) -> String {
    Plain.visit_signature_mut(&mut signature);
    let variadic = signature.variadic.to_token_stream();
    let inputs = signature.inputs.iter().map(ToTokens::to_token_stream);
    let inputs: Vec<String> = inputs.map(|input| input.to_string()).collect();
    let output = signature.output.to_token_stream();
    format!("({}{variadic}) {output}", inputs.join(", "))
}

/// A type, however it is spelt.
fn plain(mut ty: syn::Type) -> String {
    Plain.visit_type_mut(&mut ty);
    ty.to_token_stream().to_string()
}

/// The argument of `sgz_status(-1)`, or of `Self(-1)`.
fn argument(value: &syn::Expr) -> String {
    match value {
        syn::Expr::Call(call) => call.args.to_token_stream().to_string(),
        other => other.to_token_stream().to_string(),
    }
}

/// `::core::ffi::c_int` is `c_int`; a comma before the end is rustfmt's choice;
/// and an array's length is compared as compiled, since one crate writes a
/// number there, the other a constant.
struct Plain;

impl VisitMut for Plain {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        if let Some(last) = path.segments.pop() {
            path.leading_colon = None;
            path.segments.clear();
            path.segments.push(last.into_value());
        }
        visit_mut::visit_path_mut(self, path);
    }

    fn visit_type_bare_fn_mut(&mut self, function: &mut syn::TypeBareFn) {
        function.inputs.pop_punct();
        visit_mut::visit_type_bare_fn_mut(self, function);
    }

    fn visit_angle_bracketed_generic_arguments_mut(
        &mut self,
        arguments: &mut syn::AngleBracketedGenericArguments,
    ) {
        arguments.args.pop_punct();
        visit_mut::visit_angle_bracketed_generic_arguments_mut(self, arguments);
    }

    fn visit_type_array_mut(&mut self, array: &mut syn::TypeArray) {
        array.len = syn::parse_quote!(_);
        visit_mut::visit_type_array_mut(self, array);
    }
}
