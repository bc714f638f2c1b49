//! A query as it was written, with places. Nothing is checked but the grammar, nothing is folded.
//!
//! Chains (`a and b and c`, `a + b - c`) are lists, not towers, so the depth of a tree is the depth
//! of the parentheses somebody wrote, which the parser bounds.

use crate::span::Spanned;
use crate::value::Value;

/// A whole query with its pipes.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// What is searched.
    pub query: Query,
    /// What happens to the results, in order.
    pub pipes: Vec<Spanned<Pipe>>,
}

/// What is searched.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    /// `category where condition`
    Event(Filter),
    /// `sequence …`
    Sequence(Sequence),
    /// `sample …`
    Sample(Sample),
}

/// `category where condition`
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// The event category.
    pub category: Category,
    /// What must hold.
    pub condition: Expr,
}

/// The category of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Category {
    /// `any`: events of every category and of none.
    Any,
    /// Events that have this category, exactly so written.
    Named(String),
}

/// `sequence by … with maxspan=… […] … until […]`
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    /// The keys that every stage has.
    pub keys: Vec<Key>,
    /// How much time may pass.
    pub maxspan: Option<Spanned<Maxspan>>,
    /// The stages.
    pub terms: Vec<Spanned<Term>>,
    /// What must not happen in between.
    pub until: Option<Spanned<KeyedFilter>>,
}

/// `maxspan=30s`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Maxspan {
    /// The number before the unit.
    pub count: i64,
    /// The unit.
    pub unit: TimeUnit,
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    /// `ms`
    Milliseconds,
    /// `s`
    Seconds,
    /// `m`
    Minutes,
    /// `h`
    Hours,
    /// `d`
    Days,
}

impl TimeUnit {
    /// All of them, short ones first.
    pub const ALL: [Self; 5] = [
        Self::Milliseconds,
        Self::Seconds,
        Self::Minutes,
        Self::Hours,
        Self::Days,
    ];

    /// How it is written.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
            Self::Minutes => "m",
            Self::Hours => "h",
            Self::Days => "d",
        }
    }

    /// How long it is.
    #[must_use]
    pub const fn milliseconds(self) -> u64 {
        match self {
            Self::Milliseconds => 1,
            Self::Seconds => 1_000,
            Self::Minutes => 60_000,
            Self::Hours => 3_600_000,
            Self::Days => 86_400_000,
        }
    }
}

/// One stage of a sequence: `[…] by … with runs=…`
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// `![…]`: no such event may happen.
    pub missing: bool,
    /// The event and its keys.
    pub event: KeyedFilter,
    /// How often in a row, if said.
    pub runs: Option<Spanned<i64>>,
}

/// `[category where condition] by …`
#[derive(Clone, Debug, PartialEq)]
pub struct KeyedFilter {
    /// What stands in the brackets.
    pub filter: Filter,
    /// The keys behind them.
    pub keys: Vec<Key>,
}

/// `sample by … […] […]`
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The keys that every filter has.
    pub keys: Vec<Key>,
    /// The filters.
    pub terms: Vec<Spanned<KeyedFilter>>,
}

/// A join key: a field.
pub type Key = Spanned<Field>;

/// A field by its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Field {
    /// The dotted name without back-quotes.
    pub name: String,
    /// Written `?name`: it need not exist.
    pub optional: bool,
}

/// `| head 5`
#[derive(Clone, Debug, PartialEq)]
pub struct Pipe {
    /// Which end is kept.
    pub kind: PipeKind,
    /// How many are kept.
    pub count: Expr,
}

/// Which results a pipe keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PipeKind {
    /// The first ones.
    Head,
    /// The last ones.
    Tail,
}

impl PipeKind {
    /// How it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Tail => "tail",
        }
    }
}

/// An expression and its place.
pub type Expr = Spanned<ExprKind>;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A constant. Numbers are never negative here: the sign is an operator.
    Literal(Value<'static>),
    /// A field.
    Field(Field),
    /// A function call.
    Call(Call),
    /// `-x` or `+x`
    Sign(Sign, Box<Expr>),
    /// `a + b - c` or `a * b / c`; one list never mixes the two levels.
    Arithmetic(Box<Expr>, Vec<(ArithmeticOperator, Expr)>),
    /// `a == b`
    Compare(Box<Expr>, CompareOperator, Box<Expr>),
    /// `a in (…)`
    In(In),
    /// `a : "…"` and its relatives
    Match(Match),
    /// `not a`
    Not(Box<Expr>),
    /// `a and b and …`, at least two
    All(Vec<Expr>),
    /// `a or b or …`, at least two
    Any(Vec<Expr>),
}

/// `name(…)` or `name~(…)`
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The name without tilde.
    pub name: Spanned<String>,
    /// Whether there is a tilde.
    pub fold_case: bool,
    /// What stands in the parentheses.
    pub arguments: Vec<Expr>,
}

/// A sign before an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// `+`, which changes nothing.
    Plus,
    /// `-`
    Minus,
}

/// An operator between numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArithmeticOperator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
}

impl ArithmeticOperator {
    /// How it is written.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
        }
    }

    /// Whether it binds like `*` rather than like `+`.
    #[must_use]
    pub const fn is_product(self) -> bool {
        matches!(self, Self::Multiply | Self::Divide | Self::Modulo)
    }
}

/// An operator that compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareOperator {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl CompareOperator {
    /// How it is written.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// `value in (…)`
#[derive(Clone, Debug, PartialEq)]
pub struct In {
    /// What is looked for.
    pub value: Box<Expr>,
    /// `not in`
    pub negated: bool,
    /// `in~`
    pub fold_case: bool,
    /// Where it is looked for, at least one.
    pub list: Vec<Expr>,
}

/// `value : pattern` or `value : (pattern, …)`
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// What is matched.
    pub value: Box<Expr>,
    /// How it is matched.
    pub operator: MatchOperator,
    /// The patterns, at least one. That they are texts is checked later.
    pub patterns: Vec<Spanned<Value<'static>>>,
}

/// An operator with patterns on its right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchOperator {
    /// `:`, the same as `like~`
    Colon,
    /// `like`
    Like,
    /// `like~`
    LikeFold,
    /// `regex`
    Regex,
    /// `regex~`
    RegexFold,
}

impl MatchOperator {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Colon,
        Self::Like,
        Self::LikeFold,
        Self::Regex,
        Self::RegexFold,
    ];

    /// How it is written.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Colon => ":",
            Self::Like => "like",
            Self::LikeFold => "like~",
            Self::Regex => "regex",
            Self::RegexFold => "regex~",
        }
    }

    /// Whether case is disregarded.
    #[must_use]
    pub const fn folds_case(self) -> bool {
        matches!(self, Self::Colon | Self::LikeFold | Self::RegexFold)
    }

    /// Whether the patterns are regular expressions.
    #[must_use]
    pub const fn is_regex(self) -> bool {
        matches!(self, Self::Regex | Self::RegexFold)
    }
}
