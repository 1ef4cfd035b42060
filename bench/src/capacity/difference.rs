//! Where two documents differ first.

use serde_json::Value;

/// Longest piece of a document that a difference quotes, in characters.
const QUOTED_MAX: usize = 80;

/// The first difference between what was derived and what stands, in words; `None` when they are the same byte for byte.
///
/// In JSON the first key in the order of the document with both values; in anything else the first line.
pub(super) fn first(derived: &str, stands: &str) -> Option<String> {
    if derived == stands {
        return None;
    }
    let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
    let by_value = parse(derived).zip(parse(stands)).and_then(|(derived, stands)| of_values("", &derived, &stands));
    Some(by_value.unwrap_or_else(|| of_lines(derived, stands)))
}

/// Depth first, in the order of keys and places.
fn of_values(path: &str, derived: &Value, stands: &Value) -> Option<String> {
    match (derived, stands) {
        (Value::Object(one), Value::Object(other)) => {
            let keys = one.keys().chain(other.keys().filter(|key| !one.contains_key(*key)));
            keys.map(|key| (format!("{path}.{key}"), one.get(key), other.get(key))).find_map(of_parts)
        }
        (Value::Array(one), Value::Array(other)) => {
            let places = 0..one.len().max(other.len());
            places.map(|place| (format!("{path}[{place}]"), one.get(place), other.get(place))).find_map(of_parts)
        }
        _ if derived == stands => None,
        _ => Some(told(path, &derived.to_string(), &stands.to_string())),
    }
}

fn of_parts((path, derived, stands): (String, Option<&Value>, Option<&Value>)) -> Option<String> {
    match (derived, stands) {
        (Some(derived), Some(stands)) => of_values(&path, derived, stands),
        (Some(derived), None) => Some(told(&path, &derived.to_string(), "nothing")),
        (None, Some(stands)) => Some(told(&path, "nothing", &stands.to_string())),
        (None, None) => None,
    }
}

fn of_lines(derived: &str, stands: &str) -> String {
    let (mut one, mut other) = (derived.lines(), stands.lines());
    let mut number = 0_usize;
    loop {
        number += 1;
        match (one.next(), other.next()) {
            (Some(derived), Some(stands)) if derived == stands => {}
            // The same lines: the documents differ in how they end them.
            (None, None) => return "line ends differ".to_owned(),
            (derived, stands) => {
                let (derived, stands) = (derived.unwrap_or("nothing"), stands.unwrap_or("nothing"));
                let (derived, stands) = around_change(derived, stands);
                return told(&format!("line {number}"), derived, stands);
            }
        }
    }
}

/// Both lines from shortly before where they part: a page has long ones.
fn around_change<'a>(derived: &'a str, stands: &'a str) -> (&'a str, &'a str) {
    const BEFORE: usize = 20;
    let same = derived.char_indices().zip(stands.chars()).take_while(|((_, one), other)| one == other);
    let starts: Vec<usize> = same.map(|((place, _), _)| place).collect();
    let from = starts.len().checked_sub(BEFORE).map_or(0, |place| starts[place]);
    (&derived[from..], &stands[from..])
}

fn told(place: &str, derived: &str, stands: &str) -> String {
    format!("{}: derived {}, stands {}", place.trim_start_matches('.'), quoted(derived), quoted(stands))
}

fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED_MAX) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_key_that_differs_is_named_with_both_values() {
        let derived = r#"{"a": 1, "steps": [{"x": 1.5}, {"x": 2, "y": "p"}], "z": null}"#;
        let cases = [
            (derived.to_owned(), None),
            (derived.replace("1.5", "1.25"), Some("steps[0].x: derived 1.5, stands 1.25")),
            (derived.replace(r#""y": "p""#, r#""y": "q""#), Some(r#"steps[1].y: derived "p", stands "q""#)),
            (derived.replace(r#", "y": "p""#, ""), Some(r#"steps[1].y: derived "p", stands nothing"#)),
            (derived.replace(r#""a": 1,"#, r#""a": 1, "b": 2,"#), Some("b: derived nothing, stands 2")),
            (derived.replace("null", "[]"), Some("z: derived null, stands []")),
            (derived.replace("{\"a\"", "{ \"a\""), Some("line 1: derived {\"a\"")),
        ];
        for (stands, expected) in cases {
            let found = first(derived, &stands);
            assert_eq!(found.is_some(), expected.is_some(), "{stands}: {found:?}");
            assert!(found.as_deref().unwrap_or_default().starts_with(expected.unwrap_or_default()), "{found:?}");
        }
    }

    #[test]
    fn pages_are_compared_by_line_and_quoted_around_the_change() {
        let long = format!("<p>{}</p>", "word ".repeat(100));
        let (derived, stands) = (format!("<h1>x</h1>\n{long}7 ms"), format!("<h1>x</h1>\n{long}8 ms"));
        let found = first(&derived, &stands).unwrap();
        assert!(found.starts_with("line 2: ") && found.contains("7 ms") && found.contains("8 ms"), "{found}");
        assert!(found.len() < 300);
        assert_eq!(first("a\nb", "a\nb\n").as_deref(), Some("line ends differ"));
        assert_eq!(first("a", "a\nb").as_deref(), Some("line 2: derived nothing, stands b"));
        assert!(first("\u{e9}\u{e9}a", "\u{e9}\u{e9}b").is_some());
    }
}
