-- Store apps: one app, many tenants, each with its tenant_key. The app_access_token is the app's row of `token` with an
-- empty tenant_key, so that it is cached, renewed and invalidated like any other token.

-- NULL for a custom app, which is known by its tenant's name.
ALTER TABLE app ADD COLUMN name TEXT COLLATE "C" CHECK (name <> '');
ALTER TABLE app ADD COLUMN sealed_verification_token BYTEA;
ALTER TABLE app ADD COLUMN sealed_encrypt_key BYTEA;
CREATE UNIQUE INDEX app_name ON app (name);

CREATE TABLE app_ticket (
    app           BIGINT PRIMARY KEY REFERENCES app (id) ON DELETE CASCADE,
    -- NULL if there never was one, or the platform refused it.
    sealed_ticket BYTEA,
    -- When the platform created it, in Unix microseconds: an older one never replaces it, even if it was refused.
    made_at       BIGINT NOT NULL DEFAULT 0,
    received_at   BIGINT,
    -- When the platform was asked to push another.
    asked_at      BIGINT,
    CHECK (sealed_ticket IS NULL OR received_at IS NOT NULL)
);

-- The tenants that installed the app, as its events report.
CREATE TABLE installation (
    app        BIGINT NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    tenant_key TEXT COLLATE "C" NOT NULL CHECK (tenant_key <> ''),
    state      TEXT NOT NULL CHECK (state IN ('enabled', 'disabled', 'uninstalled')),
    -- In Unix microseconds: an older event that arrives later is ignored.
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (app, tenant_key)
);

-- Events that were handled: the platform repeats one until it is acknowledged.
CREATE TABLE app_event (
    app      BIGINT NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    event_id TEXT COLLATE "C" NOT NULL,
    seen_at  BIGINT NOT NULL,
    PRIMARY KEY (app, event_id)
);
CREATE INDEX app_event_seen_at ON app_event (seen_at);
