//! The location of a secret in Vault: `mount/path#field`.

use super::VaultProblem;
use crate::SourceError;
use crate::source::may_be_key;

/// A field of a secret below a mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SecretPath {
    mount: String,
    path: String,
    pub(super) field: String,
}

impl SecretPath {
    /// Reads `mount/path#field`, where the mount is the first part.
    pub(super) fn parse(text: &str) -> Result<Self, SourceError> {
        // A text in another format may be the secret itself, so it is not shown.
        let wrong = || VaultProblem::Location.of("the path of a secret in Vault");
        let (place, field) = text.split_once('#').ok_or_else(wrong)?;
        let (mount, path) = place.split_once('/').ok_or_else(wrong)?;
        let is_right = is_path(mount) && is_path(path) && is_shown(field);
        is_right
            .then(|| Self::new(mount, path, field))
            .ok_or_else(wrong)
    }

    fn new(mount: &str, path: &str, field: &str) -> Self {
        Self {
            mount: mount.to_owned(),
            path: path.to_owned(),
            field: field.to_owned(),
        }
    }

    /// The same path below `mount`, which has slashes in its name.
    pub(super) fn below(&self, mount: &str) -> Result<Self, SourceError> {
        let wrong = || VaultProblem::Path.of("Vault's mount");
        let place = self.place();
        let rest = place.strip_prefix(mount).ok_or_else(wrong)?;
        let path = rest.strip_prefix('/').ok_or_else(wrong)?;
        Ok(Self::new(mount, path, &self.field))
    }

    /// The segments of its URL after `/v1`.
    pub(super) fn segments(&self) -> impl Iterator<Item = &str> {
        let (mount, path) = (self.mount.split('/'), self.path.split('/'));
        mount.chain(["data"]).chain(path)
    }

    /// The path that a policy must name.
    pub(super) fn policy_path(&self) -> String {
        let shown = self
            .segments()
            .map(|part| if may_be_key(part) { "..." } else { part });
        shown.collect::<Vec<_>>().join("/")
    }

    fn place(&self) -> String {
        format!("{}/{}", self.mount, self.path)
    }
}

/// Whether `text` is a path of names with single slashes, without `.` and `..`.
pub(super) fn is_path(text: &str) -> bool {
    let is_name = |part: &str| is_shown(part) && part != "." && part != "..";
    text.split('/').all(is_name)
}

fn is_shown(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_part_is_the_mount_unless_another_is_named() {
        let location = SecretPath::parse("kv/team/vendors/reports#api_key").unwrap();
        assert_eq!(location.policy_path(), "kv/data/team/vendors/reports");
        let below = location.below("kv/team").unwrap();
        assert_eq!(below.policy_path(), "kv/team/data/vendors/reports");
        for mount in ["kv/te", "other", "kv/team/vendors/reports", ""] {
            assert!(location.below(mount).is_err(), "{mount}");
        }
    }

    #[test]
    fn what_has_another_form_is_refused_and_not_shown() {
        for text in [
            "canary",
            "canary#k",
            "canary/p",
            "canary/p#",
            "/canary/p#k",
            "canary//p#k",
            "canary/p/#k",
            "canary/../p#k",
            "canary/./p#k",
            "canary/p\n#k",
            "canary/p#k\n",
            "",
        ] {
            let error = SecretPath::parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{text}");
        }
        assert!(SecretPath::parse("a/b#c#d").is_ok_and(|location| location.field == "c#d"));
    }
}
