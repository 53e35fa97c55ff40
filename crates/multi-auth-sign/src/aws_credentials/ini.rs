//! Reads one profile of the files that AWS's tools share.
//!
//! The rules are those of the SDKs
//! ([AWS](https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html)): a line that begins
//! with white space continues the setting above it, so that nested settings do not count; `#` and
//! `;` begin a comment at the start of a line, and after white space in a value. The SDKs differ in
//! comments that are indented: here they are comments, as in AWS's command line.

use secrecy::zeroize::Zeroizing;

use super::AwsCredentialsProblem as Problem;

/// The settings of one profile. Names are in lower case. The last of repeated settings counts.
#[derive(Default)]
pub(super) struct Settings(Vec<(String, Zeroizing<String>)>);

impl Settings {
    /// The value of the setting. An empty one counts as not set.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().rev().find(|(own, _)| own == name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }
}

/// Which of the two files it is: they name profiles differently.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `[profile NAME]`, and `[default]`.
    Config,
    /// `[NAME]`.
    Credentials,
}

/// What a section is to the profile that is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Wanted,
    /// `[default]` in a config file, which counts only without a `[profile default]`.
    Fallback,
    Other,
}

/// The settings of `profile` in `text`; `None` if it has no such profile. `path` is named in
/// errors.
pub(super) fn read(
    text: &str,
    kind: Kind,
    profile: &str,
    path: &str,
) -> Result<Option<Settings>, Problem> {
    let mut reader = Reader::default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (at, line) in text.lines().enumerate() {
        let read = reader.line(line, |name| kind.section(name, profile));
        read.map_err(|what| {
            let (path, line) = (path.into(), at + 1);
            Problem::Syntax { path, line, what }
        })?;
    }
    Ok(reader.wanted.or(reader.fallback))
}

/// What has been read of a file.
#[derive(Default)]
struct Reader {
    wanted: Option<Settings>,
    fallback: Option<Settings>,
    section: Option<Section>,
    /// Whether the section has a setting, which the next line may continue.
    has_setting: bool,
}

impl Reader {
    fn line(&mut self, line: &str, section: impl Fn(&str) -> Section) -> Result<(), &'static str> {
        let text = line.trim_matches(WHITE_SPACE);
        if text.is_empty() || text.starts_with(COMMENT) {
            return Ok(());
        }
        if line.starts_with('[') {
            let name = heading(line).ok_or("has no `]`, or text after it")?;
            self.section = Some(section(name));
            self.has_setting = false;
            // A section without settings is a profile too.
            self.settings();
        } else if line.starts_with(WHITE_SPACE) {
            if !self.has_setting {
                return Err("begins with white space, and continues no setting");
            }
            self.extend(text);
        } else {
            self.section.ok_or("is before the first `[section]`")?;
            let setting = setting(line).ok_or("is not `name = value`")?;
            self.has_setting = true;
            if let Some(settings) = self.settings() {
                settings.0.push(setting);
            }
        }
        Ok(())
    }

    /// The settings of the current section, if it may be of the profile.
    fn settings(&mut self) -> Option<&mut Settings> {
        match self.section? {
            Section::Wanted => Some(self.wanted.get_or_insert_default()),
            Section::Fallback => Some(self.fallback.get_or_insert_default()),
            Section::Other => None,
        }
    }

    /// Adds a line to the last setting.
    fn extend(&mut self, line: &str) {
        let settings = self.settings();
        if let Some((_, value)) = settings.and_then(|settings| settings.0.last_mut()) {
            *value = Zeroizing::new([value.as_str(), line].join("\n"));
        }
    }
}

const WHITE_SPACE: [char; 2] = [' ', '\t'];
const COMMENT: [char; 2] = ['#', ';'];

impl Kind {
    fn section(self, name: &str, profile: &str) -> Section {
        let (word, rest) = name.split_once(WHITE_SPACE).unwrap_or((name, ""));
        let prefixed = (word == "profile" && !rest.is_empty()).then(|| unquoted(rest));
        match (self, prefixed) {
            (Self::Config, Some(name)) if name == profile => Section::Wanted,
            (Self::Config, None) if name == "default" && profile == "default" => Section::Fallback,
            (Self::Credentials, None) if unquoted(name) == profile => Section::Wanted,
            _ => Section::Other,
        }
    }
}

/// The name in `[name]`, which a comment may follow.
fn heading(line: &str) -> Option<&str> {
    let (name, rest) = line.strip_prefix('[')?.split_once(']')?;
    let rest = rest.trim_matches(WHITE_SPACE);
    (rest.is_empty() || rest.starts_with(COMMENT)).then(|| name.trim_matches(WHITE_SPACE))
}

/// AWS's command line writes a name with a space in quotation marks.
fn unquoted(name: &str) -> &str {
    let name = name.trim_matches(WHITE_SPACE);
    let inner = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'));
    inner.unwrap_or(name)
}

fn setting(line: &str) -> Option<(String, Zeroizing<String>)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim_matches(WHITE_SPACE);
    let value = without_comment(value).trim_matches(WHITE_SPACE);
    (!name.is_empty()).then(|| (name.to_ascii_lowercase(), Zeroizing::new(value.to_owned())))
}

/// `value` up to a comment, which white space precedes.
fn without_comment(value: &str) -> &str {
    let is_comment = |(at, _): &(usize, &str)| value[..*at].ends_with(WHITE_SPACE);
    let begin = value.match_indices(COMMENT).find(is_comment);
    begin.map_or(value, |(at, _)| &value[..at])
}
