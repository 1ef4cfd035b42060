//! Who calls, and what he may.

use std::collections::HashMap;

use super::table::Right;
use crate::config::OperatorRule;

/// What stands behind the name of an operator in his certificate.
const SUFFIX: &str = ".operator.internal";

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Caller {
    /// A program on the machine of the node. He may change what he likes, and says who he is.
    Local,
    /// Whom a certificate names.
    Operator { name: String, right: Right },
    /// Somebody else: a participant, say, or a former operator.
    Stranger,
}

/// The operators, by their names.
#[derive(Debug)]
pub(super) struct Operators {
    rights: HashMap<String, Right>,
}

impl Operators {
    pub(super) fn new(rules: &[OperatorRule]) -> Self {
        Self { rights: rules.iter().map(|rule| (rule.name.clone(), rule.right)).collect() }
    }

    /// Who shows a certificate with these DNS names. One that names two operators is nobody's.
    pub(super) fn caller(&self, names: &[String]) -> Caller {
        let mut named = names.iter().filter_map(|name| name.strip_suffix(SUFFIX));
        match (named.next().and_then(|name| self.rights.get_key_value(name)), named.next()) {
            (Some((name, right)), None) => Caller::Operator { name: name.clone(), right: *right },
            _ => Caller::Stranger,
        }
    }
}

impl Caller {
    /// What he may at most; `None`: nothing.
    pub(super) const fn right(&self) -> Option<Right> {
        match self {
            Self::Local => Some(Right::Change),
            Self::Operator { right, .. } => Some(*right),
            Self::Stranger => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_of_an_operator_makes_an_operator() {
        let rule = |name: &str, right| OperatorRule { name: name.to_owned(), right };
        let operators = Operators::new(&[rule("li.wei", Right::Change), rule("wang", Right::Read)]);
        for (names, expected) in [
            (&["li.wei.operator.internal"][..], Some(("li.wei", Right::Change))),
            (&["laptop.example", "wang.operator.internal"], Some(("wang", Right::Read))),
            (&["li.wei.operator.internal", "wang.operator.internal"], None),
            (&["wang.operator.internal", "zhao.operator.internal"], None),
            (&["zhao.operator.internal"], None),
            (&["c1000111000015.participant.internal"], None),
            (&["wang.participant.internal"], None),
            (&["wang"], None),
            (&[".operator.internal"], None),
            (&["x.wang.operator.internal"], None),
            (&[], None),
        ] {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            let expected =
                expected.map_or(Caller::Stranger, |(name, right)| Caller::Operator { name: name.to_owned(), right });
            assert_eq!(operators.caller(&names), expected, "{names:?}");
        }
    }
}
