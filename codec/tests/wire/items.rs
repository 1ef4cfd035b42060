//! A leaf that comes several times in a row.

use bytes::BytesMut;
use clearway_codec::limits::CONTROL_NUMBERS_MAX;
use clearway_codec::{Decoder, Error, ErrorKind, Field, MessageType, Values, encode, forward};

use crate::samples::{example_values, full, header};

/// Encodes a 402 with these control numbers.
fn encoded(items: &[&[u8]]) -> Result<Vec<u8>, Error> {
    let mut values = example_values(MessageType::Epcc402, |element| element.is_mandatory());
    values.set_items(Field::CtrlNbF, items);
    let mut out = BytesMut::new();
    encode(&mut out, MessageType::Epcc402, &header(MessageType::Epcc402), &values)?;
    Ok(out.to_vec())
}

fn read(bytes: &[u8]) -> Result<Vec<String>, Error> {
    let mut decoder = Decoder::new();
    let checked = decoder.decode(bytes)?.check()?;
    let items: Vec<_> = checked.items(Field::CtrlNbF).map(|item| String::from_utf8_lossy(item).into_owned()).collect();
    assert_eq!(checked.field(Field::CtrlNbF).map(<[u8]>::to_vec), items.first().map(|item| item.clone().into_bytes()));
    Ok(items)
}

#[test]
fn as_many_come_back_as_were_sent() {
    let numbers: Vec<String> = (0..=u32::from(CONTROL_NUMBERS_MAX)).map(|number| format!("77{number:04}")).collect();
    let items: Vec<&[u8]> = numbers.iter().map(String::as_bytes).collect();
    let most = usize::from(CONTROL_NUMBERS_MAX);
    for count in [0, 1, 2, 20, most] {
        let bytes = encoded(&items[..count]).unwrap_or_else(|error| panic!("{count}: {error}"));
        assert_eq!(read(&bytes), Ok(numbers[..count].to_vec()));
    }
    let error = encoded(&items).expect_err("one too many");
    assert_eq!(error.kind, ErrorKind::Repeated);
    let error = encoded(&[b"770101", b"7701"]).expect_err("one is short");
    assert!(matches!(error.kind, ErrorKind::BadValue(_)));
    assert_eq!(error.path.as_str(), "/root/MsgBody/CtrlNbInf/CtrlNbF");
}

/// The example of the catalogue is one item.
#[test]
fn a_single_value_is_one_item() {
    assert_eq!(read(&full(MessageType::Epcc402)), Ok(vec!["770101".to_owned()]));
}

#[test]
fn spellings_and_empty_ones_are_read() {
    let one = String::from_utf8(full(MessageType::Epcc402)).expect("it is UTF-8");
    let with = |list: &str| read(one.replace("<CtrlNbF>770101</CtrlNbF>", list).as_bytes());
    let item = |number: &str| format!("<CtrlNbF>{number}</CtrlNbF>");
    let (first, second) = (item("770001"), item("770002"));
    for list in [
        format!("{first}{second}"),
        format!("{first}\n  {second}\n"),
        format!("<CtrlNbF/>{first}<CtrlNbF></CtrlNbF>{second}<CtrlNbF />"),
        format!("{first}<CtrlNbF a=\"/>\" b='1'>770002</CtrlNbF >"),
        format!("<CtrlNbF\n>770001</CtrlNbF\t><CtrlNbF a='>'/>{second}<CtrlNbFurther>9</CtrlNbFurther>"),
        format!("{first}{second}<Unknown><CtrlNbF>770003</CtrlNbF></Unknown>"),
    ] {
        assert_eq!(with(&list), Ok(vec!["770001".to_owned(), "770002".to_owned()]), "{list}");
    }
    for list in ["", "<CtrlNbF/>", "<CtrlNbF></CtrlNbF><CtrlNbF a='1'></CtrlNbF>"] {
        assert_eq!(with(list), Ok(Vec::new()), "{list}");
    }
    let many = first.repeat(usize::from(CONTROL_NUMBERS_MAX) + 1);
    let error = with(&many).expect_err("too many");
    assert_eq!((error.kind, error.path.as_str()), (ErrorKind::Repeated, "/root/MsgBody/CtrlNbInf/CtrlNbF"));
    let error = with(&format!("{first}<Unknown/>{second}")).expect_err("known behind unknown");
    assert_eq!(error.kind, ErrorKind::Repeated);
}

/// Of a field that comes once, the items are that one.
#[test]
fn any_field_has_items() {
    let bytes = full(MessageType::Epcc201);
    let mut decoder = Decoder::new();
    let checked = decoder.decode(&bytes).and_then(|message| message.check()).expect("it is good");
    for field in Field::ALL {
        assert_eq!(checked.items(*field).collect::<Vec<_>>(), checked.field(*field).into_iter().collect::<Vec<_>>());
    }
}

/// A list goes on as it came, whatever is set.
#[test]
fn forwarding_leaves_a_list_as_it_is() {
    let bytes = encoded(&[b"770001", b"770002"]).expect("good");
    let items: [&[u8]; 1] = [b"770003"];
    let mut values = Values::new();
    values.set(Field::CtrlNbF, b"770003").set_items(Field::CtrlNbF, &items).set(Field::SysRtnCd, b"ES000098");
    let mut decoder = Decoder::new();
    let checked = decoder.decode(&bytes).and_then(|message| message.check()).expect("good");
    let mut out = BytesMut::new();
    forward(&mut out, &checked, &header(MessageType::Epcc402), &values);
    assert_eq!(read(&out), Ok(vec!["770001".to_owned(), "770002".to_owned()]));
    let expected = String::from_utf8_lossy(&bytes).replace("<SysRtnCd>00000000<", "<SysRtnCd>ES000098<");
    assert_eq!(String::from_utf8_lossy(&out), expected);
}

#[test]
fn values_keep_one_list() {
    let (one, two): ([&[u8]; 1], [&[u8]; 2]) = ([b"770001"], [b"770002", b"770003"]);
    let mut values = Values::new();
    assert!(values.items(Field::CtrlNbF).is_empty());
    values.set_items(Field::CtrlNbF, &one).set_items(Field::CtrlNbF, &two);
    assert_eq!(values.items(Field::CtrlNbF), two);
    assert!(values.items(Field::TrxId).is_empty());
}
