//! Answers that are made to take memory: of one MiB, the most that is read, or of more.

use std::sync::Arc;

use super::MIB;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// A name, a media type and the bytes.
type Body = (&'static str, &'static str, Vec<u8>);

/// What a server sends, ready before anything is measured, and a name for it.
pub(super) type Answer = (&'static str, Arc<[u8]>);

fn json_bodies() -> Vec<Body> {
    vec![
        ("spaces", JSON, fill("", " ", "")),
        ("brackets", JSON, fill("", "[", "")),
        (
            "nested lists",
            JSON,
            [b"[".repeat(MIB / 2), b"]".repeat(MIB / 2)].concat(),
        ),
        ("nested members", JSON, fill("", "{\"a\":", "")),
        ("nested tokens", JSON, fill("", "{\"access_token\":", "")),
        ("one text", JSON, fill("\"", "x", "\"")),
        ("one escaped text", JSON, fill("\"", "\\u00e9", "\"")),
        ("numbers", JSON, fill("[", "1,", "1]")),
        ("fractions", JSON, fill("[", "0.1,", "1]")),
        ("one number", JSON, fill("", "9", "")),
        (
            "a long lifetime",
            JSON,
            fill("{\"access_token\":\"t\",\"expires_in\":", "9", "x}"),
        ),
        (
            "a long fraction",
            JSON,
            fill("{\"access_token\":7,\"expires_in\":0.", "1", "}"),
        ),
        (
            "a lifetime of text",
            JSON,
            fill("{\"access_token\":\"t\",\"expires_in\":\"", " ", "\"}"),
        ),
        ("texts", JSON, fill("[", "\"\",", "1]")),
        ("lists", JSON, fill("[", "[],", "1]")),
        ("objects", JSON, fill("[", "{},", "1]")),
        ("objects with members", JSON, fill("[", "{\"a\":1},", "1]")),
        (
            "members",
            JSON,
            numbered(|number| format!("\"{number:x}\":0,")),
        ),
        (
            "escaped members",
            JSON,
            numbered(|number| format!("\"\\n{number:x}\":\"\\t\",")),
        ),
        (
            "members of one name",
            JSON,
            fill("{", "\"access_token\":1,", "\"error\":1}"),
        ),
        ("one long name", JSON, fill("{\"", "x", "\":1}")),
        ("one escaped name", JSON, fill("{\"", "\\n", "\":1}")),
        ("a long token", JSON, token("t")),
        ("a long escaped token", JSON, token("\\n")),
        ("tokens", JSON, many_tokens(30_000, "t")),
        ("escaped tokens", JSON, many_tokens(190_000, "\\u00e9")),
        ("a long error", JSON, fill("{\"error\":\"", "\\n", "\"}")),
        (
            "a long type",
            JSON,
            fill("{\"token_type\":\"", "\\n", "\"}"),
        ),
    ]
}

/// Forms, and what is neither.
fn other_bodies() -> Vec<Body> {
    vec![
        ("bytes outside UTF-8", JSON, vec![0xff; MIB]),
        ("a page", "text/html", fill("<html>", "<p>", "")),
        ("a page that says JSON", JSON, fill("<html>", "<p>", "")),
        ("fields", FORM, fill("", "a&", "")),
        ("separators", FORM, fill("", "&", "")),
        ("fields of one name", FORM, fill("", "access_token=&", "")),
        ("one long field", FORM, fill("access_token=", "%01", "")),
        (
            "one long field outside UTF-8",
            FORM,
            [&b"access_token="[..], &vec![0xff; MIB - 13]].concat(),
        ),
        ("one long field name", FORM, fill("", "%61", "")),
        (
            "fields that are tokens",
            FORM,
            fill("", &format!("access_token={}&", "%01".repeat(60_000)), ""),
        ),
        (
            "fields outside UTF-8",
            FORM,
            fill("", &format!("error={}&", "%ff".repeat(65_000)), ""),
        ),
        ("no media type", "", fill("{\"a\":[", "1,", "1]}")),
    ]
}

/// As many pieces as fit.
fn fill(before: &str, piece: &str, after: &str) -> Vec<u8> {
    let count = (MIB - before.len() - after.len()) / piece.len();
    format!("{before}{}{after}", piece.repeat(count)).into_bytes()
}

/// An object of as many members as fit, each of another name.
fn numbered(member: fn(usize) -> String) -> Vec<u8> {
    let mut all = String::from("{");
    for number in 0.. {
        let next = member(number);
        if all.len() + next.len() + 6 > MIB {
            break;
        }
        all.push_str(&next);
    }
    format!("{all}\"\":1}}").into_bytes()
}

fn token(piece: &str) -> Vec<u8> {
    fill("{\"access_token\":\"", piece, "\"}")
}

fn many_tokens(length: usize, value: &str) -> Vec<u8> {
    let token = value.repeat(length / value.len());
    let member = format!("\"access_token\":\"{token}\",");
    fill("{", &member, "\"error\":1}")
}

fn whole(status: &str, media_type: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// In pieces of so many bytes.
fn in_chunks(size: usize, end: &str) -> Vec<u8> {
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = format!("{size:x}\r\n{}\r\n", " ".repeat(size));
    format!("{head}{}{end}", chunk.repeat(MIB / size)).into_bytes()
}

pub(super) fn answers() -> Vec<Answer> {
    let mut answers: Vec<(&str, Vec<u8>)> = Vec::new();
    for (name, media_type, body) in json_bodies().into_iter().chain(other_bodies()) {
        assert!(body.len() <= MIB, "{name}");
        answers.push((name, whole("200 OK", media_type, &body)));
        if ["a long error", "members", "fields of one name"].contains(&name) {
            for status in [
                "400 Bad Request",
                "401 Unauthorized",
                "403 Forbidden",
                "500 Down",
            ] {
                answers.push((name, whole(status, media_type, &body)));
            }
        }
    }
    let fields = |count: usize, length: usize| {
        let field = |number| format!("x-{number}: {}\r\n", "v".repeat(length));
        let fields: String = (0..count).map(field).collect();
        format!("HTTP/1.1 200 OK\r\n{fields}content-length: 2\r\n\r\n{{}}").into_bytes()
    };
    let early = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(20_000);
    answers.extend([
        ("chunks of one byte", in_chunks(1, "0\r\n\r\n")),
        ("chunks of 100 bytes", in_chunks(100, "0\r\n\r\n")),
        (
            "chunks and trailers",
            in_chunks(4096, &format!("0\r\n{}\r\n", "x-a: b\r\n".repeat(10_000))),
        ),
        (
            "one chunk more than fits",
            in_chunks(1, &format!("{MIB:x}\r\n{}", " ".repeat(MIB))),
        ),
        (
            "an answer of 8 MiB",
            whole("200 OK", "application/json", &vec![b' '; 8 * MIB]),
        ),
        ("ninety header fields", fields(90, 4_000)),
        ("a thousand header fields", fields(1_000, 1_000)),
        ("one header field of 8 MiB", fields(1, 8 * MIB)),
        ("answers before the answer", early.into_bytes()),
    ]);
    answers
        .into_iter()
        .map(|(name, bytes)| (name, bytes.into()))
        .collect()
}
