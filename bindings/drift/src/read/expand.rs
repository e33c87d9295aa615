// SPDX-License-Identifier: MIT OR Apache-2.0
//! `macro_rules!`, as far as bindings use them: a declaration that a macro of
//! the same crate makes is checked like any other.
//!
//! Not hygienic, and without nested definitions. What does not match is
//! reported as not understood, and never guessed.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use proc_macro2::{Delimiter, Group, Ident, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, ForeignItem, ImplItem, Item, Lit, Macro};

use crate::place::By;
use crate::read::items::Crate;
use crate::read::lookup::{Asked, Found};

/// The macros that are defined so far.
#[derive(Debug, Default, Clone)]
pub struct Macros {
    /// What `env!` gives.
    pub environment: BTreeMap<String, String>,
    rules: HashMap<String, Rules>,
}

/// A macro.
#[derive(Debug, Clone)]
struct Rules {
    by: By,
    all: Rc<[Rule]>,
    /// `#[macro_export]`
    exported: bool,
}

/// `(pattern) => { body }`
#[derive(Debug)]
struct Rule {
    pattern: Vec<TokenTree>,
    body: Vec<TokenTree>,
}

/// What the names of a pattern, or of one round of a repetition, stand for.
type Bindings = HashMap<String, Binding>;

/// What a `$name` stands for. All names of a repetition share its rounds.
#[derive(Debug, Clone)]
enum Binding {
    Leaf(TokenStream),
    Repeated(Rc<[Bindings]>),
}

/// The names that a part of a body may use: those of the round, and of what
/// is around it.
#[derive(Clone, Copy)]
struct Scope<'b> {
    names: &'b Bindings,
    around: Option<&'b Scope<'b>>,
}

impl<'b> Scope<'b> {
    fn get(&self, name: &str) -> Option<&'b Binding> {
        let around = || self.around?.get(name);
        self.names.get(name).or_else(around)
    }
}

impl Macros {
    /// `macro_rules! name { tokens }`
    pub fn define(&mut self, by: By, tokens: &TokenStream, exported: bool) {
        let mut rules = vec![];
        let all: Vec<TokenTree> = tokens.clone().into_iter().collect();
        for rule in all.split(is(';')) {
            // (pattern) => { body }
            if let [TokenTree::Group(pattern), _, _, TokenTree::Group(body)] =
                rule
            {
                rules.push(Rule {
                    pattern: pattern.stream().into_iter().collect(),
                    body: body.stream().into_iter().collect(),
                });
            }
        }
        let all = rules.into();
        let name = by.name.clone();
        self.rules.insert(name, Rules { by, all, exported });
    }

    /// Whether `name` is defined, for this crate or for others.
    fn has(&self, name: &str, outside: bool) -> bool {
        let found = self.rules.get(name);
        found.is_some_and(|rules| rules.exported || !outside)
    }
}

impl Crate {
    /// The macro that `path` names, and the crate that it is of, as this one
    /// reaches it.
    fn rules(
        &self,
        path: &[String],
        outside: bool,
    ) -> Result<(&Rules, Vec<String>), String> {
        let has = &|all: &Crate, name: &str, outside: bool| {
            all.macros.has(name, outside)
        };
        let mut found = self.find(path, Asked { has, outside });
        if let ([name], true) = (path, found.is_empty()) {
            let crates = self.macro_crates.iter();
            found.extend(
                crates.map(|of| Found::There(of.clone(), vec![name.clone()])),
            );
        }
        let mut why = None;
        for one in found {
            let (root, rest) = match one {
                Found::Here(name) => {
                    let rules = self.macros.rules.get(&name);
                    let rules = rules.map(|rules| (rules, vec![]));
                    return rules.ok_or_else(|| not_known(path));
                }
                Found::There(root, rest) => (root, rest),
                Found::Std(_) => continue,
            };
            match self.rules_there(&root, &rest) {
                Ok((rules, mut way)) => {
                    way.insert(0, root);
                    return Ok((rules, way));
                }
                Err(other) => why = why.or(Some(other)),
            }
        }
        Err(why.unwrap_or_else(|| not_known(path)))
    }

    fn rules_there(
        &self,
        root: &str,
        rest: &[String],
    ) -> Result<(&Rules, Vec<String>), String> {
        let Some(other) = self.dependencies.get(root) else {
            return Err(format!(
                "what the macro {}! declares is not known: the crate {root} \
                 was not given",
                rest.join("::")
            ));
        };
        if other.procedural() {
            return Err(format!(
                "what the macro {}! declares is not known: it is a procedural \
                 macro, which is a program",
                rest.join("::")
            ));
        }
        other.get()?.rules(rest, true)
    }

    /// What a call stands for.
    fn expand(&self, call: &Macro) -> Result<(TokenStream, &By), String> {
        let path = crate::read::lookup::names(&call.path);
        let (rules, way) = self.rules(&path, false)?;
        let name = path.join("::");
        for rule in rules.all.iter() {
            if let Some(names) = matches(&rule.pattern, &call.tokens) {
                let scope = Scope {
                    names: &names,
                    around: None,
                };
                let body = if way.is_empty() {
                    Cow::Borrowed(&*rule.body)
                } else {
                    Cow::Owned(moved(&rule.body, &way))
                };
                return Ok((transcribe(&body, scope), &rules.by));
            }
        }
        Err(format!(
            "no rule of the macro {name}! matches, as far as they are understood"
        ))
    }

    /// A call that stands for items.
    pub fn macro_items(&self, call: &Macro) -> Result<(Vec<Item>, By), String> {
        let made = self.made(call, |tokens| tokens);
        made.map(|(file, by): (syn::File, _)| (file.items, by))
    }

    /// A call that stands for parts of an `impl`.
    pub fn macro_impl_items(
        &self,
        call: &Macro,
    ) -> Result<(Vec<ImplItem>, By), String> {
        let made = self.made(call, |tokens| quote!(impl X { #tokens }));
        made.map(|(block, by): (syn::ItemImpl, _)| (block.items, by))
    }

    /// The same in an extern block.
    pub fn macro_foreign_items(
        &self,
        call: &Macro,
    ) -> Result<(Vec<ForeignItem>, By), String> {
        let made = self.made(call, |tokens| quote!(extern "C" { #tokens }));
        made.map(|(block, by): (syn::ItemForeignMod, _)| (block.items, by))
    }

    /// What a call comes to, in what stands `around` it.
    fn made<T: syn::parse::Parse>(
        &self,
        call: &Macro,
        around: impl FnOnce(TokenStream) -> TokenStream,
    ) -> Result<(T, By), String> {
        let (tokens, by) = self.expand(call)?;
        syn::parse2(around(tokens))
            .map(|made| (made, by.clone()))
            .map_err(|error| format!("its expansion does not parse: {error}"))
    }

    /// A call that stands for a type.
    pub fn macro_type(&self, call: &Macro) -> Result<syn::Type, String> {
        let (tokens, _) = self.expand(call)?;
        syn::parse2(tokens).map_err(|error| error.to_string())
    }

    /// A call that stands for a value.
    pub fn macro_expr(&self, call: &Macro) -> Result<Expr, String> {
        let (tokens, _) = self.expand(call)?;
        syn::parse2(tokens).map_err(|error| error.to_string())
    }

    /// The text that `expr` is: a literal, `concat!`, `stringify!`, or a macro
    /// of these files that comes to one.
    pub fn text(&self, expr: &Expr) -> Option<String> {
        self.text_at(expr, 0)
    }

    fn text_at(&self, expr: &Expr, depth: u32) -> Option<String> {
        if depth > 64 {
            return None;
        }
        match expr {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value()),
                Lit::Int(number) => Some(number.base10_digits().to_owned()),
                Lit::Char(one) => Some(one.value().to_string()),
                Lit::Bool(truth) => Some(truth.value.to_string()),
                _ => None,
            },
            Expr::Group(group) => self.text_at(&group.expr, depth + 1),
            Expr::Paren(paren) => self.text_at(&paren.expr, depth + 1),
            Expr::Block(block) => match block.block.stmts.as_slice() {
                [syn::Stmt::Expr(expr, None)] => self.text_at(expr, depth + 1),
                [syn::Stmt::Macro(call)] => {
                    self.call_text(&call.mac, depth + 1)
                }
                _ => None,
            },
            Expr::Macro(call) => self.call_text(&call.mac, depth + 1),
            _ => None,
        }
    }

    fn call_text(&self, call: &Macro, depth: u32) -> Option<String> {
        if call.path.is_ident("stringify") {
            return Some(call.tokens.to_string().trim().to_owned());
        }
        if call.path.is_ident("env") {
            let name: Expr = syn::parse2(call.tokens.clone()).ok()?;
            let name = self.text_at(&name, depth + 1)?;
            return self.macros.environment.get(&name).cloned();
        }
        if call.path.is_ident("concat") {
            let parts = call.parse_body_with(
                syn::punctuated::Punctuated::<Expr, syn::Token![,]>
                    ::parse_terminated,
            );
            let parts = parts.ok()?;
            return parts
                .iter()
                .map(|part| self.text_at(part, depth + 1))
                .collect();
        }
        self.text_at(&self.macro_expr(call).ok()?, depth + 1)
    }
}

fn not_known(path: &[String]) -> String {
    format!(
        "what the macro {}! declares is not known: it is not defined in these \
         files, and no crate that is known has it",
        path.join("::")
    )
}

/// The body of a macro of another crate, which is reached by `way`: its
/// `$crate` is that crate.
fn moved(body: &[TokenTree], way: &[String]) -> Vec<TokenTree> {
    let mut all = vec![];
    let mut after_dollar = false;
    for token in body {
        let token = match token {
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> =
                    group.stream().into_iter().collect();
                let inner = moved(&inner, way).into_iter().collect();
                TokenTree::Group(Group::new(group.delimiter(), inner))
            }
            other => other.clone(),
        };
        if after_dollar && token.to_string() == "crate" {
            all.pop();
            let names = way.iter().map(|name| Ident::new(name, token.span()));
            let way: TokenStream = quote!(#(#names)::*);
            all.extend(way);
        } else {
            after_dollar = is('$')(&token);
            all.push(token);
        }
    }
    all
}

fn is(punct: char) -> impl Fn(&TokenTree) -> bool {
    move |token| matches!(token, TokenTree::Punct(found) if found.as_char() == punct)
}

fn matches(pattern: &[TokenTree], input: &TokenStream) -> Option<Bindings> {
    let parser = |input: ParseStream<'_>| {
        let mut bindings = Bindings::new();
        match_all(pattern, input, &mut bindings)?;
        if input.is_empty() {
            Ok(bindings)
        } else {
            Err(input.error("more than the rule has"))
        }
    };
    parser.parse2(input.clone()).ok()
}

/// A repetition: `$( inner ) separator? operator`.
struct Repetition<'p> {
    inner: &'p Group,
    separator: Option<&'p TokenTree>,
    operator: char,
    /// How many tokens of the pattern it is, the `$` included.
    len: usize,
}

fn repetition(pattern: &[TokenTree]) -> Option<Repetition<'_>> {
    let [TokenTree::Punct(dollar), TokenTree::Group(inner), rest @ ..] =
        pattern
    else {
        return None;
    };
    if dollar.as_char() != '$' || inner.delimiter() != Delimiter::Parenthesis {
        return None;
    }
    let operator = |token: &TokenTree| match token {
        TokenTree::Punct(found) if "*+?".contains(found.as_char()) => {
            Some(found.as_char())
        }
        _ => None,
    };
    if let Some(operator) = rest.first().and_then(operator) {
        let separator = None;
        return Some(Repetition {
            inner,
            separator,
            operator,
            len: 3,
        });
    }
    let operator = rest.get(1).and_then(operator)?;
    Some(Repetition {
        inner,
        separator: rest.first(),
        operator,
        len: 4,
    })
}

fn match_all(
    pattern: &[TokenTree],
    input: ParseStream<'_>,
    bindings: &mut Bindings,
) -> syn::Result<()> {
    let mut rest = pattern;
    while let Some(first) = rest.first() {
        if let Some(repeated) = repetition(rest) {
            match_repetition(&repeated, input, bindings)?;
            rest = &rest[repeated.len..];
            continue;
        }
        if let [
            TokenTree::Punct(dollar),
            TokenTree::Ident(name),
            TokenTree::Punct(colon),
            TokenTree::Ident(fragment),
            ..,
        ] = rest
        {
            if dollar.as_char() == '$' && colon.as_char() == ':' {
                let tokens = parse_fragment(&fragment.to_string(), input)?;
                bindings.insert(name.to_string(), Binding::Leaf(tokens));
                rest = &rest[4..];
                continue;
            }
        }
        match_token(first, input, bindings)?;
        rest = &rest[1..];
    }
    Ok(())
}

fn match_token(
    expected: &TokenTree,
    input: ParseStream<'_>,
    bindings: &mut Bindings,
) -> syn::Result<()> {
    let found: TokenTree = input.parse()?;
    match (expected, &found) {
        (TokenTree::Group(expected), TokenTree::Group(found))
            if expected.delimiter() == found.delimiter() =>
        {
            let pattern: Vec<TokenTree> =
                expected.stream().into_iter().collect();
            let inner = matches(&pattern, &found.stream());
            let inner = inner.ok_or_else(|| input.error("does not match"))?;
            bindings.extend(inner);
            Ok(())
        }
        (TokenTree::Group(_), _) | (_, TokenTree::Group(_)) => {
            Err(input.error("does not match"))
        }
        _ if expected.to_string() == found.to_string() => Ok(()),
        _ => Err(input.error("does not match")),
    }
}

fn match_repetition(
    repeated: &Repetition<'_>,
    input: ParseStream<'_>,
    bindings: &mut Bindings,
) -> syn::Result<()> {
    let pattern: Vec<TokenTree> = repeated.inner.stream().into_iter().collect();
    let mut rounds = vec![];
    while !input.is_empty() {
        let ahead = input.fork();
        if let (false, Some(separator)) =
            (rounds.is_empty(), repeated.separator)
        {
            let mut none = Bindings::new();
            if match_token(separator, &ahead, &mut none).is_err() {
                break;
            }
        }
        let mut round = Bindings::new();
        if match_all(&pattern, &ahead, &mut round).is_err() {
            break;
        }
        input.advance_to(&ahead);
        rounds.push(round);
        if repeated.operator == '?' {
            break;
        }
    }
    if rounds.is_empty() && repeated.operator == '+' {
        return Err(input.error("at least one is needed"));
    }
    let rounds: Rc<[Bindings]> = rounds.into();
    for name in names(&pattern) {
        bindings.insert(name, Binding::Repeated(Rc::clone(&rounds)));
    }
    Ok(())
}

/// The `$name`s in a pattern or body.
fn names(tokens: &[TokenTree]) -> Vec<String> {
    let mut all = vec![];
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> =
                    group.stream().into_iter().collect();
                all.extend(names(&inner));
            }
            TokenTree::Ident(name) if at > 0 && is('$')(&tokens[at - 1]) => {
                all.push(name.to_string());
            }
            _ => {}
        }
    }
    all
}

fn parse_fragment(
    kind: &str,
    input: ParseStream<'_>,
) -> syn::Result<TokenStream> {
    Ok(match kind {
        "ident" => input.call(syn::Ident::parse_any)?.to_token_stream(),
        "ty" => input.parse::<syn::Type>()?.to_token_stream(),
        "expr" => {
            let tokens = input.parse::<Expr>()?.to_token_stream();
            let group = Group::new(Delimiter::None, tokens);
            TokenTree::Group(group).into()
        }
        "tt" => input.parse::<TokenTree>()?.to_token_stream(),
        "literal" => input.parse::<Lit>()?.to_token_stream(),
        "vis" => input.parse::<syn::Visibility>()?.to_token_stream(),
        "path" => input.parse::<syn::Path>()?.to_token_stream(),
        "block" => input.parse::<syn::Block>()?.to_token_stream(),
        "item" => input.parse::<Item>()?.to_token_stream(),
        "meta" => input.parse::<syn::Meta>()?.to_token_stream(),
        "lifetime" => input.parse::<syn::Lifetime>()?.to_token_stream(),
        "pat" => input.call(syn::Pat::parse_multi)?.to_token_stream(),
        _ => return Err(input.error("a fragment that is not supported")),
    })
}

fn transcribe(body: &[TokenTree], scope: Scope<'_>) -> TokenStream {
    let mut out = vec![];
    transcribe_to(body, scope, &mut out);
    out.into_iter().collect()
}

fn transcribe_to(
    body: &[TokenTree],
    scope: Scope<'_>,
    out: &mut Vec<TokenTree>,
) {
    let mut rest = body;
    while let Some(first) = rest.first() {
        if let Some(repeated) = repetition(rest) {
            transcribe_repetition(&repeated, scope, out);
            rest = &rest[repeated.len..];
            continue;
        }
        if let [TokenTree::Punct(dollar), TokenTree::Ident(name), ..] = rest {
            if dollar.as_char() == '$' {
                match scope.get(&name.to_string()) {
                    Some(Binding::Leaf(tokens)) => out.extend(tokens.clone()),
                    _ => out.push(rest[1].clone()),
                }
                rest = &rest[2..];
                continue;
            }
        }
        out.push(match first {
            TokenTree::Group(group) => {
                let inner: Vec<_> = group.stream().into_iter().collect();
                let inner = transcribe(&inner, scope);
                let mut new = Group::new(group.delimiter(), inner);
                new.set_span(group.span());
                TokenTree::Group(new)
            }
            other => other.clone(),
        });
        rest = &rest[1..];
    }
}

fn transcribe_repetition(
    repeated: &Repetition<'_>,
    scope: Scope<'_>,
    out: &mut Vec<TokenTree>,
) {
    let body: Vec<_> = repeated.inner.stream().into_iter().collect();
    let names = names(&body).into_iter();
    let mut repeating = names.filter_map(|name| match scope.get(&name) {
        Some(Binding::Repeated(rounds)) => Some(rounds),
        _ => None,
    });
    let rounds = repeating.next();
    for (at, round) in rounds.into_iter().flat_map(|r| r.iter()).enumerate() {
        if let (true, Some(separator)) = (at > 0, repeated.separator) {
            let mut separator = separator.clone();
            if let TokenTree::Punct(punct) = &mut separator {
                *punct =
                    proc_macro2::Punct::new(punct.as_char(), Spacing::Alone);
            }
            out.push(separator);
        }
        let scope = Scope {
            names: round,
            around: Some(&scope),
        };
        transcribe_to(&body, scope, out);
    }
}
