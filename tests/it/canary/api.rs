//! The public API, parsed from the sources: finds items that no site covers.

use std::fs;
use std::path::{Path, PathBuf};

use syn::{FnArg, ImplItem, Item, Type, UseTree, Visibility};

const CRATES: [&str; 7] = [
    "multi-auth",
    "multi-auth-config",
    "multi-auth-proxy",
    "multi-auth-reqwest",
    "multi-auth-sign",
    "multi-auth-store",
    "multi-auth-tower",
];

/// Other people's crates, passed on.
const PASSED_ON: [&str; 2] = ["reqwest", "reqwest_middleware"];

/// Every exported name, and every public function of an exported type that takes no `self`.
pub(super) fn items() -> Vec<String> {
    let mut items = Vec::new();
    for name in CRATES {
        let source = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../crates")
            .join(name)
            .join("src");
        let mut exported = exported(&parse(&source.join("lib.rs")));
        let modules = ["adapter.rs", "oauth.rs", "proxy.rs"].map(|module| source.join(module));
        for module in modules.iter().filter(|module| module.exists()) {
            exported.extend(self::exported(&parse(module)));
        }
        for file in files(&source) {
            items.extend(constructors(&parse(&file), &exported));
        }
        items.extend(exported);
    }
    items
}

/// The kinds of every error of the core.
pub(super) fn problems() -> Vec<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/multi-auth/src");
    let files = [
        "error",
        "error/binding",
        "error/input",
        "error/token_request",
    ];
    let files = files.map(|file| parse(&source.join(file).with_extension("rs")));
    let items = files.into_iter().flat_map(|file| file.items);
    let enums = items.filter_map(|item| match item {
        Item::Enum(item) => Some(item),
        _ => None,
    });
    enums
        .flat_map(|item| item.variants)
        .map(|variant| variant.ident.to_string())
        .collect()
}

fn parse(file: &Path) -> syn::File {
    syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| {
        if path.is_dir() {
            files(&path)
        } else {
            vec![path]
        }
    });
    found
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

fn exported(lib: &syn::File) -> Vec<String> {
    let mut names = Vec::new();
    for item in &lib.items {
        match item {
            Item::Use(item) if is_public(&item.vis) => leaves(&item.tree, &mut names),
            Item::Type(item) if is_public(&item.vis) => names.push(item.ident.to_string()),
            _ => {}
        }
    }
    names.retain(|name| !PASSED_ON.contains(&name.as_str()));
    names
}

fn leaves(tree: &UseTree, names: &mut Vec<String>) {
    match tree {
        UseTree::Path(path) => leaves(&path.tree, names),
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, names)),
        UseTree::Name(name) => names.push(name.ident.to_string()),
        UseTree::Rename(rename) => names.push(rename.rename.to_string()),
        UseTree::Glob(_) => panic!("an export by `*` hides what it exports"),
    }
}

/// `Type::function` of each public function without a receiver.
fn constructors(file: &syn::File, exported: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for item in &file.items {
        let Item::Impl(item) = item else { continue };
        let Type::Path(path) = &*item.self_ty else {
            continue;
        };
        let Some(name) = path
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string())
        else {
            continue;
        };
        if item.trait_.is_some() || !exported.contains(&name) {
            continue;
        }
        for function in &item.items {
            let ImplItem::Fn(function) = function else {
                continue;
            };
            let takes_self = matches!(function.sig.inputs.first(), Some(FnArg::Receiver(_)));
            if is_public(&function.vis) && !takes_self {
                found.push(format!("{name}::{}", function.sig.ident));
            }
        }
    }
    found
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}
