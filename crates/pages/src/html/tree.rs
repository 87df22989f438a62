//! Builds the tree of a document, and gives up before a document that was made to be slow or deep.

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};
use std::collections::HashMap;
use std::time::{Duration, Instant};

use dom_query::{Document, NodeId};
use html5ever::interface::{Attribute, ElementFlags, NodeOrText, QualName, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{ParseOpts, parse_document};

use super::text;

/// How many bytes are parsed between two looks at the tree. A piece can deepen it by a third of its length.
const PIECE: usize = 1_024;

/// The most attributes of a tag: the parser compares each with all before it.
const ATTRIBUTES: usize = 1_000;

/// How long a tree may take; one of eight megabytes takes half a second.
const PATIENCE: Duration = Duration::from_secs(5);

/// The tree of a document; none where it is deeper or larger than allowed, or takes too long.
pub(crate) fn parse(html: &str, deepest: usize, most_nodes: usize) -> Option<Document> {
    if !has_sane_tags(html) {
        return None;
    }
    let begun = Instant::now();
    let tree_builder = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let mut parser = parse_document(Watched::default(), ParseOpts { tree_builder, ..ParseOpts::default() });
    let mut rest = html;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
        rest = after;
        parser.process(StrTendril::from(piece));
        let watched = &parser.tokenizer.sink.sink;
        if watched.deepest.get() > deepest || watched.document.tree.len() > most_nodes || begun.elapsed() > PATIENCE {
            return None;
        }
    }
    let document = parser.finish();
    (depth(&document) <= deepest).then_some(document)
}

/// Where in a tag a byte stands.
#[derive(Clone, Copy)]
enum Place {
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    Value,
    Quoted(u8),
}

/// Whether no tag has so many attributes that the parser would be slow.
///
/// What stands in scripts is not looked at, so something may hide from this; then patience bounds it.
fn has_sane_tags(html: &str) -> bool {
    let bytes = html.as_bytes();
    let mut at = 0;
    while let Some(open) = bytes[at..].iter().position(|&byte| byte == b'<') {
        let name_at = at + open + 1;
        at = name_at;
        if !bytes.get(name_at).is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        let name = bytes[name_at..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let Some(end) = end_of_tag(bytes, name_at + name) else { return false };
        at = end;
        let name = &bytes[name_at..name_at + name];
        if name.eq_ignore_ascii_case(b"script") || name.eq_ignore_ascii_case(b"style") {
            at += text::length_of_raw(&html[at..], name);
        }
    }
    true
}

/// Where a tag ends whose name ends here; none where it has too many attributes.
fn end_of_tag(bytes: &[u8], from: usize) -> Option<usize> {
    let mut place = Place::BeforeName;
    let mut attributes = 0;
    for (at, &byte) in bytes.iter().enumerate().skip(from) {
        let space = byte.is_ascii_whitespace();
        place = match (place, byte) {
            (Place::Quoted(quote), _) if byte == quote => Place::BeforeName,
            (Place::Quoted(quote), _) => Place::Quoted(quote),
            (_, b'>') => return Some(at),
            (Place::BeforeName | Place::Name | Place::AfterName, b'/') => Place::BeforeName,
            (Place::Name | Place::AfterName, b'=') => Place::BeforeValue,
            (Place::Name, _) if space => Place::AfterName,
            (Place::Value, _) if space => Place::BeforeName,
            (Place::BeforeValue, b'"' | b'\'') => Place::Quoted(byte),
            (Place::BeforeValue, _) if !space => Place::Value,
            (Place::BeforeName | Place::AfterName, _) if !space => {
                attributes += 1;
                Place::Name
            }
            (unchanged, _) => unchanged,
        };
        if attributes > ATTRIBUTES {
            return None;
        }
    }
    Some(bytes.len())
}

/// How deep the tree is in the end; moves within it can make it deeper than it was seen to grow.
fn depth(document: &Document) -> usize {
    let (mut depth, mut deepest) = (0, 0);
    let mut node = document.root();
    loop {
        if let Some(child) = node.first_child() {
            (node, depth) = (child, depth + 1);
            deepest = deepest.max(depth);
            continue;
        }
        loop {
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            match node.parent() {
                Some(parent) if depth > 0 => (node, depth) = (parent, depth - 1),
                _ => return deepest,
            }
        }
    }
}

/// A document that notes how deep it grows while it is built.
#[derive(Default)]
struct Watched {
    document: Document,
    depths: RefCell<HashMap<NodeId, usize>>,
    deepest: Cell<usize>,
    added: Cell<usize>,
}

impl Watched {
    fn placed(&self, child: &NodeOrText<NodeId>, depth: usize) {
        if let NodeOrText::AppendNode(child) = child {
            self.depths.borrow_mut().insert(*child, depth);
            self.deepest.set(self.deepest.get().max(depth));
        }
    }

    fn depth(&self, node: &NodeId) -> usize {
        self.depths.borrow().get(node).copied().unwrap_or(0)
    }
}

impl TreeSink for Watched {
    type ElemName<'a> = Ref<'a, QualName>;
    type Handle = NodeId;
    type Output = Document;

    fn finish(self) -> Document {
        self.document
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> NodeId {
        self.document.get_document()
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Ref<'a, QualName> {
        self.document.elem_name(target)
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> NodeId {
        self.document.create_element(name, attributes, flags)
    }

    fn create_comment(&self, text: StrTendril) -> NodeId {
        self.document.create_comment(text)
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> NodeId {
        self.document.create_pi(target, data)
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        self.placed(&child, self.depth(parent) + 1);
        self.document.append(parent, child);
    }

    fn append_based_on_parent_node(&self, element: &NodeId, previous: &NodeId, child: NodeOrText<NodeId>) {
        self.placed(&child, self.depth(element).max(self.depth(previous) + 1));
        self.document.append_based_on_parent_node(element, previous, child);
    }

    fn append_doctype_to_document(&self, name: StrTendril, public_id: StrTendril, system_id: StrTendril) {
        self.document.append_doctype_to_document(name, public_id, system_id);
    }

    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        let contents = self.document.get_template_contents(target);
        let depth = self.depth(target) + 1;
        self.depths.borrow_mut().insert(contents, depth);
        contents
    }

    fn same_node(&self, left: &NodeId, right: &NodeId) -> bool {
        left == right
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.document.set_quirks_mode(mode);
    }

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        self.placed(&child, self.depth(sibling));
        self.document.append_before_sibling(sibling, child);
    }

    fn add_attrs_if_missing(&self, target: &NodeId, attributes: Vec<Attribute>) {
        // A second <body> adds its attributes to the first: again each is compared with all.
        self.added.set(self.added.get() + attributes.len());
        if self.added.get() <= ATTRIBUTES {
            self.document.add_attrs_if_missing(target, attributes);
        }
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.document.remove_from_parent(target);
    }

    fn reparent_children(&self, node: &NodeId, parent: &NodeId) {
        self.document.reparent_children(node, parent);
    }

    fn is_mathml_annotation_xml_integration_point(&self, handle: &NodeId) -> bool {
        self.document.is_mathml_annotation_xml_integration_point(handle)
    }
}
