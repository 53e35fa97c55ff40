//! Finds the one private key in a PEM text (RFC 7468).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;

use crate::KeyProblem;

/// What the label says about the bytes of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// `PRIVATE KEY` (RFC 5958).
    Pkcs8,
    /// `RSA PRIVATE KEY` (RFC 8017, A.1.2).
    Pkcs1,
    /// `EC PRIVATE KEY` (RFC 5915).
    Sec1,
}

/// A block between two boundaries. It borrows from the text, so it needs no wiping.
struct Block<'t> {
    label: &'t str,
    lines: Vec<&'t str>,
}

/// The private key in `text` and its format. Indented lines and every kind of line break are read.
pub(super) fn read(text: &str) -> Result<(Format, Zeroizing<Vec<u8>>), KeyProblem> {
    let mut blocks = blocks(text)?;
    // `openssl ecparam -genkey` writes the curve before the key, which names it too.
    blocks.retain(|block| block.label != "EC PARAMETERS");
    match &*blocks {
        [] => Err(KeyProblem::Malformed),
        [block] => Ok((format(block)?, decoded(&block.lines)?)),
        [..] => Err(KeyProblem::SeveralKeys),
    }
}

fn blocks(text: &str) -> Result<Vec<Block<'_>>, KeyProblem> {
    let lines = text.split(['\r', '\n']).map(str::trim);
    let mut lines = lines.filter(|line| !line.is_empty()).peekable();
    let mut blocks = Vec::new();
    let mut is_surrounded = false;
    while let Some(line) = lines.next() {
        let Some(label) = label(line, "-----BEGIN ") else {
            is_surrounded = true;
            continue;
        };
        let mut block = Block {
            label,
            lines: Vec::new(),
        };
        loop {
            let line = lines.next().ok_or(KeyProblem::Malformed)?;
            if self::label(line, "-----END ") == Some(label) {
                break;
            }
            block.lines.push(line);
        }
        blocks.push(block);
    }
    match (blocks.is_empty(), is_surrounded) {
        (false, false) => Ok(blocks),
        (false, true) => Err(KeyProblem::SurroundingText),
        (true, _) => Err(without_blocks(text)),
    }
}

fn label<'t>(line: &'t str, boundary: &str) -> Option<&'t str> {
    let label = line.strip_prefix(boundary)?.strip_suffix("-----")?;
    // Both boundaries in one line are PEM that has lost its line breaks.
    (!label.contains("-----")).then_some(label)
}

fn without_blocks(text: &str) -> KeyProblem {
    let text = text.trim();
    if text.is_empty() {
        KeyProblem::Empty
    } else if !text.contains("-----BEGIN ") {
        KeyProblem::NotPem
    } else if text.contains(['\r', '\n']) {
        KeyProblem::Malformed
    } else {
        KeyProblem::NoLineBreaks
    }
}

fn format(block: &Block<'_>) -> Result<Format, KeyProblem> {
    // RFC 1421 headers stand before the key in OpenSSL's older encryption.
    if block.lines.iter().any(|line| line.contains("ENCRYPTED")) {
        return Err(KeyProblem::Encrypted);
    }
    let found = match block.label {
        "PRIVATE KEY" => return Ok(Format::Pkcs8),
        "RSA PRIVATE KEY" => return Ok(Format::Pkcs1),
        "EC PRIVATE KEY" => return Ok(Format::Sec1),
        "ENCRYPTED PRIVATE KEY" => return Err(KeyProblem::Encrypted),
        "PUBLIC KEY" | "RSA PUBLIC KEY" => "a public key",
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => "a certificate",
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => "a certificate request",
        _ => return Err(KeyProblem::UnknownFormat),
    };
    Err(KeyProblem::NotPrivate { found })
}

/// Both buffers start with their final size: growing would leave a copy in memory.
fn decoded(lines: &[&str]) -> Result<Zeroizing<Vec<u8>>, KeyProblem> {
    let length = lines.iter().map(|line| line.len()).sum();
    let mut text = Zeroizing::new(Vec::with_capacity(length));
    for line in lines {
        text.extend_from_slice(line.as_bytes());
    }
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(length)]);
    let decoded = STANDARD.decode_slice(&*text, &mut bytes);
    bytes.truncate(decoded.map_err(|_| KeyProblem::Malformed)?);
    Ok(bytes)
}
