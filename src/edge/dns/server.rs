//! A name server on loopback, for rehearsals and tests: UDP and TCP, real DNS.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hickory_server::Server;
use hickory_server::net::runtime::Time;
use hickory_server::proto::op::{
    Header, HeaderCounts, MessageType, Metadata, OpCode, ResponseCode,
};
use hickory_server::proto::rr::Record;
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::MessageResponseBuilder;
use tokio::net::{TcpListener, UdpSocket};

use super::zone::{DnsFault, Zones};

/// How long an idle TCP connection is kept.
const IDLE: Duration = Duration::from_secs(5);
/// Answers that may wait on one TCP connection.
const WAITING: usize = 32;
/// How often another port is tried when UDP or another address has one that is taken.
const PORTS: usize = 16;

/// Where a name server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneServerOptions {
    /// Addresses of loopback, each a name server of every zone: `ns1`, `ns2` and so on.
    pub addresses: Vec<IpAddr>,
    /// The port; 0 lets the system pick one that all addresses have free.
    pub port: u16,
    /// Whether a name outside of every zone is in one of two labels, instead of refused.
    pub of_everything: bool,
}

impl Default for ZoneServerOptions {
    fn default() -> Self {
        Self { addresses: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)], port: 0, of_everything: false }
    }
}

/// Why a name server does not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    /// An address is not on loopback, or there is none.
    #[error("a name server for rehearsals listens on loopback alone, and not on `{0}`")]
    NotLoopback(String),
    /// The port cannot be had.
    #[error("no name server on {0}: {1}")]
    Port(SocketAddr, String),
}

/// A running name server.
pub struct ZoneServer {
    zones: Arc<Mutex<Zones>>,
    addresses: Vec<SocketAddr>,
    servers: Vec<Server<Handler>>,
}

impl ZoneServer {
    /// Starts a name server without zones.
    ///
    /// # Errors
    ///
    /// [`ZoneError`] when an address is not on loopback, or the port cannot be had.
    pub async fn start(options: ZoneServerOptions) -> Result<Self, ZoneError> {
        if let Some(wrong) = options.addresses.iter().find(|address| !address.is_loopback()) {
            return Err(ZoneError::NotLoopback(wrong.to_string()));
        }
        if options.addresses.is_empty() {
            return Err(ZoneError::NotLoopback("nothing".to_owned()));
        }
        let sockets = listen(&options).await?;
        let addresses = options.addresses.clone();
        let zones = Arc::new(Mutex::new(Zones::served_at(addresses, options.of_everything)));
        let mut servers = Vec::new();
        let mut bound = Vec::new();
        for (address, udp, tcp) in sockets {
            let handler = Handler { zones: Arc::clone(&zones), address: address.ip() };
            let mut server = Server::new(handler);
            server.register_socket(udp);
            server.register_listener(tcp, IDLE, WAITING);
            servers.push(server);
            bound.push(address);
        }
        Ok(Self { zones, addresses: bound, servers })
    }

    /// The first address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        let none = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        self.addresses.first().copied().unwrap_or(none)
    }

    /// Every address, all with the same port.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Begins to serve a zone; a name outside of every zone is refused.
    pub fn add_zone(&self, zone: &str) {
        self.lock().add_zone(zone);
    }

    /// Sets the TXT records of a name, all of them. A name outside of every zone begins one: its
    /// last two labels.
    pub fn publish(&self, name: &str, values: &[&str]) {
        let values = values.iter().map(|&value| value.to_owned()).collect();
        self.lock().publish(name, values);
    }

    /// Removes the TXT records of a name.
    pub fn remove(&self, name: &str) {
        self.lock().publish(name, Vec::new());
    }

    /// The TXT records of a name, faults apart.
    #[must_use]
    pub fn published(&self, name: &str) -> Vec<String> {
        self.lock().published(name)
    }

    /// From now on questions for TXT records of this name are answered wrongly: by the server at
    /// this address, or by all. The last fault for a name counts.
    pub fn spoil(&self, name: &str, by: Option<IpAddr>, fault: DnsFault) {
        self.lock().spoil(name, by, fault);
    }

    /// Ends all faults.
    pub fn mend(&self) {
        self.lock().mend();
    }

    /// Ends the server.
    pub async fn stop(mut self) {
        for server in &mut self.servers {
            // What is open is closed either way.
            let _ = server.shutdown_gracefully().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Zones> {
        self.zones.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Sockets = Vec<(SocketAddr, UdpSocket, TcpListener)>;

/// UDP and TCP on every address, all with one port.
async fn listen(options: &ZoneServerOptions) -> Result<Sockets, ZoneError> {
    let mut tries = if options.port == 0 { PORTS } else { 1 };
    loop {
        tries -= 1;
        match once(&options.addresses, options.port).await {
            Ok(sockets) => return Ok(sockets),
            Err((address, error)) if tries == 0 => {
                return Err(ZoneError::Port(address, error.to_string()));
            }
            Err(_) => {}
        }
    }
}

async fn once(
    addresses: &[IpAddr],
    mut port: u16,
) -> Result<Sockets, (SocketAddr, std::io::Error)> {
    let mut sockets = Vec::new();
    for &address in addresses {
        let wanted = SocketAddr::new(address, port);
        let failed = |error| (wanted, error);
        let tcp = TcpListener::bind(wanted).await.map_err(failed)?;
        let bound = tcp.local_addr().map_err(failed)?;
        port = bound.port();
        let udp = UdpSocket::bind(bound).await.map_err(failed)?;
        sockets.push((bound, udp, tcp));
    }
    Ok(sockets)
}

/// Answers for one address.
struct Handler {
    zones: Arc<Mutex<Zones>>,
    address: IpAddr,
}

#[async_trait::async_trait]
impl RequestHandler for Handler {
    async fn handle_request<R: ResponseHandler, T: Time>(
        &self,
        request: &Request,
        mut response: R,
    ) -> ResponseInfo {
        let mut metadata = Metadata::response_from_request(&request.metadata);
        let silence = nothing(&metadata);
        let answer = match request.request_info() {
            Ok(info) if info.metadata.op_code == OpCode::Query => {
                let name = info.query.original().name().to_ascii();
                let zones = self.zones.lock().unwrap_or_else(PoisonError::into_inner);
                zones.answer(&name, info.query.query_type(), self.address)
            }
            _ => Some(super::zone::Answer { code: ResponseCode::NotImp, ..Default::default() }),
        };
        let Some(answer) = answer else { return silence };
        metadata.response_code = answer.code;
        metadata.authoritative = answer.is_authoritative;
        let none: [&Record; 0] = [];
        let message = MessageResponseBuilder::from_message_request(request).build(
            metadata,
            answer.answers.iter(),
            answer.authorities.iter(),
            none,
            none,
        );
        response.send_response(message).await.unwrap_or(silence)
    }
}

/// What is told of an answer that was not sent.
fn nothing(metadata: &Metadata) -> ResponseInfo {
    let mut metadata = *metadata;
    metadata.message_type = MessageType::Response;
    ResponseInfo::from(Header { metadata, counts: HeaderCounts::default() })
}
