// SPDX-License-Identifier: MIT OR Apache-2.0
//! libclang, as far as reading declarations needs it: the one module here with
//! unsafe code in it.
//!
//! # Invariants
//!
//! A [`Unit`] is made by the only function that loads libclang, on the thread
//! that loaded it, and neither it nor what it hands out is `Send`: wherever one
//! is, libclang is loaded. Cursors and types borrow the unit that they are of.

use std::ffi::{CStr, CString, c_uint};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::ptr;

use clang_sys::*;

/// A translation unit.
///
/// # Invariants
///
/// Both handles came from libclang, are disposed of once, in `drop`, and
/// libclang is loaded on this thread: the raw pointers keep it here.
#[derive(Debug)]
pub struct Unit {
    index: CXIndex,
    raw: CXTranslationUnit,
}

/// A node of a unit's syntax tree.
#[derive(Clone, Copy)]
pub struct Cursor<'u> {
    raw: CXCursor,
    unit: PhantomData<&'u Unit>,
}

/// A type in a unit.
#[derive(Clone, Copy)]
pub struct Type<'u> {
    raw: CXType,
    unit: PhantomData<&'u Unit>,
}

/// A place in a file: bytes and lines are both of the file, after macros have
/// been expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extent {
    /// The file, as the compiler names it.
    pub file: PathBuf,
    /// Its line, from 1.
    pub line: u32,
    /// Its first byte.
    pub start: usize,
    /// The byte after its last one.
    pub end: usize,
}

/// What a compiler has to say.
#[derive(Debug, Clone)]
pub struct Complaint {
    /// As one line.
    pub text: String,
    /// The file's name.
    pub file: PathBuf,
    /// Its line.
    pub line: u32,
}

/// Load libclang on this thread, or say why it cannot be.
pub fn load() -> Result<(), String> {
    clang_sys::load()
}

/// How libclang calls itself; it has been loaded on this thread.
pub fn version() -> String {
    if clang_sys::load().is_err() {
        return String::new();
    }
    // SAFETY: Unit/Invariants: libclang was loaded above.
    unsafe { string(clang_getClangVersion()) }
}

impl Unit {
    /// Parse `text` as the C file `name`, with the compiler's `args`.
    pub fn parse(
        name: &str,
        text: &str,
        args: &[String],
    ) -> Result<Self, String> {
        clang_sys::load()?;
        let c_text = |text: &str| CString::new(text).map_err(|e| e.to_string());
        let words = args.iter().map(|arg| c_text(arg));
        let words: Vec<CString> = words.collect::<Result<_, _>>()?;
        let args: Vec<_> = words.iter().map(|word| word.as_ptr()).collect();
        let name = c_text(name)?;
        let mut file = CXUnsavedFile {
            Filename: name.as_ptr(),
            Contents: text.as_ptr().cast(),
            Length: text.len().try_into().map_err(|_| "too long")?,
        };
        let count = i32::try_from(args.len()).map_err(|_| "too many")?;
        let options = CXTranslationUnit_DetailedPreprocessingRecord
            | CXTranslationUnit_SkipFunctionBodies;
        // SAFETY: Unit/Invariants: libclang was loaded above. `name`, `text`
        // and `args` outlive the calls, and their lengths are theirs.
        let (index, raw) = unsafe {
            let index = clang_createIndex(0, 0);
            let raw = clang_parseTranslationUnit(
                index,
                name.as_ptr(),
                args.as_ptr(),
                count,
                &raw mut file,
                1,
                options,
            );
            (index, raw)
        };
        if raw.is_null() {
            // SAFETY: Unit/Invariants: it was made above and is not kept.
            unsafe { clang_disposeIndex(index) };
            return Err("libclang cannot read it at all".to_owned());
        }
        Ok(Self { index, raw })
    }

    /// Errors, in order.
    pub fn errors(&self) -> Vec<Complaint> {
        // SAFETY: Unit/Invariants: the handle is alive.
        let count = unsafe { clang_getNumDiagnostics(self.raw) };
        (0..count).filter_map(|at| self.error(at)).collect()
    }

    fn error(&self, at: c_uint) -> Option<Complaint> {
        // SAFETY: Unit/Invariants: the handle is alive, `at` is below the
        // number of diagnostics, and what is got is disposed of here.
        unsafe {
            let raw = clang_getDiagnostic(self.raw, at);
            let severity = clang_getDiagnosticSeverity(raw);
            let text = string(clang_getDiagnosticSpelling(raw));
            let place = position(clang_getDiagnosticLocation(raw));
            clang_disposeDiagnostic(raw);
            (severity >= CXDiagnostic_Error).then_some(Complaint {
                text,
                file: place.file,
                line: place.line,
            })
        }
    }

    /// What stands at the top of the unit, macros included.
    pub fn items(&self) -> Vec<Cursor<'_>> {
        // SAFETY: Unit/Invariants: the handle is alive.
        let raw = unsafe { clang_getTranslationUnitCursor(self.raw) };
        let root = Cursor {
            raw,
            unit: PhantomData,
        };
        root.children()
    }

    /// The words that `cursor` is written with.
    pub fn tokens(&self, cursor: Cursor<'_>) -> Vec<String> {
        let mut tokens = ptr::null_mut();
        let mut count = 0;
        // SAFETY: Unit/Invariants: the handle is alive; libclang gives an
        // array of `count` tokens, read within it and given back here.
        unsafe {
            let range = clang_getCursorExtent(cursor.raw);
            clang_tokenize(self.raw, range, &raw mut tokens, &raw mut count);
            let all = (0..count as usize)
                .map(|at| {
                    let token = *tokens.add(at);
                    string(clang_getTokenSpelling(self.raw, token))
                })
                .collect();
            clang_disposeTokens(self.raw, tokens, count);
            all
        }
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        // SAFETY: Unit/Invariants: once, and the unit before its index.
        unsafe {
            clang_disposeTranslationUnit(self.raw);
            clang_disposeIndex(self.index);
        }
    }
}

extern "C" fn gather(
    cursor: CXCursor,
    _: CXCursor,
    all: CXClientData,
) -> CXChildVisitResult {
    // SAFETY: Cursor::children/Safety: `all` is the vector that it passed,
    // which nobody else touches meanwhile.
    let all = unsafe { &mut *all.cast::<Vec<CXCursor>>() };
    all.push(cursor);
    CXChildVisit_Continue
}

impl<'u> Cursor<'u> {
    /// The nodes right below.
    ///
    /// # Safety
    ///
    /// None for callers: the visitor gets a vector of this frame.
    pub fn children(self) -> Vec<Self> {
        let mut all: Vec<CXCursor> = vec![];
        // SAFETY: Unit/Invariants: it is of a live unit, and `gather` is
        // called before this returns, with `all`.
        unsafe {
            clang_visitChildren(self.raw, gather, (&raw mut all).cast());
        }
        let unit = PhantomData;
        all.into_iter().map(|raw| Self { raw, unit }).collect()
    }

    /// What it is: one of libclang's `CXCursor_*`.
    pub fn kind(self) -> CXCursorKind {
        // SAFETY: Unit/Invariants: it is of a live unit.
        unsafe { clang_getCursorKind(self.raw) }
    }

    /// Its name, if it has one.
    pub fn name(self) -> String {
        // SAFETY: Unit/Invariants: it is of a live unit.
        unsafe { string(clang_getCursorSpelling(self.raw)) }
    }

    /// Where it stands.
    pub fn extent(self) -> Extent {
        // SAFETY: Unit/Invariants: it is of a live unit.
        let (start, end, at) = unsafe {
            let range = clang_getCursorExtent(self.raw);
            (
                position(clang_getRangeStart(range)),
                position(clang_getRangeEnd(range)),
                position(clang_getCursorLocation(self.raw)),
            )
        };
        Extent {
            line: at.line,
            ..Extent {
                end: end.start,
                ..start
            }
        }
    }

    /// Its type.
    pub fn ty(self) -> Type<'u> {
        // SAFETY: Unit/Invariants: it is of a live unit.
        self.typed(unsafe { clang_getCursorType(self.raw) })
    }

    /// Of a typedef: what it stands for.
    pub fn typedef(self) -> Type<'u> {
        // SAFETY: Unit/Invariants: it is of a live unit.
        self.typed(unsafe { clang_getTypedefDeclUnderlyingType(self.raw) })
    }

    /// Of an enumerator: its value.
    pub fn value(self) -> i128 {
        // SAFETY: Unit/Invariants: it is of a live unit.
        unsafe { clang_getEnumConstantDeclValue(self.raw).into() }
    }

    /// Of a variable with a constant value: that value, as text.
    pub fn constant(self) -> Option<String> {
        // SAFETY: Unit/Invariants: it is of a live unit; the result is
        // disposed of here, once, after its text was copied.
        unsafe {
            let result = clang_Cursor_Evaluate(self.raw);
            if result.is_null() {
                return None;
            }
            #[allow(non_upper_case_globals)]
            let text = match clang_EvalResult_getKind(result) {
                CXEval_Int if clang_EvalResult_isUnsignedInt(result) != 0 => {
                    Some(clang_EvalResult_getAsUnsigned(result).to_string())
                }
                CXEval_Int => {
                    Some(clang_EvalResult_getAsLongLong(result).to_string())
                }
                CXEval_Float => {
                    Some(clang_EvalResult_getAsDouble(result).to_string())
                }
                CXEval_StrLiteral => {
                    let text = clang_EvalResult_getAsStr(result);
                    let text = CStr::from_ptr(text).to_bytes();
                    Some(format!("\"{}\"", text.escape_ascii()))
                }
                _ => None,
            };
            clang_EvalResult_dispose(result);
            text
        }
    }

    /// Of a field: where it lies, in bits.
    pub fn field_offset(self) -> Option<u64> {
        // SAFETY: Unit/Invariants: it is of a live unit.
        let offset = unsafe { clang_Cursor_getOffsetOfField(self.raw) };
        u64::try_from(offset).ok()
    }

    /// Of a bitfield: its bits.
    pub fn bits(self) -> Option<u32> {
        // SAFETY: Unit/Invariants: it is of a live unit.
        let bits = unsafe { clang_getFieldDeclBitWidth(self.raw) };
        u32::try_from(bits).ok()
    }

    /// Of a type: whether this is where it is defined.
    pub fn is_definition(self) -> bool {
        // SAFETY: Unit/Invariants: it is of a live unit.
        unsafe { clang_isCursorDefinition(self.raw) != 0 }
    }

    /// Of a struct or union in another: no name and no field, so that its
    /// fields are the outer one's.
    pub fn is_anonymous(self) -> bool {
        // SAFETY: Unit/Invariants: it is of a live unit.
        unsafe { clang_Cursor_isAnonymous(self.raw) != 0 }
    }

    /// Of a function: whether it is the header's own and in no library.
    pub fn is_static(self) -> bool {
        // SAFETY: Unit/Invariants: it is of a live unit.
        unsafe { clang_Cursor_getStorageClass(self.raw) == CX_SC_Static }
    }

    /// Of a variable: whether each thread has one of its own.
    pub fn is_thread_local(self) -> bool {
        // SAFETY: Unit/Invariants: it is of a live unit.
        unsafe { clang_getCursorTLSKind(self.raw) != CXTLS_None }
    }

    /// Of a macro: whether it takes arguments.
    pub fn takes_arguments(self) -> bool {
        // SAFETY: Unit/Invariants: it is of a live unit.
        unsafe { clang_Cursor_isMacroFunctionLike(self.raw) != 0 }
    }

    /// The declaration as clang writes it, attributes and all.
    pub fn pretty(self) -> String {
        // SAFETY: Unit/Invariants: it is of a live unit; the policy is
        // disposed of here.
        unsafe {
            let policy = clang_getCursorPrintingPolicy(self.raw);
            clang_PrintingPolicy_setProperty(
                policy,
                CXPrintingPolicy_TerseOutput,
                1,
            );
            let text = string(clang_getCursorPrettyPrinted(self.raw, policy));
            clang_PrintingPolicy_dispose(policy);
            text
        }
    }

    fn typed(self, raw: CXType) -> Type<'u> {
        Type {
            raw,
            unit: self.unit,
        }
    }
}

impl Type<'_> {
    /// What it is, typedefs resolved: one of libclang's `CXType_*`.
    pub fn kind(self) -> CXTypeKind {
        self.raw.kind
    }

    /// As the source says it.
    pub fn spelling(self) -> String {
        // SAFETY: Unit/Invariants: it is of a live unit.
        unsafe { string(clang_getTypeSpelling(self.raw)) }
    }

    /// Without typedefs.
    #[must_use]
    pub fn canonical(self) -> Self {
        // SAFETY: Unit/Invariants: it is of a live unit.
        self.of(unsafe { clang_getCanonicalType(self.raw) })
    }

    /// Of a pointer: what it points to.
    #[must_use]
    pub fn pointee(self) -> Self {
        // SAFETY: Unit/Invariants: it is of a live unit.
        self.of(unsafe { clang_getPointeeType(self.raw) })
    }

    /// Of an array: what it holds.
    #[must_use]
    pub fn element(self) -> Self {
        // SAFETY: Unit/Invariants: it is of a live unit.
        self.of(unsafe { clang_getArrayElementType(self.raw) })
    }

    /// Of an array: how many.
    pub fn array_len(self) -> u64 {
        // SAFETY: Unit/Invariants: it is of a live unit.
        let len = unsafe { clang_getArraySize(self.raw) };
        u64::try_from(len).unwrap_or(0)
    }

    /// Of a function: what it returns.
    #[must_use]
    pub fn result(self) -> Self {
        // SAFETY: Unit/Invariants: it is of a live unit.
        self.of(unsafe { clang_getResultType(self.raw) })
    }

    /// Of a function: what it takes.
    pub fn arguments(self) -> Vec<Self> {
        // SAFETY: Unit/Invariants: it is of a live unit.
        let count = unsafe { clang_getNumArgTypes(self.raw) };
        (0..u32::try_from(count).unwrap_or(0))
            // SAFETY: Unit/Invariants: of a live unit, and `at` in range.
            .map(|at| self.of(unsafe { clang_getArgType(self.raw, at) }))
            .collect()
    }

    /// Of a function: one of libclang's `CXCallingConv_*`.
    pub fn convention(self) -> CXCallingConv {
        // SAFETY: Unit/Invariants: it is of a live unit.
        unsafe { clang_getFunctionTypeCallingConv(self.raw) }
    }

    /// Of a function: whether it takes more than it names.
    pub fn is_variadic(self) -> bool {
        // SAFETY: Unit/Invariants: it is of a live unit.
        unsafe { clang_isFunctionTypeVariadic(self.raw) != 0 }
    }

    /// Whether it is `const` itself.
    pub fn is_const(self) -> bool {
        // SAFETY: Unit/Invariants: it is of a live unit.
        unsafe { clang_isConstQualifiedType(self.raw) != 0 }
    }

    /// Whether it is `volatile` itself.
    pub fn is_volatile(self) -> bool {
        // SAFETY: Unit/Invariants: it is of a live unit.
        unsafe { clang_isVolatileQualifiedType(self.raw) != 0 }
    }

    /// Its size in bytes, if it has one.
    /// Of a record: where the field `name` lies in it, in bits. Those of
    /// members without a name are its own.
    pub fn offset_of(self, name: &str) -> Option<u64> {
        let name = std::ffi::CString::new(name).ok()?;
        // SAFETY: Unit/Invariants: it is of a live unit; std CString: the text
        // lives as long as the call.
        let offset = unsafe { clang_Type_getOffsetOf(self.raw, name.as_ptr()) };
        u64::try_from(offset).ok()
    }

    /// In bytes.
    pub fn size(self) -> Option<u64> {
        // SAFETY: Unit/Invariants: it is of a live unit.
        let size = unsafe { clang_Type_getSizeOf(self.raw) };
        u64::try_from(size).ok()
    }

    /// In bytes.
    pub fn align(self) -> Option<u64> {
        // SAFETY: Unit/Invariants: it is of a live unit.
        let align = unsafe { clang_Type_getAlignOf(self.raw) };
        u64::try_from(align).ok()
    }

    fn of(self, raw: CXType) -> Self {
        Self {
            raw,
            unit: self.unit,
        }
    }
}

/// What `raw` holds.
///
/// # Safety
///
/// libclang gave `raw`, and nobody disposes of it but this function.
unsafe fn string(raw: CXString) -> String {
    // SAFETY: string/Safety: the text lives until it is disposed of.
    unsafe {
        let text = clang_getCString(raw);
        let copy = if text.is_null() {
            String::new()
        } else {
            CStr::from_ptr(text).to_string_lossy().into_owned()
        };
        clang_disposeString(raw);
        copy
    }
}

/// Where `raw` lies: `start` and `end` are the same byte.
///
/// # Safety
///
/// libclang gave `raw`, and its unit is alive.
unsafe fn position(raw: CXSourceLocation) -> Extent {
    let mut file = ptr::null_mut();
    let (mut line, mut column, mut offset) = (0, 0, 0);
    // SAFETY: position/Safety: four places of this frame are written.
    let name = unsafe {
        clang_getExpansionLocation(
            raw,
            &raw mut file,
            &raw mut line,
            &raw mut column,
            &raw mut offset,
        );
        if file.is_null() {
            String::new()
        } else {
            string(clang_getFileName(file))
        }
    };
    Extent {
        file: Path::new(&name).to_path_buf(),
        line,
        start: offset as usize,
        end: offset as usize,
    }
}
