//! Complement and intersection: a pattern becomes a table of states by its derivatives (Brzozowski,
//! "Derivatives of Regular Expressions", 1964; Owens, Reppy and Turon, "Regular-expression derivatives
//! reexamined", 2009): what may follow a character is a pattern again, and there are finitely many.

use std::collections::HashMap;
use std::rc::Rc;

use regex_syntax::hir::{Class, Hir, HirKind};

use super::tree::Tree;

/// States that one pattern may have.
const MOST_STATES: usize = 1_000;
/// Steps that building a table may take.
const MOST_STEPS: usize = 20_000;
/// What a step counts for when the memory of a query is added up: a bound on memory is one on time, too.
const STEP: usize = 1_600;

/// A pattern that can be asked.
#[derive(Clone, Debug)]
pub(super) struct Automaton {
    /// Where the intervals of characters begin that no part of the pattern tells apart.
    starts: Vec<u32>,
    /// The next state, for each state and interval.
    next: Vec<u32>,
    accepting: Vec<bool>,
    /// Steps that it took to build.
    steps: usize,
}

/// Why there is none: it would be too large.
#[derive(Debug)]
pub(super) struct TooLarge {
    /// What finding that out cost, as memory.
    pub(super) cost: usize,
}

/// A pattern. Built by the functions below only, which keep equal patterns equal: without them there
/// would be states without end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Node {
    /// A character of these, first and last each; none at all is the pattern that matches nothing.
    Set(Vec<(u32, u32)>),
    /// The empty text.
    Empty,
    Concat(Rc<Node>, Rc<Node>),
    Or(Vec<Rc<Node>>),
    And(Vec<Rc<Node>>),
    Not(Rc<Node>),
    Repeat(Rc<Node>, u32, Option<u32>),
}

impl Automaton {
    /// Builds the table of a pattern.
    pub(super) fn new(tree: &Tree, fold_case: bool) -> Result<Self, TooLarge> {
        let start = of_tree(tree, fold_case)?;
        let mut starts = vec![0];
        boundaries(&start, &mut starts);
        starts.sort_unstable();
        starts.dedup();
        let mut builder = Builder {
            numbers: HashMap::from([(Rc::clone(&start), 0)]),
            states: vec![start],
            steps: 0,
        };
        let mut next = Vec::new();
        let mut place = 0;
        while let Some(state) = builder.states.get(place).cloned() {
            for &first in &starts {
                next.push(builder.follow(&state, first)?);
            }
            place += 1;
        }
        Ok(Self {
            starts,
            next,
            accepting: builder.states.iter().map(|state| nullable(state)).collect(),
            steps: builder.steps,
        })
    }

    /// Whether the whole text matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        let mut state = 0_usize;
        for character in text.chars() {
            let character = u32::from(character);
            let interval = self.starts.partition_point(|&start| start <= character) - 1;
            let next = self.next.get(state * self.starts.len() + interval);
            state = next.map_or(0, |&next| next as usize);
        }
        self.accepting.get(state).copied().unwrap_or(false)
    }

    /// How much memory it takes, and took to build.
    pub(super) fn size(&self) -> usize {
        self.steps * STEP + (self.next.len() + self.starts.len()) * 4 + self.accepting.len()
    }
}

struct Builder {
    numbers: HashMap<Rc<Node>, u32>,
    states: Vec<Rc<Node>>,
    steps: usize,
}

impl Builder {
    fn too_large(&self) -> TooLarge {
        TooLarge {
            cost: self.steps * STEP,
        }
    }

    /// The state after a character.
    fn follow(&mut self, state: &Rc<Node>, character: u32) -> Result<u32, TooLarge> {
        let derived = self.derive(state, character)?;
        if let Some(&number) = self.numbers.get(&derived) {
            return Ok(number);
        }
        if self.states.len() >= MOST_STATES {
            return Err(self.too_large());
        }
        let number = u32::try_from(self.states.len()).map_err(|_| self.too_large())?;
        self.numbers.insert(Rc::clone(&derived), number);
        self.states.push(derived);
        Ok(number)
    }

    /// What may follow a character.
    fn derive(&mut self, node: &Rc<Node>, character: u32) -> Result<Rc<Node>, TooLarge> {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return Err(self.too_large());
        }
        Ok(match &**node {
            Node::Empty => nothing(),
            Node::Set(ranges) => {
                let is_in = |&(first, last): &(u32, u32)| (first..=last).contains(&character);
                if ranges.iter().any(is_in) {
                    Rc::new(Node::Empty)
                } else {
                    nothing()
                }
            }
            Node::Concat(head, tail) => {
                let through = concat(&self.derive(head, character)?, tail);
                if nullable(head) {
                    or(vec![through, self.derive(tail, character)?])
                } else {
                    through
                }
            }
            Node::Or(parts) => or(self.derive_all(parts, character)?),
            Node::And(parts) => and(self.derive_all(parts, character)?),
            Node::Not(inner) => not(&self.derive(inner, character)?),
            Node::Repeat(inner, least, most) => {
                let rest = repeat(
                    inner,
                    least.saturating_sub(1),
                    most.map(|most| most.saturating_sub(1)),
                );
                concat(&self.derive(inner, character)?, &rest)
            }
        })
    }

    fn derive_all(
        &mut self,
        parts: &[Rc<Node>],
        character: u32,
    ) -> Result<Vec<Rc<Node>>, TooLarge> {
        parts
            .iter()
            .map(|part| self.derive(part, character))
            .collect()
    }
}

/// Whether the empty text matches.
fn nullable(node: &Node) -> bool {
    match node {
        Node::Empty => true,
        Node::Set(_) => false,
        Node::Concat(head, tail) => nullable(head) && nullable(tail),
        Node::Or(parts) => parts.iter().any(|part| nullable(part)),
        Node::And(parts) => parts.iter().all(|part| nullable(part)),
        Node::Not(inner) => !nullable(inner),
        Node::Repeat(inner, least, _) => *least == 0 || nullable(inner),
    }
}

/// Where sets of characters begin, and where what follows them does.
fn boundaries(node: &Node, starts: &mut Vec<u32>) {
    match node {
        Node::Empty => {}
        Node::Set(ranges) => {
            for (first, last) in ranges {
                starts.extend([*first, last.saturating_add(1)]);
            }
        }
        Node::Concat(head, tail) => {
            boundaries(head, starts);
            boundaries(tail, starts);
        }
        Node::Or(parts) | Node::And(parts) => {
            for part in parts {
                boundaries(part, starts);
            }
        }
        Node::Not(inner) | Node::Repeat(inner, ..) => boundaries(inner, starts),
    }
}

fn nothing() -> Rc<Node> {
    Rc::new(Node::Set(Vec::new()))
}

fn is_nothing(node: &Node) -> bool {
    matches!(node, Node::Set(ranges) if ranges.is_empty())
}

fn concat(head: &Rc<Node>, tail: &Rc<Node>) -> Rc<Node> {
    match (&**head, &**tail) {
        _ if is_nothing(head) || is_nothing(tail) => nothing(),
        (Node::Empty, _) => Rc::clone(tail),
        (_, Node::Empty) => Rc::clone(head),
        (Node::Concat(first, second), _) => concat(first, &concat(second, tail)),
        // Any number of times, and again, is the same.
        (Node::Repeat(_, 0, None), Node::Concat(first, _)) if first == head => Rc::clone(tail),
        (Node::Repeat(_, 0, None), _) if tail == head => Rc::clone(tail),
        _ => Rc::new(Node::Concat(Rc::clone(head), Rc::clone(tail))),
    }
}

fn everything() -> Rc<Node> {
    not(&nothing())
}

fn or(parts: Vec<Rc<Node>>) -> Rc<Node> {
    let flat = flattened(parts, |part| match part {
        Node::Or(inner) => Some(inner),
        _ => None,
    });
    joined(flat, nothing(), everything(), Node::Or)
}

fn and(parts: Vec<Rc<Node>>) -> Rc<Node> {
    let flat = flattened(parts, |part| match part {
        Node::And(inner) => Some(inner),
        _ => None,
    });
    joined(flat, everything(), nothing(), Node::And)
}

/// The parts, and in place of one of the same kind, its own.
fn flattened(parts: Vec<Rc<Node>>, own: fn(&Node) -> Option<&Vec<Rc<Node>>>) -> Vec<Rc<Node>> {
    let mut flat = Vec::new();
    for part in parts {
        match own(&part) {
            Some(inner) => flat.extend(inner.iter().cloned()),
            None => flat.push(part),
        }
    }
    flat
}

/// Parts without order and repetition: `neutral` changes nothing, `decisive` alone is the whole.
fn joined(
    mut parts: Vec<Rc<Node>>,
    neutral: Rc<Node>,
    decisive: Rc<Node>,
    join: fn(Vec<Rc<Node>>) -> Node,
) -> Rc<Node> {
    if parts.contains(&decisive) {
        return decisive;
    }
    parts.retain(|part| *part != neutral);
    parts.sort_unstable();
    parts.dedup();
    match parts.as_slice() {
        [] => neutral,
        [only] => Rc::clone(only),
        _ => Rc::new(join(parts)),
    }
}

fn not(inner: &Rc<Node>) -> Rc<Node> {
    match &**inner {
        Node::Not(inner) => Rc::clone(inner),
        _ => Rc::new(Node::Not(Rc::clone(inner))),
    }
}

fn repeat(inner: &Rc<Node>, least: u32, most: Option<u32>) -> Rc<Node> {
    match (&**inner, least, most) {
        (_, _, Some(0)) | (Node::Empty, ..) => Rc::new(Node::Empty),
        (_, 0, _) if is_nothing(inner) => Rc::new(Node::Empty),
        (_, 1, Some(1)) => Rc::clone(inner),
        _ if is_nothing(inner) => nothing(),
        _ => Rc::new(Node::Repeat(Rc::clone(inner), least, most)),
    }
}

fn of_tree(tree: &Tree, fold_case: bool) -> Result<Rc<Node>, TooLarge> {
    let all = |parts: &[Tree]| -> Result<Vec<Rc<Node>>, TooLarge> {
        parts.iter().map(|part| of_tree(part, fold_case)).collect()
    };
    Ok(match tree {
        Tree::Plain(text) => {
            let mut parser = regex_syntax::ParserBuilder::new()
                .case_insensitive(fold_case)
                .build();
            // Our translation is well-formed; what is refused is nested too deeply.
            of_engine(&parser.parse(text).map_err(|_| TooLarge { cost: 0 })?)
        }
        Tree::Concat(parts) => chain(&all(parts)?),
        Tree::Or(parts) => or(all(parts)?),
        Tree::And(parts) => and(all(parts)?),
        Tree::Not(inner) => not(&of_tree(inner, fold_case)?),
        Tree::Repeat(inner, least, most) => repeat(&of_tree(inner, fold_case)?, *least, *most),
    })
}

fn chain(parts: &[Rc<Node>]) -> Rc<Node> {
    let empty = Rc::new(Node::Empty);
    parts
        .iter()
        .rev()
        .fold(empty, |tail, head| concat(head, &tail))
}

/// A character of these, first and last each.
fn set<C: Into<u32>>(ranges: impl IntoIterator<Item = (C, C)>) -> Rc<Node> {
    let ranges = ranges.into_iter();
    let ranges = ranges.map(|(first, last)| (first.into(), last.into()));
    Rc::new(Node::Set(ranges.collect()))
}

/// What the engine's parser made of a text.
fn of_engine(hir: &Hir) -> Rc<Node> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Rc::new(Node::Empty),
        HirKind::Literal(literal) => {
            let text = String::from_utf8_lossy(&literal.0);
            let sets = text.chars().map(|character| set([(character, character)]));
            chain(&sets.collect::<Vec<_>>())
        }
        HirKind::Class(Class::Unicode(class)) => set(class
            .ranges()
            .iter()
            .map(|range| (range.start(), range.end()))),
        HirKind::Class(Class::Bytes(class)) => {
            let ranges = class.ranges().iter();
            set(ranges.map(|range| (range.start(), range.end())))
        }
        HirKind::Repetition(repetition) => {
            repeat(&of_engine(&repetition.sub), repetition.min, repetition.max)
        }
        HirKind::Capture(capture) => of_engine(&capture.sub),
        HirKind::Concat(parts) => chain(&parts.iter().map(of_engine).collect::<Vec<_>>()),
        HirKind::Alternation(parts) => or(parts.iter().map(of_engine).collect()),
    }
}
