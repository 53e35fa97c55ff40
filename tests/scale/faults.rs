//! What fails, and how it recovers.

use std::time::Duration;

use rustix::process::Signal;

use crate::deployment::Deployment;
use crate::vendor::LATENCY;

/// A fault of a part of the deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    HolderKilled,
    HolderStopped,
    TokenRevoked,
    RedisKilled,
    RedisStopped,
    OutOfMemory,
    Slow,
    Flushed,
    FailedOver,
}

/// How long a fault of Redis lasts.
const LASTS: Duration = Duration::from_secs(6);

impl Fault {
    pub(crate) const ALL: [Self; 10] = [
        Self::None,
        Self::HolderKilled,
        Self::HolderStopped,
        Self::TokenRevoked,
        Self::RedisKilled,
        Self::RedisStopped,
        Self::OutOfMemory,
        Self::Slow,
        Self::Flushed,
        Self::FailedOver,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::HolderKilled => "three holders of the lease killed (SIGKILL)",
            Self::HolderStopped => {
                "three holders stopped for 4 s each, longer than their lease (SIGSTOP)"
            }
            Self::TokenRevoked => "the vendor revokes the token",
            Self::RedisKilled => "Redis killed, started again empty after 6 s",
            Self::RedisStopped => "Redis stopped for 6 s (SIGSTOP)",
            Self::OutOfMemory => "Redis out of memory for 6 s",
            Self::Slow => "Redis slow by 2 s for 6 s",
            Self::Flushed => "Redis flushed",
            Self::FailedOver => "Redis killed, its replica promoted after 2 s",
        }
    }

    /// Whether each process requests its tokens itself while it lasts.
    pub(crate) fn takes_the_store_away(self) -> bool {
        matches!(
            self,
            Self::RedisKilled
                | Self::RedisStopped
                | Self::OutOfMemory
                | Self::Slow
                | Self::FailedOver
        )
    }

    /// Lets it happen, and returns once it is over.
    pub(crate) async fn happen(self, deployment: &mut Deployment) {
        match self {
            Self::None => {}
            Self::HolderKilled => {
                for _ in 0..3 {
                    let holder = deployment.next_requester().await;
                    deployment.replace(holder);
                }
            }
            Self::HolderStopped => {
                // Before the response, when it comes, and while the token is stored.
                for after in [Duration::ZERO, LATENCY, LATENCY + Duration::from_millis(3)] {
                    let holder = deployment.next_requester().await;
                    tokio::time::sleep(after).await;
                    deployment.signal(holder, Signal::STOP);
                    tokio::time::sleep(Duration::from_secs(4)).await;
                    deployment.signal(holder, Signal::CONT);
                }
            }
            Self::TokenRevoked => deployment.vendor.revoke(),
            Self::RedisKilled => {
                deployment.redis.kill();
                tokio::time::sleep(LASTS).await;
                deployment.redis.restart();
            }
            Self::RedisStopped => {
                deployment.redis.suspend();
                tokio::time::sleep(LASTS).await;
                deployment.redis.resume();
            }
            Self::OutOfMemory => {
                deployment.redis.run::<()>("CONFIG SET maxmemory 1");
                tokio::time::sleep(LASTS).await;
                deployment.redis.run::<()>("CONFIG SET maxmemory 0");
            }
            Self::Slow => {
                deployment.proxy.slow_down(Duration::from_secs(2));
                tokio::time::sleep(LASTS).await;
                deployment.proxy.slow_down(Duration::ZERO);
            }
            Self::Flushed => deployment.redis.run::<()>("FLUSHALL"),
            Self::FailedOver => {
                deployment.redis.kill();
                tokio::time::sleep(Duration::from_secs(2)).await;
                deployment.standby.run::<()>("REPLICAOF NO ONE");
                deployment.proxy.lead_to(deployment.standby.port);
            }
        }
    }
}
