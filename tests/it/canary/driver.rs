//! The driver, with a key in the query and a redirect that repeats it.

use http::header::LOCATION;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use multi_auth::adapter::{self, Deadline};
use multi_auth::{ApiKey, AuthError, Keyring, ResponseHead};
use url::Url;

use super::{Ledger, key};

pub(super) async fn look(ledger: &mut Ledger) {
    ledger.see_debug("Deadline::new Deadline", &Deadline::new(None));
    follow(ledger);
    let bound = ApiKey::query("api_key", key()).unwrap();
    let keyring = Keyring::builder().bind("https://api.example", bound);
    let keyring = keyring.unwrap().build();
    for status in [StatusCode::OK, StatusCode::UNAUTHORIZED] {
        let request = Request::get("https://api.example/").body("").unwrap();
        let transmit = async |_: Request<&str>| {
            let mut response = Response::new(());
            *response.status_mut() = status;
            Ok::<_, AuthError>(response)
        };
        let response = adapter::send_http(&keyring, request, transmit).await;
        let site = format!("{status}, HttpClient send_http send finish judge replay record");
        ledger.see_debug(site, &response.unwrap());
    }
}

fn follow(ledger: &mut Ledger) {
    let target = format!("https://other.example/?api_key={}", key());
    let mut headers = HeaderMap::new();
    headers.insert(LOCATION, HeaderValue::try_from(target).unwrap());
    let response = ResponseHead::new(StatusCode::FOUND, &headers);
    let asked = Url::parse("https://api.example/").unwrap();
    let followed = adapter::follow(&asked, &http::Method::GET, &response);
    ledger.see_debug("follow Follow", &followed.unwrap());
}
