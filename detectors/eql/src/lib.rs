//! EQL as Elasticsearch runs it: text in, checked plan out.
//!
//! **Takes** the text of a query and a [`Schema`]: which fields exist and of what type.
//! **Gives** a [`plan::Query`] (conditions of two-valued logic over leaves that can be asked column
//! by column, stages, keys, times, pipes) with warnings, or [`Diagnostics`] that point into the text.
//!
//! Invariants, as absences:
//! * it never sees an event; an engine asks the plan with values,
//! * it depends on no other crate of ours,
//! * it opens nothing, prints nothing, and reads no clock, locale or environment,
//! * no text makes it panic, overflow the stack or take memory without bound: depth, regular
//!   expressions and the number of remarks are limited,
//! * nothing three-valued leaves a leaf: a missing value makes it false, and `not` above it true.
//!
//! ```
//! use std::collections::BTreeMap;
//! use eql::{FieldType, Value, plan::QueryKind};
//!
//! let schema = BTreeMap::from([
//!     ("process.name".to_owned(), FieldType::Keyword),
//!     ("process.pid".to_owned(), FieldType::Integer),
//! ]);
//! let text = r#"process where process.name : "psexe*" and not process.pid == 4"#;
//! let compiled = eql::compile(text, &schema).expect("a valid query");
//! assert!(compiled.warnings.is_empty());
//!
//! let QueryKind::Event(filter) = &compiled.query.kind else { panic!("one event") };
//! let matches = filter.condition.holds(&mut |leaf| {
//!     leaf.holds(&mut |field| match field {
//!         "process.name" => Value::from("PsExeSvc.exe"),
//!         _ => Value::Null, // this event has no process.pid
//!     })
//! });
//! assert!(matches);
//!
//! let wrong = "process where proces.name";
//! let warned = eql::compile(wrong, &schema).expect("an unknown field is only a warning");
//! assert_eq!(warned.warnings[0].position(wrong).to_string(), "1:15");
//! assert_eq!(warned.warnings[0].help.as_deref(), Some("did you mean `process.name`?"));
//! ```

pub mod ast;
pub mod functions;
pub mod plan;

mod arithmetic;
mod check;
mod diagnostic;
mod fold;
mod lexer;
mod parser;
mod print;
mod render;
mod schema;
mod span;
mod suggest;
mod time;
mod value;

pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use fold::{fold, fold_char};
pub use schema::{FieldType, Schema};
pub use span::{Position, Span, Spanned};
pub use value::Value;

/// A query that can run.
#[derive(Clone, Debug, PartialEq)]
pub struct Compiled {
    /// The plan.
    pub query: plan::Query,
    /// What is odd about the query, in the order of the text.
    pub warnings: Vec<Diagnostic>,
}

/// Parses and checks a query. The errors of a query that parses are reported together; a query that
/// does not parse has one.
pub fn compile(text: &str, schema: &dyn Schema) -> Result<Compiled, Diagnostics> {
    let statement = parse(text)?;
    let (query, warnings) = check::check(&statement, schema)?;
    Ok(Compiled { query, warnings })
}

/// Parses a query and checks nothing but its grammar.
pub fn parse(text: &str) -> Result<ast::Statement, Diagnostics> {
    parser::parse(text)
}
