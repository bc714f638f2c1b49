//! `cidrMatch(address, network, …)`

use super::{Arguments, Function, Kind, Parameter};
use crate::plan::Networks;
use crate::value::Value;

pub(crate) const CIDR_MATCH: Function = Function {
    name: "cidrMatch",
    parameters: &[
        Parameter::required("address", Kind::Address),
        Parameter::constant("network", Kind::Text),
    ],
    repeats: true,
    folds_case: false,
    returns: Kind::Boolean,
    summary: "Whether the address lies in one of the networks. A bare address is a network of one; \
              IPv4 and IPv6 never match each other; what is no address lies in none.",
    evaluate,
};

/// The compiler turns calls into [`Networks`] once, so this runs only on what it could not see
/// through.
fn evaluate(arguments: &Arguments<'_, '_>) -> Option<Value<'static>> {
    let address = arguments.text(0)?;
    let networks = arguments.values.iter().skip(1).map(Value::as_text);
    let networks: Option<Vec<_>> = networks.collect();
    let networks = Networks::parse(networks?).ok()?;
    Some(Value::Bool(networks.contain(address)))
}
