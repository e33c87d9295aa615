// SPDX-License-Identifier: MIT OR Apache-2.0
//! The other way round: what Rust defines for C, against the header by which C
//! calls it. Each difference that can be is made, one at a time, on one side
//! and then on the other, and has to be found, with the right item named.

use std::fs;
use std::path::PathBuf;

use ferrule_drift::read::{header, rust};
use ferrule_drift::{
    Allowed, Answers, Files, Names, Options, Plan, Report, Sources, Target,
    ask_all, judge, plan,
};
use ferrule_drift_test::{read_header, root, sources, target};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Fields, FnArg, Item, ReturnType};

/// A library: its folder, its header, and the file that exports.
struct Library {
    folder: &'static str,
    header: &'static str,
    file: &'static str,
}

const LIBRARIES: [Library; 3] = [
    Library {
        folder: "first",
        header: "first.h",
        file: "lib.rs",
    },
    Library {
        folder: "sgzfile",
        header: "sgzfile.h",
        file: "export.rs",
    },
    Library {
        folder: "codec-zlib-rs",
        header: "codec_zlib_rs.h",
        file: "export.rs",
    },
];

impl Library {
    fn path(&self, rest: &str) -> PathBuf {
        root().join("exports").join(self.folder).join(rest)
    }

    fn header(&self) -> PathBuf {
        self.path("include").join(self.header)
    }

    fn file(&self) -> PathBuf {
        self.path("src").join(self.file)
    }

    fn names(&self) -> Names {
        let path = self.path("cbindgen.toml");
        if path.is_file() {
            Names::read(&path).unwrap()
        } else {
            Names::default()
        }
    }

    /// What there is to ask if the file that exports has this text.
    fn plan(
        &self,
        text: Option<&str>,
        header: &header::Header,
        target: &Target,
    ) -> Plan {
        let options = Options {
            partial: false,
            exported: None,
            no_library: "tests/exports looks at the libraries".into(),
            allowed: Allowed::default(),
        };
        let mut files = Files::default();
        if let Some(text) = text {
            files.put(&self.file(), text.to_owned()).unwrap();
        }
        let top = self.path("src/lib.rs");
        let mut all = rust::read(&[top], &mut files, target).unwrap();
        all.export(self.names());
        plan(&all, header, target.machine(), &options)
    }
}

/// A header, as a C compiler is given it.
fn alone(header: PathBuf) -> Sources {
    Sources {
        headers: vec![header],
        own: vec![],
        cflags: vec![],
        cc: sources().cc,
        ..Sources::default()
    }
}

/// With the features that are on by default.
fn this_machine() -> Target {
    let mut target = target();
    target.insert("feature=\"plugin\"");
    target
}

/// A text with one difference, and the item that it is in.
struct Mutant {
    kind: &'static str,
    item: String,
    text: String,
}

/// Another type than this one; nothing if C would not see the difference.
fn another(ty: &str) -> Option<String> {
    let text = match ty {
        "u32" | "usize" => "u16".to_owned(),
        "u64" | "c_int" => "u32".to_owned(),
        "Status" | "Answer" => "u64".to_owned(),
        _ if ty.starts_with("*const ") => ty.replacen("const", "mut", 1),
        _ if ty.starts_with("*mut ") => ty.replacen("mut", "const", 1),
        _ if ty.starts_with("Option<&mut ") => ty.replacen("&mut ", "&", 1),
        _ if ty.starts_with("Option<&") => ty.replacen('&', "&mut ", 1),
        _ if ty.starts_with("Option<Box<") => {
            ty.replacen("Box<", "&'static Box<", 1)
        }
        _ => return None,
    };
    Some(text)
}

/// Collects mutants of one text.
struct Maker<'a> {
    text: &'a str,
    all: Vec<Mutant>,
}

impl Maker<'_> {
    /// The text with `node` written as `new`.
    fn put(
        &mut self,
        kind: &'static str,
        item: &str,
        node: &dyn Spanned,
        new: &str,
    ) {
        let at = node.span().byte_range();
        let text = self.text;
        self.all.push(Mutant {
            kind,
            item: item.to_owned(),
            text: [&text[..at.start], new, &text[at.end..]].concat(),
        });
    }

    fn written(&self, node: &dyn Spanned) -> String {
        self.text[node.span().byte_range()].to_owned()
    }

    fn function(&mut self, f: &syn::ItemFn) {
        let is_export = |attribute: &&syn::Attribute| {
            let text = attribute.to_token_stream().to_string();
            text.contains("no_mangle")
        };
        let Some(export) = f.attrs.iter().find(is_export) else {
            return;
        };
        let name = f.sig.ident.to_string();
        self.put("not exported", &name, export, "");
        self.put("renamed", &name, &f.sig.ident, "another_name");
        let named = format!("#[unsafe(export_name = \"{name}_\")]");
        self.put("another symbol", &name, export, &named);
        self.put("Rust's ABI", &name, &f.sig.abi, "");
        for input in &f.sig.inputs {
            let FnArg::Typed(input) = input else {
                continue;
            };
            let ty = self.written(&input.ty);
            if let Some(other) = another(&ty) {
                self.put("another parameter", &name, &input.ty, &other);
            }
            if let Some(inner) = ty.strip_prefix("Option<") {
                let inner = inner.trim_end_matches('>').to_owned()
                    + if inner.starts_with("Box") { ">" } else { "" };
                self.put("never NULL", &name, &input.ty, &inner);
            }
            if ty == "c_int" {
                let status = if self.text.contains("enum Status") {
                    "Status"
                } else {
                    "Answer"
                };
                self.put("an enum from C", &name, &input.ty, status);
            }
        }
        let inputs: Vec<String> = f
            .sig
            .inputs
            .iter()
            .map(|input| self.written(input))
            .collect();
        let more = format!("more: u32, {}", inputs.join(", "));
        self.put(
            "one parameter more",
            &name,
            &f.sig.paren_token.span.join(),
            &format!("({more})"),
        );
        if let Some((_, fewer)) = inputs.split_last() {
            let fewer = fewer.join(", ");
            self.put("one parameter less", &name, &f.sig.inputs, &fewer);
        }
        if let ReturnType::Type(_, ty) = &f.sig.output {
            if let Some(other) = another(&self.written(ty)) {
                self.put("another result", &name, ty, &other);
            }
            self.put("no result", &name, &f.sig.output, "");
        }
    }

    fn fields(&mut self, s: &syn::ItemStruct, item: &str) {
        let Some(repr) = s.attrs.iter().find(|a| a.path().is_ident("repr"))
        else {
            return; // C does not see into it
        };
        self.put("no repr(C)", item, repr, "");
        let Fields::Named(fields) = &s.fields else {
            return;
        };
        for field in &fields.named {
            self.put("a field less", item, field, "_unused: ()");
            let name = field.ident.as_ref().unwrap();
            self.put("a renamed field", item, name, "another");
            let other = another(&self.written(&field.ty));
            let other = other.unwrap_or("u8".to_owned());
            self.put("another field", item, &field.ty, &other);
        }
    }

    fn variants(&mut self, e: &syn::ItemEnum, item: &str, names: &Names) {
        if !e.attrs.iter().any(|a| a.path().is_ident("repr")) {
            return;
        }
        for variant in &e.variants {
            let name = variant.ident.to_string();
            let c = names.enumerator(item, &name);
            self.put("another name", &c, &variant.ident, "Novel");
            if let Some((_, value)) = &variant.discriminant {
                self.put("another value", &c, value, "77");
            }
        }
        let repr = e.attrs.iter().find(|a| a.path().is_ident("repr")).unwrap();
        self.put("no repr(C)", item, repr, "");
    }
}

/// What can be wrong in the file that exports.
fn mutants_of_rust(text: &str, names: &Names) -> Vec<Mutant> {
    let c = |name: &syn::Ident| names.ty(&name.to_string()).to_owned();
    let mut maker = Maker { text, all: vec![] };
    for item in syn::parse_file(text).unwrap().items {
        match &item {
            Item::Fn(f) => maker.function(f),
            Item::Struct(s) => maker.fields(s, &c(&s.ident)),
            Item::Enum(e) => {
                let name = c(&e.ident);
                maker.variants(e, &name, names);
            }
            Item::Const(constant) if constant.ident != "_" => {
                let name = constant.ident.to_string();
                maker.put("another constant", &name, &constant.expr, "5");
            }
            _ => {}
        }
    }
    maker.all
}

/// Whether what drifts is this item.
fn finds(report: &Report, item: &str) -> bool {
    let part = format!("{item}.");
    report
        .drift
        .iter()
        .any(|finding| finding.item == item || finding.item.starts_with(&part))
}

#[test]
fn each_header_is_what_rust_exports() {
    if read_header().is_none() {
        return;
    }
    let target = this_machine();
    for library in &LIBRARIES {
        let sources = alone(library.header());
        let header = header::read(&sources).unwrap();
        let plan = library.plan(None, &header, &target);
        let report = judge(plan, &sources, &mut Answers::default()).unwrap();
        println!("{}:\n{report}", library.folder);
        assert!(report.is_clean());
        assert!(report.items() > 0);
    }
}

#[test]
fn every_difference_in_rust_is_found_and_named() {
    if read_header().is_none() {
        return;
    }
    let target = this_machine();
    let (mut made, mut wrong) = (0, vec![]);
    for library in &LIBRARIES {
        let sources = alone(library.header());
        let header = header::read(&sources).unwrap();
        let text = fs::read_to_string(library.file()).unwrap();
        let mutants = mutants_of_rust(&text, &library.names());
        assert!(!mutants.is_empty());
        let plans: Vec<Plan> = mutants
            .iter()
            .map(|mutant| library.plan(Some(&mutant.text), &header, &target))
            .collect();
        let mut answers = Answers::default();
        ask_all(&plans, &sources, &mut answers).unwrap();
        for (mutant, plan) in mutants.iter().zip(plans) {
            made += 1;
            let report = plan.report(&answers);
            if !finds(&report, &mutant.item) {
                wrong.push(format!("{}: {}", mutant.kind, mutant.item));
            }
        }
    }
    println!("{made} mutants");
    assert!(made > 300, "{made} mutants");
    assert!(wrong.is_empty(), "not found:\n{}", wrong.join("\n"));
}

#[test]
fn every_difference_in_a_header_is_found_and_named() {
    if read_header().is_none() {
        return;
    }
    let target = this_machine();
    let cases = [
        (
            "uint64_t sgzfile_size(",
            "uint32_t sgzfile_size(",
            "sgzfile_size",
        ),
        ("void sgzfile_close(", "int sgzfile_close(", "sgzfile_close"),
        (
            "int sgzfile_error_errno(const struct sgzfile_error *error);",
            "",
            "sgzfile_error_errno",
        ),
        (
            "void sgzfile_string_free(char *text);",
            "void sgzfile_string_free(const char *text);",
            "sgzfile_string_free",
        ),
        (
            "const char *sgzfile_version(void);",
            "const char *sgzfile_version(void);\nvoid sgzfile_novel(void);",
            "sgzfile_novel",
        ),
        ("uint64_t plain;", "uint32_t plain;", "sgzfile_sizes"),
        ("uint64_t plain;", "uint64_t novel;", "sgzfile_sizes"),
        (
            "uint8_t *data;",
            "uint8_t *data;\nint more;",
            "sgzfile_bytes",
        ),
        (
            "(void *ctx, const void *data,",
            "(void *ctx, void *data,",
            "sgzfile_sink",
        ),
        (
            "_STATUS_DATA = -3,",
            "_STATUS_DATA = -13,",
            "SGZFILE_STATUS_DATA",
        ),
        (
            "SGZFILE_STATUS_PANIC = -7,",
            "SGZFILE_STATUS_PANIC = -7, SGZFILE_STATUS_X = 9,",
            "SGZFILE_STATUS_X",
        ),
        (
            "_DEFAULT_LEVEL 6",
            "_DEFAULT_LEVEL 7",
            "SGZFILE_DEFAULT_LEVEL",
        ),
        (
            "#define SGZFILE_DEFAULT_LEVEL 6",
            "",
            "SGZFILE_DEFAULT_LEVEL",
        ),
    ];
    let library = &LIBRARIES[1];
    let text = fs::read_to_string(library.header()).unwrap();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    for (at, (from, to, item)) in cases.iter().enumerate() {
        assert!(text.contains(from), "{from}");
        let path = folder.join(format!("sgzfile_{at}.h"));
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let sources = alone(path);
        let header = header::read(&sources).unwrap();
        let plan = library.plan(None, &header, &target);
        let report = judge(plan, &sources, &mut Answers::default()).unwrap();
        assert!(finds(&report, item), "{from} -> {to}\n{report}");
    }
}
