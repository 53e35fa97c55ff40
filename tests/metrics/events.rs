//! Spans and events have the names and levels that the documentation gives them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use http::StatusCode;
use multi_auth::{ApiKey, AuthError, OnExpired, Rotating, Token, TokenSource, source_fn};
use multi_auth_store::redis::RedisStore;
use multi_auth_store::{Leased, MemoryStore, SealingKey, StoreKey, StoredAccount, TokenStore};
use multi_auth_testing::{AlphamoonKey, ScriptedResponse};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Instrument, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use crate::adapter::Adapter;
use crate::keys::{follow, write};
use crate::operations::rows;
use crate::stage::{Stage, tokens};

/// What was heard on this thread.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    /// Name, kind and level.
    names: BTreeSet<[String; 3]>,
    /// Fields of token requests' spans.
    fields: BTreeMap<String, String>,
    /// The spans around an event of the test's own.
    around: Vec<&'static str>,
    follows: Vec<&'static str>,
}

struct Fields<'h>(&'h mut BTreeMap<String, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let value = format!("{value:?}").trim_matches('"').to_owned();
        self.0.insert(field.name().to_owned(), value);
    }
}

impl Heard {
    /// Hears this thread until the guard is dropped.
    fn listen(&self) -> DefaultGuard {
        multi_auth_tests::listen(tracing_subscriber::registry().with(self.clone()))
    }

    fn note(&self, metadata: &Metadata<'_>) {
        if metadata.name().starts_with("multi_auth.") {
            let kind = if metadata.is_span() { "span" } else { "event" };
            let level = metadata.level().to_string();
            let note = [metadata.name().to_owned(), kind.to_owned(), level];
            self.0.lock().unwrap().names.insert(note);
        }
    }
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> tracing_subscriber::Layer<S> for Heard {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        self.note(attributes.metadata());
        if attributes.metadata().name() == "multi_auth.token_refresh" {
            attributes.record(&mut Fields(&mut self.0.lock().unwrap().fields));
        }
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        values.record(&mut Fields(&mut self.0.lock().unwrap().fields));
    }

    fn on_follows_from(&self, _: &Id, follows: &Id, context: Context<'_, S>) {
        let name = context.span(follows).unwrap().name();
        self.0.lock().unwrap().follows.push(name);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        self.note(event.metadata());
        if event.metadata().name() == "inside" {
            let scope = context.event_scope(event).unwrap();
            self.0.lock().unwrap().around = scope.map(|span| span.name()).collect();
        }
    }
}

/// A token, a refusal that is cured, one that is not, one that an error takes the place of.
async fn refusals(adapter: Adapter) {
    let refused = || ScriptedResponse::new(StatusCode::UNAUTHORIZED);
    let answers = vec![
        Ok(Token::new("t-1")),
        Ok(Token::new("t-2")),
        Err(AuthError::permanent("gone")),
    ];
    let bearer = tokens(answers).observer(|_| panic!("an observer of the test's own"));
    let stage = Stage::start(adapter, bearer.build()).await;
    for _ in 0..2 {
        stage.server.push(refused());
        stage.client.get(&stage.url()).await.ok();
    }
    let stage = Stage::with_key(adapter).await;
    stage.server.push(refused());
    stage.client.get(&stage.url()).await.unwrap();
}

async fn stale_token(adapter: Adapter) {
    let ended = Token::new("t-1");
    let answers = vec![Ok(ended), Err(AuthError::permanent("gone"))];
    let bearer = tokens(answers)
        .max_age(Duration::ZERO)
        .on_expired(OnExpired::ServeStale)
        .build();
    let stage = Stage::start(adapter, bearer).await;
    for _ in 0..2 {
        stage.client.get(&stage.url()).await.unwrap();
    }
}

/// A key that ends, one that is refused and tried again, one that is accepted, one that is gone.
async fn keys(adapter: Adapter) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    let (server, live, client) = follow(adapter, &file).await;
    let end = SystemTime::UNIX_EPOCH + Duration::from_secs(4_102_444_800);
    let day = Duration::from_secs(86_400);
    assert_eq!(live.warn_of_expiry(end - 2 * day).await.len(), 1);
    assert_eq!(live.warn_of_expiry(end + day).await.len(), 1);
    server.add_key(AlphamoonKey::new("newer:key"));
    let url = format!("{}/api/v0.3/processes", server.url());
    write(&file, "wrong:key");
    live.refresh().await;
    client.get(&url).await.unwrap();
    server.revoke_key("older:key");
    client.get(&url).await.unwrap();
    write(&file, "newer:key");
    live.refresh().await;
    client.get(&url).await.unwrap();
    fs::remove_file(&file).unwrap();
    assert_eq!(live.refresh().await.len(), 1);
    let key = |value| ApiKey::header("x-key", value).unwrap();
    Rotating::new(key("compromised"))
        .replace(key("newer"))
        .unwrap();
}

/// A shared token, one whose process died, and a server that does not answer.
async fn store() {
    let shared = |store: Arc<dyn TokenStore>| {
        let account = StoredAccount::new(store, StoreKey::new("example", "ada").unwrap());
        account.sharing(source_fn(|| async { Ok(Token::new("t-1")) }))
    };
    let memory = MemoryStore::default();
    let entry = StoreKey::new("example", "ada").unwrap();
    let Leased::Taken(lease) = memory.lease(&entry, Duration::ZERO).await.unwrap() else {
        panic!("the lease is free");
    };
    let source = shared(Arc::new(memory));
    let dies = async {
        tokio::task::yield_now().await;
        drop(lease);
    };
    tokio::join!(async { source.token().await.unwrap() }, dies);

    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = port.local_addr().unwrap().port();
    let key = SealingKey::from_base64("l7Ut1a0F9bRJBZxl9p1o0BRC3O1kRzKqkSmDqQm0M2U=").unwrap();
    let builder = RedisStore::builder(&format!("redis://127.0.0.1:{port}"), key).unwrap();
    let source = shared(Arc::new(builder.build().unwrap()));
    source.token().await.unwrap();
}

on_each_adapter! {
    async fn each_span_and_event_is_heard_under_the_name_and_level_of_the_documentation(adapter: Adapter) {
        let heard = Heard::default();
        let _listening = heard.listen();
        refusals(adapter).await;
        stale_token(adapter).await;
        keys(adapter).await;
        store().await;
        // The proxy's tests hear its events.
        let documented = rows("multi_auth.").into_iter();
        let documented = documented.filter(|row| !row[0].starts_with("multi_auth.proxy."));
        let documented: BTreeSet<[String; 3]> =
            documented.map(|row| [row[0].clone(), row[1].clone(), row[2].clone()]).collect();
        assert_eq!(heard.0.lock().unwrap().names, documented);
    }
}

#[tokio::test]
async fn the_span_of_a_token_request_is_a_root_that_follows_from_its_caller_and_contains_its_events()
 {
    let heard = Heard::default();
    let _listening = heard.listen();
    let source = source_fn(|| async {
        tracing::info!(name: "inside", "the transport's own");
        Ok(Token::new("t-1"))
    });
    let bearer = multi_auth::Bearer::builder(source)
        .label("warehouse")
        .build();
    let caller = tracing::info_span!("caller");
    bearer.refresh().instrument(caller).await.unwrap();

    let heard = heard.0.lock().unwrap();
    assert_eq!(heard.around, ["multi_auth.token_refresh"]);
    assert_eq!(heard.follows, ["caller"]);
    let fields: Vec<_> = heard
        .fields
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(
        fields,
        ["outcome=success", "reason=forced", "vendor=warehouse"]
    );
}
