//! Certificates that are not trusted: whose they are not, and what to do about it.

use std::error::Error;
use std::io;

use rustls::CertificateError;

use super::client::chain;
use crate::provider::Advised;

/// What to do about a certificate of an authority that nobody here knows.
const PRIVATE: &str = "if its authority is your own, name the file of its certificate (PEM) in the \
                       environment variable `SSL_CERT_FILE`, or add it to the certificates that \
                       this machine trusts";
const DATES: &str = "have the server's certificate renewed, and check this machine's clock";
const NAME: &str = "write the host in the URL as the certificate names it";
const OTHER: &str = "have the server's certificate mended";

/// What there is to say where a connection failed for its certificate; `None`: it did not.
pub(in crate::edge) fn distrust(error: &reqwest::Error) -> Option<Advised> {
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = next {
        if let Some(why) = certificate(error) {
            let said = format!("the certificate is not trusted: {}", chain(error));
            return Some(Advised { said, remedy: remedy(why).to_owned() });
        }
        next = error.source();
    }
    None
}

/// The problem of a certificate, as the TLS library says it, itself or inside errors of the
/// operating system's.
fn certificate<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e CertificateError> {
    if let Some(rustls::Error::InvalidCertificate(why)) = error.downcast_ref::<rustls::Error>() {
        return Some(why);
    }
    let inside = error.downcast_ref::<io::Error>()?.get_ref()?;
    certificate(inside)
}

const fn remedy(why: &CertificateError) -> &'static str {
    match why {
        CertificateError::UnknownIssuer => PRIVATE,
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => DATES,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => NAME,
        _ => OTHER,
    }
}
