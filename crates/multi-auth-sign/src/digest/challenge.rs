//! The challenges of a server: `WWW-Authenticate: Digest realm="..", nonce="..", qop="auth",
//! algorithm=SHA-256` (RFC 7616, 3.3).

use std::cmp::Reverse;

use multi_auth::{Challenge, ResponseHead};

use super::algorithm::{HashFunction, MD5_IS_OFF};
use crate::SignError;

/// The most bytes of a challenge that are repeated in each request.
const LONGEST: usize = 4096;

const MALFORMED: SignError = SignError::signature(
    "the server's Digest challenge has no realm or no nonce, or one that is not UTF-8",
    "check that the URL is the server's; if it is, report the challenge to its vendor",
);

const TOO_LONG: SignError = SignError::signature(
    "the realm, nonce and opaque of the server's Digest challenge have more than 4096 bytes",
    "report the challenge to the server's vendor",
);

const AUTH_INT_ONLY: SignError = SignError::signature(
    "the server's Digest challenge offers only `qop=auth-int`, which covers the body",
    "build with `Digest::builder().integrity()`, and give bodies as bytes",
);

const NO_QOP: SignError = SignError::signature(
    "the server's Digest challenge has no `qop` that is supported",
    "configure `qop=\"auth\"` on the server",
);

/// A challenge that can be answered. It has no `Debug`, because the realm is not shown.
#[derive(Clone)]
pub(super) struct Offer {
    pub(super) realm: Box<str>,
    pub(super) nonce: Box<str>,
    pub(super) opaque: Option<Box<str>>,
    /// The algorithm as the server spells it, if it names one.
    pub(super) algorithm: Option<Box<str>>,
    pub(super) function: HashFunction,
    /// Whether the key is that of a session (`-sess`).
    pub(super) is_session: bool,
    pub(super) qops: Qops,
    pub(super) is_user_hashed: bool,
    pub(super) is_stale: bool,
}

/// The `qop` values that are offered and may be used. With none, the answer has no `qop` (RFC
/// 2069).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Qops {
    pub(super) auth: bool,
    pub(super) auth_int: bool,
}

/// What the builder chose.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Choices {
    pub(super) has_integrity: bool,
    pub(super) allows_md5: bool,
}

/// What a response offers.
pub(super) enum Offered {
    /// No Digest challenge.
    Nothing,
    /// No Digest challenge that can be answered.
    Unusable(SignError),
    Usable(Offer),
}

impl Offered {
    /// The Digest challenge of `response` with the strongest algorithm that is supported. Of two
    /// that are equally strong, the first.
    pub(super) fn strongest(response: &ResponseHead<'_>, choices: Choices) -> Self {
        let challenges = response.challenges();
        let digests = challenges.iter().filter(|one| one.is("Digest"));
        let (mut usable, mut problem) = (Vec::new(), None);
        for read in digests.map(|challenge| Offer::read(challenge, choices)) {
            match read {
                Ok(offer) => usable.push(offer),
                Err(error) => problem = problem.or(Some(error)),
            }
        }
        let strongest = usable
            .into_iter()
            .min_by_key(|offer| Reverse(offer.function));
        match (strongest, problem) {
            (Some(offer), _) => Self::Usable(offer),
            (None, Some(problem)) => Self::Unusable(problem),
            (None, None) => Self::Nothing,
        }
    }
}

impl Offer {
    fn read(challenge: &Challenge<'_>, choices: Choices) -> Result<Self, SignError> {
        let text = |name| challenge.param(name).map(Box::<str>::from);
        let is_true = |name| text(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let algorithm = text("algorithm");
        let (function, is_session) = HashFunction::parse(algorithm.as_deref().unwrap_or("MD5"))?;
        if function.is_md5() && !choices.allows_md5 {
            return Err(MD5_IS_OFF);
        }
        let offer = Self {
            realm: text("realm").ok_or(MALFORMED)?,
            nonce: text("nonce").ok_or(MALFORMED)?,
            opaque: text("opaque"),
            algorithm,
            function,
            is_session,
            qops: Qops::read(
                text("qop").as_deref().unwrap_or_default(),
                choices.has_integrity,
            )?,
            is_user_hashed: is_true("userhash"),
            is_stale: is_true("stale"),
        };
        offer.check()?;
        Ok(offer)
    }

    /// The offer with another nonce.
    pub(super) fn with_nonce(&self, nonce: &str) -> Result<Self, SignError> {
        let offer = Self {
            nonce: nonce.into(),
            ..self.clone()
        };
        offer.check()?;
        Ok(offer)
    }

    fn check(&self) -> Result<(), SignError> {
        let opaque = self.opaque.as_deref().unwrap_or_default();
        let repeated = [&self.realm, &self.nonce, opaque];
        if repeated.iter().map(|text| text.len()).sum::<usize>() > LONGEST {
            return Err(TOO_LONG);
        }
        // The replacement character stands for bytes that are not UTF-8.
        let is_unreadable = |c: char| c == char::REPLACEMENT_CHARACTER || c.is_ascii_control();
        if self.nonce.is_empty() || repeated.iter().any(|text| text.contains(is_unreadable)) {
            return Err(MALFORMED);
        }
        let lacks_qop = self.qops == Qops::NONE;
        if lacks_qop && (self.is_session || !self.function.is_md5()) {
            return Err(NO_QOP);
        }
        Ok(())
    }
}

impl Qops {
    const NONE: Self = Self {
        auth: false,
        auth_int: false,
    };

    fn read(list: &str, has_integrity: bool) -> Result<Self, SignError> {
        let mut names = list.split([',', ' ', '\t']).filter(|name| !name.is_empty());
        let has = |wanted| names.clone().any(|name| name.eq_ignore_ascii_case(wanted));
        let (auth, auth_int) = (has("auth"), has("auth-int"));
        match (auth, auth_int) {
            (false, true) if !has_integrity => Err(AUTH_INT_ONLY),
            (false, false) if names.next().is_some() => Err(NO_QOP),
            _ => Ok(Self {
                auth,
                auth_int: auth_int && has_integrity,
            }),
        }
    }
}
