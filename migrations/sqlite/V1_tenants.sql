-- Apps, tenants and tokens. Instants are Unix seconds, UTC.
-- Sealed values are AES-256-GCM: nonce, ciphertext, tag. The associated data of each is in Sealing/Sealer.swift.

-- Distinguishes a wrong key from a damaged store. One row.
CREATE TABLE key_check (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    store_id TEXT NOT NULL CHECK (length(store_id) = 32),
    sealed   BLOB NOT NULL
) STRICT;

CREATE TABLE app (
    -- Random and never used again, since sealed values name it.
    id            INTEGER PRIMARY KEY,
    host          TEXT NOT NULL CHECK (host LIKE 'http%://%'),
    app_id        TEXT NOT NULL CHECK (app_id <> ''),
    sealed_secret BLOB NOT NULL,
    -- Grows with every change of host, app_id or secret: tokens of an older generation are unreachable.
    generation    INTEGER NOT NULL CHECK (generation > 0),
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE tenant (
    name       TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
    app        INTEGER NOT NULL REFERENCES app (id),
    -- Empty for a custom app, which belongs to one tenant only.
    tenant_key TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE token (
    app             INTEGER NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    tenant_key      TEXT NOT NULL,
    generation      INTEGER NOT NULL,
    -- Grows with every change of the row: a writer that read an older number is too late.
    renewal         INTEGER NOT NULL,
    -- All three NULL once the token is invalidated.
    sealed_token    BLOB,
    obtained_at     INTEGER,
    expires_at      INTEGER,
    -- SHA-256 of the token that was invalidated last, and when.
    rejected_digest BLOB,
    rejected_at     INTEGER,
    PRIMARY KEY (app, tenant_key),
    CHECK ((sealed_token IS NULL) = (expires_at IS NULL) AND (sealed_token IS NULL) = (obtained_at IS NULL)),
    CHECK ((rejected_digest IS NULL) = (rejected_at IS NULL))
) STRICT, WITHOUT ROWID;

-- The last request for a token, if it failed. A success deletes the row.
CREATE TABLE renewal_failure (
    app              INTEGER NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    tenant_key       TEXT NOT NULL,
    generation       INTEGER NOT NULL,
    kind             TEXT NOT NULL,
    summary          TEXT NOT NULL,
    remedy           TEXT NOT NULL,
    http_status      INTEGER,
    platform_code    INTEGER,
    platform_message TEXT,
    log_id           TEXT,
    -- How many in a row.
    failures         INTEGER NOT NULL CHECK (failures > 0),
    failed_at        INTEGER NOT NULL,
    retry_at         INTEGER NOT NULL,
    PRIMARY KEY (app, tenant_key)
) STRICT, WITHOUT ROWID;
