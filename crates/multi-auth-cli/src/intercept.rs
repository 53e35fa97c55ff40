//! The certificate authority with which the proxy reads the requests in tunnels to vendors.

use std::io::{self, Write};
use std::path::Path;

use multi_auth_config::Config;
use multi_auth_proxy::CertificateAuthority;
use tempfile::{Builder, NamedTempFile};

use crate::args::General;
use crate::client;
use crate::diagnostic::Diagnostic;
use crate::output;

/// The variables from which programs read the file of the certificates that they trust. Where no
/// program is named, it is OpenSSL, Go and most others.
const VARIABLES: [&str; 10] = [
    "SSL_CERT_FILE",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "AWS_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "PIP_CERT",
    "CARGO_HTTP_CAINFO",
    "DENO_CERT",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
];

/// An authority for the vendors of `config`.
pub(crate) fn authority(config: &Config) -> Result<CertificateAuthority, Diagnostic> {
    let made = CertificateAuthority::new(config.vendors());
    made.map_err(Diagnostic::system)
}

/// Writes the certificate in `pem` to `path`, which never holds a part of it.
pub(crate) fn write_certificate(pem: &str, path: &Path) -> Result<(), Diagnostic> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let written = readable_file(folder.unwrap_or(Path::new("."))).and_then(|mut file| {
        file.write_all(pem.as_bytes())?;
        file.persist(path)?;
        Ok(())
    });
    written.map_err(|error| {
        Diagnostic::usage(format!("--intercept {}: {error}", path.display()))
            .with_remedy("name a file that this program may write")
    })
}

/// A file with the certificates that a command of this proxy has to trust: those of the system, of
/// the files that its variables name, of `--ca` and of `authority`. It is removed when it is
/// dropped.
pub(crate) struct Trusted(NamedTempFile);

impl Trusted {
    pub(crate) fn new(
        general: &General,
        authority: &CertificateAuthority,
    ) -> Result<Self, Diagnostic> {
        let own = client::ca(general, |pem| Some(pem.to_vec()))?.unwrap_or_default();
        let system = rustls_native_certs::load_native_certs().certs;
        if system.is_empty() {
            output::note(&output::warning(
                "the system has no root certificates, so the command trusts the vendors and `--ca` only",
            ));
        }
        let write = || {
            let mut file = readable_file(&std::env::temp_dir())?;
            for certificate in system {
                let block = pem::Pem::new("CERTIFICATE", certificate.as_ref());
                file.write_all(pem::encode(&block).as_bytes())?;
            }
            let named = VARIABLES.iter().filter_map(std::env::var_os);
            // A program that finds no file there fails without this proxy too.
            let named = named.filter_map(|path| std::fs::read(path).ok());
            let own = [own.clone(), authority.certificate_pem().into()];
            for pem in named.chain(own) {
                file.write_all(&pem)?;
                file.write_all(b"\n")?;
            }
            file.flush()?;
            Ok(Self(file))
        };
        write().map_err(|error: io::Error| {
            Diagnostic::system(format!(
                "the certificates for the command cannot be written: {error}"
            ))
        })
    }

    /// The variables that name the file.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (String, String)> {
        let path = self.0.path().display().to_string();
        VARIABLES
            .iter()
            .map(move |name| ((*name).to_owned(), path.clone()))
    }
}

/// A new file in `folder` that every user may read: certificates are not secret.
fn readable_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix("multi-auth-").suffix(".pem");
    let file = builder.tempfile_in(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // After the file is created: the process may hide new files from others.
        file.as_file()
            .set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    Ok(file)
}
