//! `multi-auth proxy`: serves the proxy until SIGTERM or Ctrl-C, and reads the configuration again
//! after SIGHUP or a change of the file.

mod events;
mod listeners;
mod reload;

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use multi_auth_config::Config;
use multi_auth_config::proxy::ProxySettings;
use multi_auth_proxy::{Admin, Proxy, ProxyBuilder};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use self::events::Events;
use self::listeners::listeners;
use crate::args::{General, ProxyArgs};
use crate::client::{self, Timed};
use crate::diagnostic::{Diagnostic, DiagnosticCode};
use crate::exit::Exit;
use crate::{Outcome, intercept, output};

/// How long the last audit lines may take to be written.
pub(crate) const AUDIT_TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) async fn run(general: &General, command: &ProxyArgs) -> Outcome {
    raise_file_limit();
    // From here on, a signal does not kill the program.
    let mut events = Events::listen(&general.config)?;
    let metrics = PrometheusBuilder::new().install_recorder();
    let metrics =
        metrics.map_err(|error| Diagnostic::system(format!("no metrics can be kept: {error}")))?;
    keep_up(metrics.clone());
    let config = client::config(general)?;
    let settings = settings(general, &config)?;
    let mut builder = builder(general)?;
    let mut certificate = None;
    if let Some(path) = &command.intercept {
        let authority = intercept::authority(&config)?;
        certificate = Some((authority.certificate_pem().to_owned(), path));
        builder = builder.intercept(authority);
    }
    let proxy = builder
        .audit(audit(command.audit.as_deref())?)
        .map_err(|error| Diagnostic::system(format!("the audit lines cannot be written: {error}")))?
        .build(&config, &settings)
        .await?;
    let (stop, stopped) = watch::channel(false);
    let mut serving = JoinSet::new();
    let (listeners, places) = listeners(&settings, command.reuse_port)?;
    let pages = settings.admin().map(bind).transpose()?;
    // A proxy that runs already keeps the file, if this one cannot take its place.
    if let Some((pem, path)) = certificate {
        intercept::write_certificate(&pem, path)?;
    }
    for place in places {
        output::note(&format!("listening at {place}"));
    }
    for listener in listeners {
        let (proxy, stopped, drain) = (proxy.clone(), stopped.clone(), command.drain);
        serving.spawn(async move { proxy.serve(listener, ended(stopped), drain).await });
    }
    if let Some((listener, address)) = pages {
        output::note(&format!("the status page is at http://{address}/-/"));
        serve_pages(&proxy, metrics, listener);
    }
    while events.next().await {
        reload::reload(general, &proxy, &settings).await;
    }
    output::note("waiting for the requests that are under way");
    let _ = stop.send(true);
    let end = async {
        serving.join_all().await;
        let _ = timeout(AUDIT_TIMEOUT, proxy.flush_audit()).await;
    };
    tokio::select! {
        () = end => {}
        () = events.ended() => {}
    }
    Ok(Exit::Fine)
}

/// Uses all open files that the system allows: each request needs two connections.
pub(crate) fn raise_file_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        // Otherwise the lower limit holds.
        let _ = setrlimit(Resource::Nofile, limit);
    }
}

/// Keeps the metrics small: without it, histograms grow until they are scraped.
fn keep_up(metrics: PrometheusHandle) {
    tokio::spawn(async move {
        let mut every = tokio::time::interval(Duration::from_secs(5));
        loop {
            every.tick().await;
            metrics.run_upkeep();
        }
    });
}

/// Listens at `address`. With port 0, the system chooses another one.
fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Diagnostic> {
    let wrong = |error| unbound(&address.to_string(), &error);
    let listener = TcpListener::bind(address).map_err(wrong)?;
    let address = listener.local_addr().map_err(wrong)?;
    Ok((listener, address))
}

/// Serves the pages for operators until the program ends.
fn serve_pages(proxy: &Proxy, metrics: PrometheusHandle, listener: TcpListener) {
    let admin = Admin::new(proxy.clone(), move || metrics.render());
    tokio::spawn(async move {
        if let Err(error) = admin.serve(listener).await {
            output::note(&output::warning(&format!(
                "the status page has ended: {error}"
            )));
        }
    });
}

/// Waits for the end of the program.
async fn ended(mut stopped: watch::Receiver<bool>) {
    // An error means that the program ends too.
    let _ = stopped.wait_for(|is_stopped| *is_stopped).await;
}

fn settings(general: &General, config: &Config) -> Result<ProxySettings, Diagnostic> {
    const REMEDY: &str = "add [proxy.callers.NAME]; `multi-auth caller-token` prints what it needs";
    let settings = config.proxy().cloned().ok_or_else(|| {
        let problem = format!("{} has no table `proxy`", general.config.display());
        Diagnostic::new(DiagnosticCode::Config, problem).with_remedy(REMEDY)
    })?;
    if settings.callers().is_empty() {
        let warning = format!("the proxy has no callers, so it refuses all requests: {REMEDY}");
        output::note(&output::warning(&warning));
    }
    Ok(settings)
}

/// A proxy that trusts the certificates of `--ca` too, and writes audit lines if there is a file
/// for them.
pub(crate) fn audited(general: &General, path: Option<&Path>) -> Result<ProxyBuilder, Diagnostic> {
    let builder = builder(general)?;
    match path {
        Some(path) => builder
            .audit(audit(Some(path))?)
            .map_err(Diagnostic::system),
        None => Ok(builder),
    }
}

/// A proxy that trusts the certificates of `--ca` too.
fn builder(general: &General) -> Result<ProxyBuilder, Diagnostic> {
    let transport = Timed::new(general)?;
    let builder = || Proxy::builder(transport.clone());
    let trusting = client::ca(general, |pem| builder().root_certificates(pem).ok())?;
    Ok(trusting.unwrap_or_else(builder))
}

/// Where the audit lines go.
fn audit(path: Option<&Path>) -> Result<Box<dyn Write + Send>, Diagnostic> {
    let Some(path) = path else {
        return Ok(Box::new(io::stdout()));
    };
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|error| {
        Diagnostic::usage(format!("--audit {}: {error}", path.display()))
            .with_remedy("name a file that this program may write")
    })?;
    Ok(Box::new(file))
}

pub(crate) fn unbound(address: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::new(
        DiagnosticCode::System,
        format!("cannot listen at {address}: {error}"),
    )
    .with_remedy("end the program that listens there, or choose another address")
}
