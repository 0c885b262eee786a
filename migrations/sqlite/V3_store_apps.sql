-- Store apps: one app, many tenants, each with its tenant_key. The app_access_token is the app's row of `token` with an
-- empty tenant_key, so that it is cached, renewed and invalidated like any other token.

-- NULL for a custom app, which is known by its tenant's name.
ALTER TABLE app ADD COLUMN name TEXT CHECK (name <> '');
ALTER TABLE app ADD COLUMN sealed_verification_token BLOB;
ALTER TABLE app ADD COLUMN sealed_encrypt_key BLOB;
CREATE UNIQUE INDEX app_name ON app (name);

CREATE TABLE app_ticket (
    app           INTEGER PRIMARY KEY REFERENCES app (id) ON DELETE CASCADE,
    -- NULL if there never was one, or the platform refused it.
    sealed_ticket BLOB,
    -- When the platform created it, in Unix microseconds: an older one never replaces it, even if it was refused.
    made_at       INTEGER NOT NULL DEFAULT 0,
    received_at   INTEGER,
    -- When the platform was asked to push another.
    asked_at      INTEGER,
    CHECK (sealed_ticket IS NULL OR received_at IS NOT NULL)
) STRICT;

-- The tenants that installed the app, as its events report.
CREATE TABLE installation (
    app        INTEGER NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    tenant_key TEXT NOT NULL CHECK (tenant_key <> ''),
    state      TEXT NOT NULL CHECK (state IN ('enabled', 'disabled', 'uninstalled')),
    -- In Unix microseconds: an older event that arrives later is ignored.
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (app, tenant_key)
) STRICT, WITHOUT ROWID;

-- Events that were handled: the platform repeats one until it is acknowledged.
CREATE TABLE app_event (
    app      INTEGER NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    event_id TEXT NOT NULL,
    seen_at  INTEGER NOT NULL,
    PRIMARY KEY (app, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX app_event_seen_at ON app_event (seen_at);
