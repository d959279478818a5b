//! A server that speaks TLS with a certificate of a private authority, for `localhost` alone. The
//! authority is known to nobody, and nobody trusts its key, which is nowhere.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::spawn;

use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

const CERTIFICATE: &[u8] = include_bytes!("tls/localhost.der");
const KEY: &[u8] = include_bytes!("tls/localhost-key.der");

/// The file of the authority's certificate.
pub(crate) fn authority() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/tls/authority.pem")
}

/// Answers every request with `body`, as long as the tests run; the port.
pub(crate) fn serve(body: &'static str) -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from(CERTIFICATE)],
            PrivatePkcs8KeyDer::from(KEY).into(),
        )
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
