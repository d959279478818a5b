//! A server that speaks TLS with a certificate of a private authority, for `localhost` alone. Both
//! are made when they are first asked for.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::thread::spawn;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

struct Made {
    authority: PathBuf,
    certificate: CertificateDer<'static>,
    key: PrivatePkcs8KeyDer<'static>,
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let name = format!("authority-{}.pem", std::process::id());
    let authority = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&authority, issuer.pem()).unwrap();
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    Made { authority, certificate: certificate.into(), key }
});

/// The file of the authority's certificate.
pub(crate) fn authority() -> PathBuf {
    MADE.authority.clone()
}

/// Answers every request with `body`, as long as the tests run; the port.
pub(crate) fn serve(body: &'static str) -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![MADE.certificate.clone()], MADE.key.clone_key().into())
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    spawn(move || {
        for stream in listener.incoming().filter_map(Result::ok) {
            let config = Arc::clone(&config);
            spawn(move || answer(stream, config, body));
        }
    });
    port
}

/// Answers one request; who hangs up in the middle is let go.
fn answer(mut stream: TcpStream, config: Arc<ServerConfig>, body: &str) {
    let Ok(mut connection) = ServerConnection::new(config) else { return };
    let mut tls = Stream::new(&mut connection, &mut stream);
    let mut request = Vec::new();
    let mut some = [0; 4096];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match tls.read(&mut some) {
            Ok(count) if count > 0 => request.extend_from_slice(&some[..count]),
            _ => return,
        }
    }
    let _ = write!(
        tls,
        "HTTP/1.1 200 OK\r\ncontent-type: application/scim+json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    );
    tls.conn.send_close_notify();
    let _ = tls.flush();
}
