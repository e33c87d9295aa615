//! Bindings for many types and functions.
#![allow(non_camel_case_types)]

use std::ffi::{
    CStr, c_char, c_double, c_float, c_int, c_uint, c_ulong, c_void,
};
use std::{ptr, slice};

pub const SCENE_VERSION: c_int = 0x0102;
pub const SCENE_NAME_SIZE: c_int = 16;
pub const SCENE_ROOT_NAME: &CStr = c"root";

// The enums are integers: a later library may have more values.
pub type scene_status = c_int;
pub const SCENE_OK: scene_status = 0;
pub const SCENE_E_MEMORY: scene_status = -1;
pub const SCENE_E_KIND: scene_status = -2;
pub const SCENE_E_LOCKED: scene_status = -3;
pub const SCENE_E_STOPPED: scene_status = -4;
pub const SCENE_E_EMPTY: scene_status = -5;

pub type scene_kind = c_uint;
pub const SCENE_GROUP: scene_kind = 0;
pub const SCENE_CIRCLE: scene_kind = 1;
pub const SCENE_BOX: scene_kind = 2;
pub const SCENE_PATH: scene_kind = 3;

pub const SCENE_HIDDEN: c_uint = 1 << 0;
pub const SCENE_LOCKED: c_uint = 1 << 1;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct scene_point {
    pub x: c_double,
    pub y: c_double,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct scene_box {
    pub low: scene_point,
    pub high: scene_point,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct scene_color {
    pub red: u8,
    pub green: u8,
    pub blue: u8,
    pub alpha: u8,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct scene_circle {
    pub center: scene_point,
    pub radius: c_double,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct scene_path {
    pub points: *const scene_point,
    pub count: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub union scene_form {
    pub circle: scene_circle,
    // `box` is a word of Rust's
    pub r#box: scene_box,
    pub path: scene_path,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct scene_style {
    pub fill: scene_color,
    pub line: scene_color,
    pub width: c_float,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct scene_shape {
    pub kind: scene_kind,
    pub form: scene_form,
    pub style: scene_style,
    pub matrix: [[c_double; 3]; 2],
}

#[repr(C)]
pub struct scene {
    _opaque: [u8; 0],
}

#[repr(C)]
pub struct scene_node {
    _opaque: [u8; 0],
}

type Observed =
    Option<unsafe extern "C" fn(context: *mut c_void, node: *const scene_node)>;

#[repr(C)]
pub struct scene_observer {
    pub added: Observed,
    pub removed: Observed,
    pub context: *mut c_void,
}

pub type scene_visitor = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        node: *mut scene_node,
        depth: c_ulong,
    ) -> bool,
>;

pub type scene_order = Option<
    unsafe extern "C" fn(a: *const scene_node, b: *const scene_node) -> c_int,
>;

unsafe extern "C" {
    pub fn scene_status_text(status: scene_status) -> *const c_char;
    pub fn scene_version() -> u32;

    pub fn scene_mix(
        a: scene_color,
        b: scene_color,
        part: c_float,
    ) -> scene_color;
    pub fn scene_apply(
        matrix: *const [c_double; 3],
        point: scene_point,
    ) -> scene_point;

    pub fn scene_new(
        observer: *const scene_observer,
        scene_out: *mut *mut scene,
    ) -> scene_status;
    pub fn scene_free(scene: *mut scene);
    pub fn scene_root(scene: *mut scene) -> *mut scene_node;
    pub fn scene_find(
        scene: *mut scene,
        name: *const c_char,
    ) -> *mut scene_node;
    pub fn scene_count(scene: *const scene) -> usize;

    pub fn scene_add_group(
        group: *mut scene_node,
        name: *const c_char,
        node_out: *mut *mut scene_node,
    ) -> scene_status;
    pub fn scene_add_shape(
        group: *mut scene_node,
        name: *const c_char,
        shape: *const scene_shape,
        node_out: *mut *mut scene_node,
    ) -> scene_status;
    pub fn scene_remove(node: *mut scene_node) -> scene_status;
    pub fn scene_node_name(node: *const scene_node) -> *const c_char;
    pub fn scene_node_kind(node: *const scene_node) -> scene_kind;
    pub fn scene_node_parent(node: *const scene_node) -> *mut scene_node;
    pub fn scene_node_shape(node: *const scene_node) -> *const scene_shape;
    pub fn scene_node_flags(node: *const scene_node) -> c_uint;
    pub fn scene_node_set_flags(node: *mut scene_node, flags: c_uint);
    pub fn scene_node_set_style(
        node: *mut scene_node,
        style: *const scene_style,
    ) -> scene_status;
    pub fn scene_node_bounds(
        node: *const scene_node,
        box_out: *mut scene_box,
    ) -> scene_status;
    pub fn scene_node_describe(
        node: *const scene_node,
        out: *mut c_char,
        size: usize,
    ) -> usize;

    pub fn scene_visit(
        node: *mut scene_node,
        visitor: scene_visitor,
        context: *mut c_void,
    ) -> scene_status;
    pub fn scene_sort(
        group: *mut scene_node,
        order: scene_order,
    ) -> scene_status;
}

/// What survey() finds out.
#[repr(C)]
struct Survey {
    bounds: [f64; 4],
    added: u64,
    removed: u64,
    count: u64,
    deepest: u64,
    locked: i32,
    text: [c_char; 48],
}

unsafe extern "C" fn added(context: *mut c_void, _node: *const scene_node) {
    // SAFETY: task.md: scene_observer: context is the counts of survey().
    unsafe { (*context.cast::<[u64; 2]>())[0] += 1 }
}

unsafe extern "C" fn removed(context: *mut c_void, _node: *const scene_node) {
    // SAFETY: task.md: scene_observer: context is the counts of survey().
    unsafe { (*context.cast::<[u64; 2]>())[1] += 1 }
}

unsafe extern "C" fn deepest(
    context: *mut c_void,
    _node: *mut scene_node,
    depth: c_ulong,
) -> bool {
    // SAFETY: task.md: scene_visit: context is the number of fill().
    let deepest = unsafe { &mut *context.cast::<c_ulong>() };
    *deepest = depth.max(*deepest);
    true
}

/// Makes a scene whose observer counts what is added and removed. In the root
/// is a group "group", and in that a path "path" through the points (i, value).
/// Its fill is half of black and half of white, as scene_mix() makes it, its
/// line black of width 1; their alpha is 255. Its matrix makes 2 * x, 3 * y.
///
/// Then it locks the group and sets the path's style again (`locked` is what
/// that returns), counts the nodes, asks for the greatest depth, for the path's
/// description and for the bounds of the root: low x, low y, high x, high y.
/// At the end it frees the scene and fills in what the observer has counted.
/// It returns the first status that is no success, except for `locked`.
#[unsafe(no_mangle)]
extern "C" fn survey(values: *const u8, len: usize, out: *mut Survey) -> i32 {
    // SAFETY: task.md: the caller passes that many values, and a survey.
    let (values, out) =
        unsafe { (slice::from_raw_parts(values, len), &mut *out) };
    let mut counts = [0_u64; 2];
    let observer = scene_observer {
        added: Some(added),
        removed: Some(removed),
        context: (&raw mut counts).cast(),
    };
    let mut scene = ptr::null_mut();
    // SAFETY: task.md: scene_new: the observer is copied. The counts are there
    // until the scene is freed, below.
    let mut status = unsafe { scene_new(&observer, &mut scene) };
    if status == SCENE_OK {
        // SAFETY: task.md: scene_new: it has made the scene.
        status = unsafe { fill(scene, values, out) };
    }
    // SAFETY: task.md: scene_free: NULL is allowed, and nobody uses it after
    // this.
    unsafe { scene_free(scene) };
    [out.added, out.removed] = counts;
    status
}

/// # Safety
/// The scene is there, and nobody else uses it.
unsafe fn fill(scene: *mut scene, values: &[u8], out: &mut Survey) -> i32 {
    let points: Vec<_> = (0_i32..)
        .zip(values)
        .map(|(i, &value)| scene_point {
            x: i.into(),
            y: value.into(),
        })
        .collect();
    let [black, white] = [0, 255].map(|part| scene_color {
        red: part,
        green: part,
        blue: part,
        alpha: 255,
    });
    let shape = scene_shape {
        kind: SCENE_PATH,
        form: scene_form {
            path: scene_path {
                points: points.as_ptr(),
                count: points.len(),
            },
        },
        style: scene_style {
            // SAFETY: task.md: scene_mix: any two colors can be mixed.
            fill: unsafe { scene_mix(black, white, 0.5) },
            line: black,
            width: 1.0,
        },
        matrix: [[2.0, 0.0, 0.0], [0.0, 3.0, 0.0]],
    };
    let (mut group, mut path) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: task.md: promised; scene_add_shape: the shape and its points are
    // copied. The nodes are valid until the scene is freed.
    unsafe {
        let root = scene_root(scene);
        let status = scene_add_group(root, c"group".as_ptr(), &mut group);
        if status != SCENE_OK {
            return status;
        }
        let name = c"path".as_ptr();
        let status = scene_add_shape(group, name, &shape, &mut path);
        if status != SCENE_OK {
            return status;
        }
        scene_node_set_flags(group, scene_node_flags(group) | SCENE_LOCKED);
        out.locked = scene_node_set_style(path, &shape.style);
        out.count = scene_count(scene) as u64;
        scene_node_describe(path, out.text.as_mut_ptr(), out.text.len());
        let mut depth: c_ulong = 0;
        let status = scene_visit(root, Some(deepest), (&raw mut depth).cast());
        if status != SCENE_OK {
            return status;
        }
        out.deepest = depth as u64;
        let bounds = (&raw mut out.bounds).cast::<scene_box>();
        scene_node_bounds(root, bounds)
    }
}
