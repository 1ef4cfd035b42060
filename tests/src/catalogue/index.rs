//! The first page: the messages, the header, and how to read the rest.

use std::fmt::Write as _;

use clearway_codec::MessageType;
use clearway_codec::catalogue::{HEADER, schema};

use super::{form, page, table};

const INTRODUCTION: &str = "\
# Reference of the messages

Every message of the wire, as the catalogue of this crate has it: the same rows that the code checks, writes and forwards by. Where they come from, and
which of them are this project's own decisions, says [../wire.md](../wire.md).

Made by `cargo catalogue`; `cargo catalogue --check` lists what is stale, and `cargo verify` fails on it. Do not edit by hand.

";

const COLUMNS: &str = "
## How to read a page

* **element**: path below `MsgBody`. Elements stand in the order of the table, each at most once.
* **length**: in characters, after references are resolved. Of an encrypted element: of its base64 text, and the longest clear value behind it.
* **presence**: M must be there and not empty; O may be absent, or there and empty; C only beside others; 0..n any number of times in a row. A block that is O
  may be absent or without values; with one value, its M elements are asked for.
* **encrypted**: the element holds the base64 of a cipher text under the key in `DgtlEnvlp`, made anew for each hop.
* **example**: one that would be accepted. An example of an encrypted element is no real cipher text.

";

const FILES: &str = "
## XSDs and samples

`xsd/` has a schema for each message, `samples/` a message with every element. A sample has the wire's form: the document, a line feed, and the signature
in `{S:...}`; cut that off before a schema validator sees it. Samples are signed with RSA-2048 and SHA-256 by the demonstration keys in
`../tests/vectors/keys`, which protect nothing. What the switch fills in is empty in messages of an institution.

```text
sed 's/{S:.*//' samples/epcc.201.001.01.msg | xmllint --noout --schema xsd/epcc.201.001.01.xsd -
```

A schema is stricter than the code. It refuses elements that the catalogue does not know, which the code tolerates at the end of a block: an XSD that let
them through could not tell them from optional elements that are known. It refuses attributes, and a `root` of another namespace or of none. And an optional
block that is there without values must have no elements, while the code also takes empty ones. It is less strict about days (February 30). In all else both
say the same; a test holds them side by side.
";

/// The first page.
pub(super) fn write() -> String {
    let header = table::write("MsgHeader/", HEADER.children());
    [INTRODUCTION, &messages(), COLUMNS, &forms(), "\n## The header of every message\n\n", &header, FILES].concat()
}

fn messages() -> String {
    let mut table =
        "| message | 中文 | meaning | written by | answered by | files |\n| --- | --- | --- | --- | --- | --- |\n"
            .to_owned();
    for message_type in MessageType::ALL {
        let schema = schema(*message_type);
        let (code, number) = (message_type.code(), message_type.number());
        let answer = schema.answer.map_or_else(String::new, |answer| format!("[{0}](epcc.{0:03}.md)", answer.number()));
        // A `String` takes whatever is written to it.
        let _ = writeln!(
            table,
            "| [{code}](epcc.{number:03}.md) | {} | {} | {} | {answer} | [XSD](xsd/{code}.xsd) [sample](samples/{code}.msg) |",
            schema.chinese,
            schema.english,
            page::name_of(schema.sender),
        );
    }
    table
}

fn forms() -> String {
    let mut table = "| type | form |\n| --- | --- |\n| base64 | an encrypted value |\n".to_owned();
    for (_, name, meaning) in form::FORMS {
        // As above.
        let _ = writeln!(table, "| {name} | {meaning} |");
    }
    table
}
