//! A certificate for the TLS listeners where none is given.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// One of the two files is there without the other; nothing is overwritten.
    #[error("{} exists and {} does not: give both or remove the first", .there.display(), .missing.display())]
    HalfAPair {
        /// The file that exists.
        there: PathBuf,
        /// The file that does not.
        missing: PathBuf,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {source}", .path.display())]
    Write {
        /// The file or its folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The certificate cannot be made.
    #[error("cannot make a certificate: {0}")]
    Make(#[from] rcgen::Error),
}

/// Makes a pair that signs itself when neither file exists.
pub(super) fn make_missing(certificate: &Path, key: &Path) -> Result<(), CertificateError> {
    match (certificate.exists(), key.exists()) {
        (true, true) => return Ok(()),
        (true, false) => {
            return Err(CertificateError::HalfAPair {
                there: certificate.into(),
                missing: key.into(),
            });
        }
        (false, true) => {
            return Err(CertificateError::HalfAPair {
                there: key.into(),
                missing: certificate.into(),
            });
        }
        (false, false) => {}
    }
    let names = ["localhost", "127.0.0.1"].map(str::to_owned);
    let made = rcgen::generate_simple_self_signed(names)?;
    // The key first: whoever finds the certificate finds the key as well.
    write(key, &made.signing_key.serialize_pem())?;
    write(certificate, &made.cert.pem())
}

fn write(path: &Path, pem: &str) -> Result<(), CertificateError> {
    let written = || {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)?.write_all(pem.as_bytes())
    };
    written().map_err(|source| CertificateError::Write {
        path: path.into(),
        source,
    })
}
