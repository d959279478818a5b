//! A domain of HPE GreenLake comes its whole way while BIND's `named` serves its zone, from what
//! `muster domains --dns bind` prints.

use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Handle;

use crate::stage::{Asked, DOMAIN, Stage, organization};
use crate::story::{Zone, tell, value_of};
use crate::{Named, resolver, write_zone};

/// How long between two looks at the zone, and how many looks before giving up: a minute.
const LOOK: Duration = Duration::from_millis(50);
const LOOKS: usize = 1200;

struct OfNamed {
    folder: TempDir,
    named: Named,
    serial: u32,
    handle: Handle,
}

impl Zone for OfNamed {
    fn serve(&mut self, _: &Stage, records: &str) {
        self.serial += 1;
        write_zone(self.folder.path(), (DOMAIN, self.serial), records);
        self.named.reload();
        let wanted: Vec<&str> =
            if records.is_empty() { Vec::new() } else { vec![value_of(records)] };
        let resolver = resolver(self.named.address);
        for _ in 0..LOOKS {
            let looks = self.handle.block_on(resolver.txt(DOMAIN));
            let answer = &looks[0].answer;
            if !answer.is_failed() && answer.texts().unwrap_or_default() == wanted {
                return;
            }
            std::thread::sleep(LOOK);
        }
        panic!("named does not serve {wanted:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_comes_its_whole_way_with_named_serving_its_zone() {
    let folder = TempDir::new().unwrap();
    write_zone(folder.path(), (DOMAIN, 1), "");
    let named = Named::start(folder.path(), DOMAIN).await;
    let asked = Asked { by_hpe: Some(named.address), by_us: Some(named.address) };
    let mut zone = OfNamed { folder, named, serial: 1, handle: Handle::current() };
    let told = tokio::task::spawn_blocking(move || {
        tell(&Stage::start(&organization(&json!({})), asked), &mut zone);
    });
    told.await.unwrap();
}
