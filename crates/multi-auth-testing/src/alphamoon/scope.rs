//! The scopes on the vendor's pages. Those with a name are required by an endpoint.

pub(super) const READ_PROCESSES: &str = "workspace.process:read";
pub(super) const CREATE_PROCESSES: &str = "workspace.process:create";
pub(super) const UPDATE_PROCESSES: &str = "workspace.process:update";
pub(super) const MANAGE_ORGANIZATION_KEYS: &str = "workspace.admin.api_key:manage";
pub(super) const MANAGE_PROCESS_KEYS: &str = "workspace.process.api_key:manage";

pub(super) const ALL: &[&str] = &[
    "workspace.collection:create",
    "workspace.collection:read",
    "workspace.collection:update",
    "workspace.collection:delete",
    "workspace.collection_editor:override",
    "workspace.file:upload",
    "workspace.file:download",
    "workspace.result:create",
    "workspace.result:read",
    "workspace.result:update",
    "workspace.result:delete",
    CREATE_PROCESSES,
    READ_PROCESSES,
    UPDATE_PROCESSES,
    "workspace.process:delete",
    MANAGE_PROCESS_KEYS,
    "workspace.export:create",
    "workspace.export:delete",
    "workspace.destination:create",
    "workspace.destination:read",
    "workspace.destination:delete",
    "workspace.admin.user:read",
    "workspace.admin.user:invite",
    "workspace.admin.user:manage",
    "workspace.admin.process:manage",
    "workspace.admin.collection:manage",
    "workspace.admin.subscriptions:manage",
    MANAGE_ORGANIZATION_KEYS,
];
