//! A [`TokenSource`] that decorates another one: it keeps the token in a file between two runs.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
#[cfg(unix)]
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use multi_auth::{AuthError, Token, TokenSource};
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;
use serde_json::{Map, Value, json};

/// Keeps the tokens of `source` in a file that only this user can read.
///
/// The file serves the first call alone: a [`Bearer`](multi_auth::Bearer) asks again when it needs
/// a newer token, because the vendor refused this one or it is about to expire.
#[derive(Debug)]
pub(crate) struct FileCache<S> {
    source: S,
    path: PathBuf,
    has_read: AtomicBool,
}

/// The smallest remaining lifetime of a token that is read.
const MARGIN: Duration = Duration::from_secs(60);

impl<S: TokenSource> FileCache<S> {
    pub(crate) fn new(source: S, path: impl Into<PathBuf>) -> Self {
        Self {
            source,
            path: path.into(),
            has_read: AtomicBool::new(false),
        }
    }
}

#[async_trait]
impl<S: TokenSource> TokenSource for FileCache<S> {
    async fn token(&self) -> Result<Token, AuthError> {
        let is_first = !self.has_read.swap(true, Ordering::Relaxed);
        if let Some(token) = is_first.then(|| read(&self.path)).flatten() {
            return Ok(token);
        }
        let sent = SystemTime::now();
        let token = self.source.token().await?;
        let lifetime = token
            .lifetime()
            .and_then(|lifetime| sent.checked_add(lifetime));
        if let Some(expiry) = token.expiry().or(lifetime) {
            // A failure to save the token does no harm: the next run requests a new one.
            let _ = write(&self.path, &token, expiry);
        }
        Ok(token)
    }
}

/// The token in the file, if it is valid for a while and no other user can read it.
fn read(path: &Path) -> Option<Token> {
    #[cfg(unix)]
    if fs::metadata(path).ok()?.mode() & 0o077 != 0 {
        return None;
    }
    let text = Zeroizing::new(fs::read_to_string(path).ok()?);
    let mut kept: Map<String, Value> = serde_json::from_str(&text).ok()?;
    let expiry = SystemTime::UNIX_EPOCH + Duration::from_secs(kept.get("expiry")?.as_u64()?);
    if expiry < SystemTime::now() + MARGIN {
        return None;
    }
    let parts = kept.remove("parts")?;
    let mut token = Token::new(kept.get("value")?.as_str()?).with_expiry(expiry);
    for (name, value) in parts.as_object()? {
        token = token.with_part(name, value.as_str()?);
    }
    Some(token)
}

/// Writes a new file and puts it in place of the old one: a reader sees one or the other.
fn write(path: &Path, token: &Token, expiry: SystemTime) -> io::Result<()> {
    let since_1970 = expiry
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let parts: Map<_, _> = token
        .parts()
        .map(|(name, part)| (name.to_owned(), part.expose_secret().into()))
        .collect();
    let kept = json!({
        "value": token.value().expose_secret(), "expiry": since_1970.as_secs(), "parts": parts
    });
    let text = Zeroizing::new(kept.to_string());
    let new = path.with_extension(format!("{}.new", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    let written = options.open(&new).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    let placed = written.and_then(|()| fs::rename(&new, path));
    if placed.is_err() {
        let _ = fs::remove_file(&new);
    }
    placed
}
