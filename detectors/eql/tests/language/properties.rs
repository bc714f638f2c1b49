//! What must hold for every query.

use std::collections::BTreeMap;

use eql::ast::{
    ArithmeticOperator, Call, Category, CompareOperator, Expr, ExprKind, Field, Filter, In, Key,
    KeyedFilter, Match, MatchOperator, Maxspan, Pipe, PipeKind, Query, Sample, Sequence, Sign,
    Statement, Term, TimeUnit,
};
use eql::{FieldType, Span, Spanned, Value};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

fn placed<T>(node: T) -> Spanned<T> {
    Spanned::new(node, Span::default())
}

fn field() -> impl Strategy<Value = Field> {
    let name = prop_oneof![
        "[a-z_@][a-z0-9_]{0,3}(\\.[a-z]{1,3}){0,2}",
        "[a-z.`\" é-]{1,6}",
        select(vec!["where".to_owned(), "a.not".to_owned()]),
    ];
    (name, any::<bool>()).prop_map(|(name, optional)| Field { name, optional })
}

fn keys() -> impl Strategy<Value = Vec<Key>> {
    vec(field().prop_map(placed), 0..3)
}

fn literal() -> impl Strategy<Value = Value<'static>> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (0..=i64::MAX).prop_map(Value::Int),
        (0.0..1e300).prop_map(Value::Float),
        any::<String>().prop_map(Value::from),
        "[a-z*?\\\\\"]{0,4}".prop_map(Value::from),
    ]
}

fn expression() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        literal().prop_map(ExprKind::Literal),
        field().prop_map(ExprKind::Field)
    ];
    let leaf = leaf.prop_map(placed);
    leaf.prop_recursive(4, 40, 4, |inner| {
        prop_oneof![
            arithmetic(inner.clone()),
            comparison(inner.clone()),
            suffixed(inner.clone()),
            logic(inner.clone()),
            call(inner)
        ]
        .prop_map(placed)
    })
}

fn call(inner: impl Strategy<Value = Expr>) -> impl Strategy<Value = ExprKind> {
    let name = select(vec!["length", "endsWith", "nope", "child"]);
    (name, any::<bool>(), vec(inner, 0..3)).prop_map(|(name, fold_case, arguments)| {
        ExprKind::Call(Call {
            name: placed(name.to_owned()),
            fold_case,
            arguments,
        })
    })
}

fn logic(inner: impl Strategy<Value = Expr> + Clone) -> impl Strategy<Value = ExprKind> {
    prop_oneof![
        inner
            .clone()
            .prop_map(|operand| ExprKind::Not(operand.into())),
        vec(inner.clone(), 2..4).prop_map(ExprKind::All),
        vec(inner, 2..4).prop_map(ExprKind::Any),
    ]
}

fn arithmetic(inner: impl Strategy<Value = Expr> + Clone) -> impl Strategy<Value = ExprKind> {
    let sums = vec![ArithmeticOperator::Add, ArithmeticOperator::Subtract];
    let products = vec![
        ArithmeticOperator::Multiply,
        ArithmeticOperator::Divide,
        ArithmeticOperator::Modulo,
    ];
    let level = select(vec![sums, products]);
    let rest = level.prop_flat_map({
        let inner = inner.clone();
        move |operators| vec((select(operators), inner.clone()), 1..3)
    });
    prop_oneof![
        (inner.clone(), rest).prop_map(|(first, rest)| ExprKind::Arithmetic(first.into(), rest)),
        (select(vec![Sign::Plus, Sign::Minus]), inner)
            .prop_map(|(sign, operand)| ExprKind::Sign(sign, operand.into())),
    ]
}

fn comparison(inner: impl Strategy<Value = Expr> + Clone) -> impl Strategy<Value = ExprKind> {
    let operator = select(vec![
        CompareOperator::Equal,
        CompareOperator::NotEqual,
        CompareOperator::Less,
        CompareOperator::LessOrEqual,
        CompareOperator::Greater,
        CompareOperator::GreaterOrEqual,
    ]);
    (inner.clone(), operator, inner)
        .prop_map(|(left, operator, right)| ExprKind::Compare(left.into(), operator, right.into()))
}

fn suffixed(inner: impl Strategy<Value = Expr> + Clone) -> impl Strategy<Value = ExprKind> {
    let patterns = vec(literal().prop_map(placed), 1..3);
    let operator = select(MatchOperator::ALL.to_vec());
    prop_oneof![
        (
            inner.clone(),
            any::<bool>(),
            any::<bool>(),
            vec(inner.clone(), 1..3)
        )
            .prop_map(|(value, negated, fold_case, list)| ExprKind::In(In {
                value: value.into(),
                negated,
                fold_case,
                list
            })),
        (inner, operator, patterns).prop_map(|(value, operator, patterns)| ExprKind::Match(
            Match {
                value: value.into(),
                operator,
                patterns
            }
        )),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    let category = prop_oneof![
        Just(Category::Any),
        "[a-z]{1,5}".prop_map(Category::Named),
        any::<String>().prop_map(Category::Named),
        Just(Category::Named("any".to_owned())),
    ];
    (category, expression()).prop_map(|(category, condition)| Filter {
        category,
        condition,
    })
}

fn keyed_filter() -> impl Strategy<Value = KeyedFilter> {
    (filter(), keys()).prop_map(|(filter, keys)| KeyedFilter { filter, keys })
}

fn sequence() -> impl Strategy<Value = Sequence> {
    let maxspan = (any::<u32>(), select(TimeUnit::ALL.to_vec())).prop_map(|(count, unit)| {
        placed(Maxspan {
            count: count.into(),
            unit,
        })
    });
    let runs = proptest::option::of((0..200_i64).prop_map(placed));
    let term = (any::<bool>(), keyed_filter(), runs).prop_map(|(missing, event, runs)| {
        placed(Term {
            missing,
            event,
            runs,
        })
    });
    let until = proptest::option::of(keyed_filter().prop_map(placed));
    (
        keys(),
        proptest::option::of(maxspan),
        vec(term, 1..4),
        until,
    )
        .prop_map(|(keys, maxspan, terms, until)| Sequence {
            keys,
            maxspan,
            terms,
            until,
        })
}

fn statement() -> impl Strategy<Value = Statement> {
    let sample = (keys(), vec(keyed_filter().prop_map(placed), 1..3))
        .prop_map(|(keys, terms)| Sample { keys, terms });
    let query = prop_oneof![
        filter().prop_map(Query::Event),
        sequence().prop_map(Query::Sequence),
        sample.prop_map(Query::Sample),
    ];
    let pipe = (select(vec![PipeKind::Head, PipeKind::Tail]), expression())
        .prop_map(|(kind, count)| placed(Pipe { kind, count }));
    (query, vec(pipe, 0..3)).prop_map(|(query, pipes)| Statement { query, pipes })
}

fn schema() -> BTreeMap<String, FieldType> {
    let fields = [
        ("a", FieldType::Keyword),
        ("b", FieldType::Integer),
        ("process.name", FieldType::Keyword),
        ("process.pid", FieldType::Integer),
        ("source.ip", FieldType::Ip),
        ("k", FieldType::Keyword),
        ("@timestamp", FieldType::Date),
    ];
    fields.map(|(name, kind)| (name.to_owned(), kind)).into()
}

/// Does everything that can be done with a text.
fn exercise(text: &str) {
    match eql::compile(text, &schema()) {
        Ok(compiled) => exercise_plan(&compiled.query),
        Err(rejected) => {
            assert!(rejected.errors().next().is_some());
            let _ = (rejected.to_string(), rejected.render("fuzz", text, true));
        }
    }
}

fn exercise_plan(query: &eql::plan::Query) {
    let _ = query.fields();
    for filter in query.filters() {
        let _ = filter.condition.to_string();
        for value in [
            Value::Null,
            "x".into(),
            Value::Int(-1),
            Value::Float(0.5),
            Value::Bool(true),
        ] {
            let mut field = |_: &str| value.borrowed();
            filter.condition.holds(&mut |leaf| leaf.holds(&mut field));
        }
    }
}

/// Queries to mutate: the project's own cases.
fn corpus() -> Vec<String> {
    let cases: serde_json::Value =
        serde_json::from_str(include_str!("../conformance/cases.json")).unwrap();
    let cases = cases.as_array().unwrap().iter();
    cases
        .map(|case| case["query"].as_str().unwrap().to_owned())
        .collect()
}

/// Two queries cut and joined, with something strange in between.
fn spliced(left: &str, right: &str, cuts: (Index, Index), between: &str) -> String {
    let cut = |text: &str, index: Index| text.floor_char_boundary(index.index(text.len() + 1));
    let head = &left[..cut(left, cuts.0)];
    let tail = &right[cut(right, cuts.1)..];
    format!("{head}{between}{tail}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_printed_statement_is_the_same_statement(statement in statement()) {
        let printed = statement.to_string();
        let again = eql::parse(&printed);
        prop_assert_eq!(again.as_ref().ok(), Some(&statement), "{}\n{:?}", printed, again);
        exercise(&printed);
    }

    #[test]
    fn no_text_does_harm(text: String) {
        exercise(&text);
        exercise(&format!("any where {text}"));
    }

    #[test]
    fn no_bytes_do_harm(bytes in vec(any::<u8>(), 0..200)) {
        exercise(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_tokens_do_harm(tokens in vec(select(TOKENS), 0..30)) {
        exercise(&tokens.join(" "));
        exercise(&format!("any where {}", tokens.concat()));
    }
}

const TOKENS: &[&str] = &[
    "any",
    "where",
    "sequence",
    "sample",
    "by",
    "with",
    "maxspan",
    "runs",
    "=",
    "until",
    "[",
    "![",
    "]",
    "(",
    ")",
    ",",
    "|",
    "head",
    "tail",
    "5",
    "1.5",
    "\"a*\"",
    "\"\"\"b\"\"\"",
    "a",
    "`b c`",
    "?",
    ".",
    "+",
    "-",
    "*",
    "/",
    "%",
    "==",
    "!=",
    "<",
    ">=",
    ":",
    "like~",
    "regex",
    "in",
    "in~",
    "not",
    "and",
    "or",
    "true",
    "null",
    "length",
    "startsWith",
    "endsWith~",
    "cidrMatch",
    "5s",
    "//",
    "/*",
    "*/",
    "\n",
    "é",
    "\\",
];

#[test]
fn no_mutated_query_does_harm() {
    let corpus = corpus();
    let mutated = (
        select(corpus.clone()),
        select(corpus),
        any::<(Index, Index)>(),
        prop_oneof![
            Just(String::new()),
            any::<String>(),
            select(TOKENS).prop_map(str::to_owned)
        ],
    );
    let config = ProptestConfig::with_cases(4_000);
    proptest!(config, |((left, right, cuts, between) in mutated)| {
        exercise(&spliced(&left, &right, cuts, &between));
    });
}

/// Much of the same thing, in conditions and outside.
#[test]
fn no_length_does_harm() {
    let repeated = [
        "(",
        ")",
        "[",
        "![",
        "-",
        "not ",
        "a.",
        "a or ",
        "a+",
        "a,",
        "\"",
        "`",
        "\\",
        "/*",
        "//",
        "|",
        "?",
        "1",
        "x",
        " ",
        "length(",
        "a in (",
        "a:",
        "`a`.",
        "é",
        "| head 1 ",
        "[a where true]",
        "[a where x]by x ",
        "a==1 or ",
        "b+\"\"or ",
        "a regex \"(((((((((\" or ",
        "a regex \".{1000}\" or ",
        "a regex \"~(.*a.{9})\" or ",
        "a regex \"a&~b\" or ",
        "nope() or ",
    ];
    for part in repeated {
        let many = part.repeat(1_000_000 / part.len());
        exercise(&format!("any where {many}"));
        exercise(&format!("sequence {many}"));
        exercise(&format!("any where a in ({many} 1)"));
        exercise(&format!("any where concat({many} 1) == \"\""));
    }
}

/// Many different names: none of the checks may compare each with each.
#[test]
fn no_number_of_names_does_harm() {
    let names = |around: &dyn Fn(usize) -> String| (0..50_000).map(around).collect::<Vec<_>>();
    let unknown = names(&|number| format!("field_{number} == 1")).join(" or ");
    exercise(&format!("any where {unknown}"));
    let arguments = names(&|number| format!("f{number}")).join(",");
    exercise(&format!("any where concat({arguments}) == \"\""));
    let texts = names(&|number| format!("\"{number}*\"")).join(",");
    exercise(&format!("any where a : ({texts})"));
    exercise(&format!("any where a in~ ({texts})"));
}
