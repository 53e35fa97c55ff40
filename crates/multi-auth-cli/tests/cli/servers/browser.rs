//! A browser that logs in and confirms each page.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, Url};

#[derive(Default)]
pub(super) struct Browser {
    client: Client,
    cookies: BTreeMap<String, String>,
    /// Whether it clicks "cancel" in place of the first form.
    cancels: bool,
}

impl Browser {
    pub(super) fn new() -> Self {
        let client = Client::builder().redirect(Policy::none()).no_proxy();
        Self {
            client: client.build().unwrap(),
            ..Self::default()
        }
    }

    /// One that cancels the login.
    pub(super) fn cancelling() -> Self {
        Self {
            cancels: true,
            ..Self::new()
        }
    }

    /// Opens `url`, and fills in each form until a page has none. Returns that page.
    pub(super) async fn open(&mut self, url: &str) -> String {
        let mut at = Url::parse(url).unwrap();
        let mut response = self.send(self.client.get(at.clone())).await;
        for _ in 0..30 {
            if response.status().is_redirection() {
                let location = response.headers()[LOCATION].to_str().unwrap();
                at = at.join(location).unwrap();
                response = self.send(self.client.get(at.clone())).await;
                continue;
            }
            let page = response.text().await.unwrap();
            if let Some(link) = cancel_link(&page).filter(|_| self.cancels) {
                at = at.join(&link).unwrap();
                response = self.send(self.client.get(at.clone())).await;
                continue;
            }
            let Some((action, fields)) = form(&page) else {
                return page;
            };
            at = at.join(&action).unwrap();
            response = self.send(self.client.post(at.clone()).form(&fields)).await;
        }
        panic!("the login does not end: {at}");
    }

    async fn send(&mut self, request: RequestBuilder) -> Response {
        let cookies = self.cookies.iter();
        let cookies: Vec<_> = cookies
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let response = request
            .header(COOKIE, cookies.join("; "))
            .send()
            .await
            .unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = cookie.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        response
    }
}

/// The first form of `page`: where it goes, and its fields.
fn form(page: &str) -> Option<(String, Vec<(String, String)>)> {
    let (_, form) = page.split_once("<form")?;
    let (form, _) = form.split_once("</form>")?;
    let action = attribute(form, "action")?;
    let fields = form.split("<input").skip(1).filter_map(|input| {
        let input = input.split('>').next()?;
        let name = attribute(input, "name")?;
        let value = attribute(input, "value").unwrap_or_else(|| "ada".to_owned());
        Some((name, value))
    });
    Some((action, fields.collect()))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    let value = rest.split('"').next()?;
    Some(value.replace("&amp;", "&"))
}

fn cancel_link(page: &str) -> Option<String> {
    let links = page.split("<a ").skip(1);
    let mut links = links.filter_map(|link| attribute(link, "href"));
    links.find(|link| link.ends_with("/abort"))
}
