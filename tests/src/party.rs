//! A bank or an institution that does what a test tells it, message by message, and remembers what it was sent.
//!
//! ```text
//! node --201--> Party: believed only if signed by the node, kept in heard()
//!          <--- what the script says for a 201: yes, no, "in process", a page, no usable answer, or held back
//! ```
//!
//! Invariant: what is not scripted is answered as a healthy participant would: a yes that repeats what the catalogue lets it repeat,
//! sensitive values opened and sealed anew. The simulated banks of the load generator draw what they do; these never do.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use bytes::Bytes;
use clearway_codec::catalogue::{Element, schema};
use clearway_codec::{Direction, Field, InstitutionId, MessageType, SerialNumber};
use clearway_crypto::VerifyingKey;
use clearway_loadgen::config::{Identity, OpenedValues};

use crate::answer::{self, Answer};
use crate::institution::beijing_now;
use crate::letter::Letter;
use crate::wait::until;

/// What a participant does with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// A yes.
    Yes,
    /// A yes that forgets the number of what it opens.
    Numberless,
    /// A business "no" of this code.
    No(&'static str),
    /// "In process": status 02.
    InProcess,
    /// "In process", with the address of a page.
    Page,
    /// A 303 of this code: the message itself is refused.
    Refuse(&'static str),
    /// To a query: no such transaction.
    Unknown,
    /// HTTP 503 without a message: what became of it is not known.
    Fail,
    /// Nothing until the script says something else; then that.
    Held,
}

/// One scripted participant. Dropping it closes its door.
#[derive(Debug)]
pub struct Party {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    identity: Identity,
    node: (InstitutionId, SerialNumber, VerifyingKey),
    heard: Mutex<Vec<Answer>>,
    script: Mutex<Vec<(MessageType, Reaction)>>,
    rewritten: Condvar,
    stopped: AtomicBool,
}

impl Party {
    /// Starts one that signs as `identity` and believes `node`.
    ///
    /// # Panics
    /// If the machine gives no port.
    #[must_use]
    pub fn start(identity: &Identity, node: &clearway_loadgen::config::Node) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("a bound port");
        let state = Arc::new(State {
            identity: identity.clone(),
            node: (node.id, node.serial, node.key.clone()),
            heard: Mutex::default(),
            script: Mutex::default(),
            rewritten: Condvar::new(),
            stopped: AtomicBool::new(false),
        });
        let serving = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if serving.stopped.load(Ordering::Relaxed) {
                    return;
                }
                let state = Arc::clone(&serving);
                std::thread::spawn(move || state.serve(&stream));
            }
        });
        Self { address, state }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Who it is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.state.identity
    }

    /// What it does with messages of a type from now on.
    pub fn on(&self, message_type: MessageType, reaction: Reaction) {
        let mut script = lock(&self.state.script);
        script.retain(|(known, _)| *known != message_type);
        script.push((message_type, reaction));
        drop(script);
        self.state.rewritten.notify_all();
    }

    /// Every message of a type that it was sent, in the order in which they came.
    #[must_use]
    pub fn heard(&self, message_type: MessageType) -> Vec<Answer> {
        lock(&self.state.heard).iter().filter(|message| message.message_type() == message_type).cloned().collect()
    }

    /// Waits until it was sent `count` messages of a type, and gives the last of them.
    ///
    /// # Panics
    /// After the limit, or for a count of 0.
    #[must_use]
    pub fn await_heard(&self, message_type: MessageType, count: usize) -> Answer {
        until(&format!("{count} x {message_type:?} at {}", self.state.identity.id), || {
            self.heard(message_type).into_iter().nth(count - 1)
        })
    }

    /// Waits for a message of a type about the transaction that `letter` orders or is about, and gives the first.
    ///
    /// # Panics
    /// After the limit.
    #[must_use]
    pub fn await_about(&self, message_type: MessageType, letter: &Letter) -> Answer {
        let id = letter.value(Field::TrxId).or_else(|| letter.value(Field::OriTrxId));
        let is_about = |message: &Answer| {
            [Field::OriTrxId, Field::TrxId].iter().any(|field| message.text(*field).as_deref() == id)
        };
        until(&format!("{message_type:?} about {id:?} at {}", self.state.identity.id), || {
            self.heard(message_type).into_iter().find(is_about)
        })
    }

    /// What a message to it carries sealed.
    ///
    /// # Panics
    /// If that does not open with its keys.
    #[must_use]
    pub fn open(&self, message: &Answer) -> OpenedValues {
        self.state.identity.envelope.as_ref().map_or_else(OpenedValues::default, |keys| message.open(keys))
    }

    /// A letter of this participant, as a payer's bank writes one, with the catalogue's examples in it.
    #[must_use]
    pub fn letter(&self, message_type: MessageType) -> Letter {
        let identity = &self.state.identity;
        let mut letter = Letter::new(message_type, identity.id, identity.serial, beijing_now());
        letter.header.direction = Direction::PAYER_BANK_TO_SWITCH;
        letter
    }

    /// What it would answer to `request` with this reaction: also a letter that it may send by itself, later.
    #[must_use]
    pub fn answer(&self, request: &Answer, reaction: Reaction) -> Letter {
        self.state.compose(request, reaction)
    }
}

impl Drop for Party {
    fn drop(&mut self) {
        self.state.stopped.store(true, Ordering::Relaxed);
        self.on(MessageType::Epcc991, Reaction::Yes);
        // Wakes the thread that accepts; it may be gone already.
        let _ = TcpStream::connect(self.address);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// One connection, until the node closes it.
    fn serve(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Ok(Some(body)) = read_request(&mut reader) {
            let (id, serial, key) = &self.node;
            if let Err(why) = answer::verify(&body, (*id, *serial), key) {
                eprintln!("{} was sent what it does not believe: {why}", self.identity.id);
                return;
            }
            let request = Answer { bytes: body };
            lock(&self.heard).push(request.clone());
            let reaction = self.reaction_to(request.message_type());
            let (status, body) = match reaction {
                Reaction::Fail => ("503 Service Unavailable", Bytes::new()),
                reaction => ("200 OK", self.compose(&request, reaction).seal(&self.identity.key)),
            };
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/xml;charset=utf-8\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let mut writer = stream;
            if writer.write_all(&[head.as_bytes(), &body].concat()).is_err() {
                return;
            }
        }
    }

    fn reaction_to(&self, message_type: MessageType) -> Reaction {
        let mut script = lock(&self.script);
        loop {
            let found = script.iter().find(|(known, _)| *known == message_type);
            match found.map_or(Reaction::Yes, |(_, reaction)| *reaction) {
                Reaction::Held if !self.stopped.load(Ordering::Relaxed) => {
                    script = self.rewritten.wait(script).unwrap_or_else(PoisonError::into_inner);
                }
                Reaction::Held => return Reaction::Fail,
                reaction => return reaction,
            }
        }
    }

    fn compose(&self, request: &Answer, reaction: Reaction) -> Letter {
        let asked = request.message_type();
        let answer = match reaction {
            Reaction::Refuse(_) => MessageType::Epcc303,
            _ => schema(asked).answer.unwrap_or(MessageType::Epcc303),
        };
        let mut letter = Letter::new(answer, self.identity.id, self.identity.serial, beijing_now());
        letter.header.direction = direction_back(request.direction());
        let fields = fields_of(answer);
        for field in fields.iter().filter(|field| !field.is_encrypted_in(answer)) {
            if let Some(text) = request.text(*field) {
                letter = letter.with(*field, text);
            }
        }
        for (field, text) in verdict(request, reaction) {
            if fields.contains(&field) {
                letter = letter.with(field, text);
            }
        }
        self.seal_echo(letter, request, answer)
    }

    /// Sensitive values of the request that the answer repeats.
    fn seal_echo(&self, letter: Letter, request: &Answer, answer: MessageType) -> Letter {
        let Some(keys) = &self.identity.envelope else { return letter };
        let opened = request.open(keys);
        let clear: Vec<_> = opened.to_clear().into_iter().filter(|(field, _)| field.is_encrypted_in(answer)).collect();
        if clear.is_empty() { letter } else { letter.with_sealed(keys, &clear) }
    }
}

/// The number that a scripted bank gives to what the transaction with this id opens.
#[must_use]
pub fn number_of(id: &str) -> String {
    format!("EP{id}")
}

/// What the answer says beside what it repeats.
fn verdict(request: &Answer, reaction: Reaction) -> Vec<(Field, String)> {
    let text = |field| request.text(field).unwrap_or_default();
    let (code, status) = match reaction {
        Reaction::No(code) | Reaction::Refuse(code) => (code, Some("01")),
        Reaction::InProcess | Reaction::Page => ("00000000", Some("02")),
        Reaction::Unknown => ("PB531001", None),
        Reaction::Yes | Reaction::Numberless | Reaction::Fail | Reaction::Held => ("00000000", Some("00")),
    };
    let system = if matches!(reaction, Reaction::Refuse(_)) { code } else { "00000000" };
    let mut said = vec![(Field::SysRtnCd, system.to_owned()), (Field::OriSysRtnCd, "00000000".to_owned())];
    said.extend([Field::BizStsCd, Field::OriBizStsCd].map(|field| (field, code.to_owned())));
    said.extend(status.map(|status| (Field::TrxStatus, status.to_owned())));
    let is_leg_two = text(Field::RPFlg) == "2";
    let serial = if is_leg_two { Field::CdtrBankId } else { Field::DbtrBankId };
    let opens =
        [Field::TrxCtgy, Field::OriTrxCtgy].map(text).iter().any(|category| ["0202", "0204"].contains(&&**category));
    let id = request.text(Field::TrxId).or_else(|| request.text(Field::OriTrxId)).unwrap_or_default();
    if matches!(reaction, Reaction::Yes | Reaction::Numberless) {
        said.push((serial, format!("7{}", &id[id.len().saturating_sub(19)..])));
        if opens && reaction == Reaction::Yes {
            said.push((Field::SgnNo, number_of(&id)));
        }
    }
    if reaction == Reaction::Page {
        said.push((Field::PgUrl, format!("https://bank.example/pay/{id}")));
    }
    said
}

/// Every leaf that a message may have.
fn fields_of(message_type: MessageType) -> Vec<Field> {
    let mut fields = Vec::new();
    schema(message_type).walk(&mut |_, element: &'static Element| fields.extend(element.leaf().map(|leaf| leaf.field)));
    fields
}

fn direction_back(direction: Direction) -> Direction {
    match direction {
        Direction::SWITCH_TO_PAYER_BANK => Direction::PAYER_BANK_TO_SWITCH,
        Direction::SWITCH_TO_PAYEE_BANK => Direction::PAYEE_BANK_TO_SWITCH,
        _ => Direction::PI_TO_SWITCH,
    }
}

/// The body of the next request; none when the other side has closed.
fn read_request(reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let (mut line, mut length) = (String::new(), 0);
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let Some((name, value)) = line.split_once(':') else {
            if line.trim().is_empty() {
                break;
            }
            continue;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().map_err(|_| io::ErrorKind::InvalidData)?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(body))
}
