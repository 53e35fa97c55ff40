//! curl answers the same challenges alike.
//!
//! `cargo test -p multi-auth-sign --features md5 --lib -- --ignored curl` runs this test.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;
use crate::digest::challenge::{Choices, Offered};
use crate::digest::session::{Qop, Session};

const CASES: usize = 10_000;

#[derive(Clone, Debug, PartialEq)]
struct Case {
    method: &'static str,
    target: String,
    user: String,
    password: String,
    challenge: String,
}

/// A text of up to so many of these letters.
fn text(letters: &'static str, range: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    let letters: Vec<_> = letters.chars().collect();
    proptest::collection::vec(proptest::sample::select(letters), range)
        .prop_map(|letters| letters.into_iter().collect())
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn challenge() -> impl Strategy<Value = String> {
    let opaque = proptest::option::of(text("aZ0+/=", 1..30));
    let algorithm = proptest::sample::select(vec!["MD5", "MD5-sess", "SHA-256", "SHA-256-sess"]);
    let qop = proptest::sample::select(vec!["auth", "auth,auth-int", "auth-int, auth"]);
    let parts = (
        text("aZ \\\"@.,=", 0..12),
        text("aZ0+/=:", 1..40),
        opaque,
        algorithm,
        qop,
    );
    (parts, any::<bool>()).prop_map(|((realm, nonce, opaque, algorithm, qop), userhash)| {
        let mut text = format!("Digest realm={}, nonce=\"{nonce}\"", quoted(&realm));
        let _ = write!(text, ", qop=\"{qop}\", algorithm={algorithm}");
        if let Some(opaque) = opaque {
            let _ = write!(text, ", opaque=\"{opaque}\"");
        }
        if userhash {
            text.push_str(", userhash=true");
        }
        text
    })
}

fn case() -> impl Strategy<Value = Case> {
    let method = proptest::sample::select(vec!["GET", "DELETE", "OPTIONS"]);
    let target = (
        text("aZ0-.~", 0..9),
        proptest::option::of(text("aZ0=&,;%", 1..9)),
    );
    let target = target.prop_map(|(path, query)| match query {
        Some(query) => format!("{path}?{}", query.replace('%', "%20")),
        None => path,
    });
    let user = text("aZ0 \"\\,=@", 1..12);
    let password = text("aZ0 \"\\,=@:é€", 0..12);
    (method, target, user, password, challenge()).prop_map(
        |(method, target, user, password, challenge)| Case {
            method,
            target,
            user,
            password,
            challenge,
        },
    )
}

/// The answers of curl, by the number of the case.
type Answers = Arc<Mutex<BTreeMap<usize, (String, String)>>>;

/// Answers each request with the challenge of its case, up to the one with an answer.
fn serve(mut stream: TcpStream, cases: &[Case], answers: &Answers) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    loop {
        let first = lines.next()?.ok()?;
        let target = first.split(' ').nth(1)?.to_owned();
        let number = target[1..].split('/').next()?.parse::<usize>().ok()?;
        let fields = lines.by_ref().map_while(Result::ok);
        let fields: Vec<_> = fields.take_while(|line| !line.is_empty()).collect();
        let answer = fields
            .iter()
            .find_map(|line| line.strip_prefix("Authorization: "));
        let reply = if let Some(answer) = answer {
            let answer = (target, answer.to_owned());
            answers.lock().unwrap().insert(number, answer);
            "HTTP/1.1 200 OK\r\n".to_owned()
        } else {
            let challenge = &cases[number].challenge;
            format!("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: {challenge}\r\n")
        };
        // In one piece: the next one would wait for an acknowledgement.
        let reply = format!("{reply}Content-Length: 0\r\n\r\n");
        stream.write_all(reply.as_bytes()).ok()?;
    }
}

/// Runs curl once for all `cases`.
fn ask_curl(cases: &[Case], port: u16) {
    let mut config = String::new();
    for (number, case) in cases.iter().enumerate() {
        let pair = quoted(&format!("{}:{}", case.user, case.password));
        let _ = writeln!(
            config,
            "url = \"http://127.0.0.1:{port}/{number}/{}\"\nuser = {pair}\nrequest = {}\ndigest\nsilent\ngloboff\npath-as-is\nnext",
            case.target, case.method
        );
    }
    let mut curl = Command::new("curl")
        .args(["--noproxy", "*", "-K", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = curl.stdin.take().unwrap();
    input
        .write_all(config.trim_end_matches("next\n").as_bytes())
        .unwrap();
    drop(input);
    assert!(curl.wait().unwrap().success());
}

/// Our answer to the challenge of `case`, with curl's `cnonce`.
fn ours(case: &Case, target: &str, cnonce: &str) -> Sent {
    let headers = fields("www-authenticate", &[&case.challenge]);
    let response = ResponseHead::new(StatusCode::UNAUTHORIZED, &headers);
    let choices = Choices {
        has_integrity: false,
        allows_md5: true,
    };
    let Offered::Usable(offer) = Offered::strongest(&response, choices) else {
        panic!("{case:?}");
    };
    let user = User::new(case.user.as_str().into(), case.password.as_str().into()).unwrap();
    let session = Session::begin(&user, offer, Arc::default(), cnonce.as_bytes());
    let mut parts = get(&format!("http://a.example{target}"));
    parts.method = case.method.parse().unwrap();
    let request = RequestHead::from_parts(&parts);
    Sent::parse(&session.signed(&request, Some(Qop::Auth), 1, cnonce.as_bytes()))
}

#[test]
#[ignore = "needs curl"]
fn curl_answers_10_000_random_challenges_alike() {
    let mut runner = TestRunner::default();
    let mut next = || case().new_tree(&mut runner).unwrap().current();
    let cases: Arc<Vec<_>> = Arc::new((0..CASES).map(|_| next()).collect());
    let answers = Answers::default();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (served, kept) = (Arc::clone(&cases), Arc::clone(&answers));
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (cases, answers) = (Arc::clone(&served), Arc::clone(&kept));
            std::thread::spawn(move || serve(stream, &cases, &answers));
        }
    });
    ask_curl(&cases, port);
    let answers = answers.lock().unwrap();
    let missing = (0..CASES).find(|number| !answers.contains_key(number));
    assert_eq!(missing.map(|number| &cases[number]), None);
    let plain = |sent: &Sent| -> BTreeMap<_, _> {
        let values = sent.0.iter();
        values
            .map(|(name, (value, _))| (name.clone(), value.clone()))
            .collect()
    };
    for (number, case) in cases.iter().enumerate() {
        let (target, answer) = &answers[&number];
        let theirs = Sent::parse(answer.as_bytes());
        let ours = ours(case, target, theirs.get("cnonce"));
        assert_eq!(plain(&ours), plain(&theirs), "{case:?}");
    }
}
