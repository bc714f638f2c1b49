//! Function calls.

use super::{Checker, Type, Typed};
use crate::ast;
use crate::diagnostic::Diagnostic;
use crate::functions::{self, FUNCTIONS, Function, Kind, Parameter};
use crate::plan::{Call, Expression, Networks, Predicate};
use crate::span::Span;
use crate::suggest::nearest;
use crate::value::Value;

impl Checker<'_> {
    pub(super) fn call(&mut self, call: &ast::Call, span: Span) -> Typed {
        let Some(function) = functions::find(&call.name.node) else {
            self.unknown_function(call);
            return Typed::mistake(span);
        };
        if call.fold_case && !function.folds_case {
            let message = format!("there is no `{}~`, only `{0}`", function.name);
            self.error(call.name.span, message);
        }
        let arguments = self.arguments(function, call, span);
        let result = Type::of_result(function.returns);
        match self.build(function, call.fold_case, arguments) {
            Some(expression) => Typed::new(expression, result, span),
            None => Typed::mistake(span),
        }
    }

    /// Its arguments are still looked at, so that what is wrong in them is said at once.
    fn unknown_function(&mut self, call: &ast::Call) {
        let name = &call.name.node;
        let known = FUNCTIONS.iter().map(|function| function.name);
        let (message, help) = match functions::instead_of(name) {
            Some(advice) => (
                format!("the function `{name}` is not supported"),
                Some(advice.to_owned()),
            ),
            None => (
                format!("there is no function `{name}`"),
                nearest(name, known).map(|meant| format!("did you mean `{meant}`?")),
            ),
        };
        self.report(Diagnostic::error(call.name.span, message).with_optional_help(help));
        if functions::instead_of(name).is_none() {
            call.arguments
                .iter()
                .for_each(|argument| drop(self.expression(argument)));
        }
    }

    fn arguments(&mut self, function: &Function, call: &ast::Call, span: Span) -> Vec<Typed> {
        let arguments: Vec<_> = call
            .arguments
            .iter()
            .map(|argument| self.expression(argument))
            .collect();
        self.check_count(function, arguments.len(), span);
        for (index, argument) in arguments.iter().enumerate() {
            if let Some(parameter) = function.parameter(index) {
                self.check_argument(function, *parameter, argument);
            }
        }
        arguments
    }

    fn check_count(&mut self, function: &Function, count: usize, span: Span) {
        let fewest = function.fewest_arguments();
        let most = function.most_arguments();
        if count >= fewest && most.is_none_or(|most| count <= most) {
            return;
        }
        let wanted = match most {
            Some(most) if most == fewest => format!("{fewest}"),
            Some(most) => format!("{fewest} to {most}"),
            None => format!("at least {fewest}"),
        };
        let message = format!(
            "`{}` takes {wanted} arguments, here are {count}",
            function.name
        );
        self.error(span, message);
    }

    fn check_argument(&mut self, function: &Function, parameter: Parameter, argument: &Typed) {
        let Parameter { name, kind, .. } = parameter;
        let function = function.name;
        if parameter.constant && !argument.expression.is_literal() {
            self.error(
                argument.span,
                format!("`{name}` of `{function}` must be a constant"),
            );
        } else if !argument.kind.fits(kind) {
            let message = format!(
                "`{name}` of `{function}` must be {kind}, this is {}",
                argument.kind
            );
            self.error(argument.span, message);
        }
    }

    /// The call as the plan has it, or nothing if something was wrong with its arguments.
    fn build(
        &mut self,
        function: &'static Function,
        fold_case: bool,
        arguments: Vec<Typed>,
    ) -> Option<Expression> {
        if *function == functions::CIDR_MATCH {
            return self.cidr_match(arguments);
        }
        let arguments = arguments.into_iter().enumerate().map(|(index, argument)| {
            let kind = function.parameter(index).map(|parameter| parameter.kind);
            passed(argument, kind)
        });
        Some(Expression::Call(Call {
            function,
            fold_case,
            arguments: arguments.collect(),
        }))
    }

    /// The networks are read once, here.
    fn cidr_match(&mut self, arguments: Vec<Typed>) -> Option<Expression> {
        let mut arguments = arguments.into_iter();
        let address = arguments.next()?.expression;
        let networks: Vec<_> = arguments.collect();
        if networks.iter().any(|network| network.expression.is_null()) {
            return Some(Expression::Literal(Value::Null));
        }
        let texts: Option<Vec<_>> = networks.iter().map(literal_text).collect();
        match Networks::parse(texts?) {
            Ok(networks) => Some(Expression::Test(address.into(), Predicate::Cidr(networks))),
            Err(index) => {
                let message = "this is no network in CIDR notation";
                let help = "write it like \"10.0.0.0/8\" or \"fe80::/10\"";
                self.report(Diagnostic::error(networks[index].span, message).with_help(help));
                None
            }
        }
    }
}

fn literal_text(argument: &Typed) -> Option<&str> {
    match &argument.expression {
        Expression::Literal(value) => value.as_text(),
        _ => None,
    }
}

/// A date is ticks inside; where it is made a text, it is written as one.
fn passed(argument: Typed, kind: Option<Kind>) -> Expression {
    if kind == Some(Kind::Any) && argument.kind == Type::Date {
        Expression::Iso(argument.expression.into())
    } else {
        argument.expression
    }
}
