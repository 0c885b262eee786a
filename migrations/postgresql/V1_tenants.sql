-- Apps, tenants and tokens. Instants are Unix seconds, UTC.
-- Sealed values are AES-256-GCM: nonce, ciphertext, tag. The associated data of each is in Sealing/Sealer.swift.
-- Names and keys are ordered by their bytes (COLLATE "C") whatever the database's language is: authentication codes
-- cover lists in this order.

-- Distinguishes a wrong key from a damaged store. One row.
CREATE TABLE key_check (
    id       BIGINT PRIMARY KEY CHECK (id = 1),
    store_id TEXT NOT NULL CHECK (length(store_id) = 32),
    sealed   BYTEA NOT NULL
);

CREATE TABLE app (
    -- Random and never used again, since sealed values name it.
    id            BIGINT PRIMARY KEY,
    host          TEXT COLLATE "C" NOT NULL CHECK (host LIKE 'http%://%'),
    app_id        TEXT COLLATE "C" NOT NULL CHECK (app_id <> ''),
    sealed_secret BYTEA NOT NULL,
    -- Grows with every change of host, app_id or secret: tokens of an older generation are unreachable.
    generation    BIGINT NOT NULL CHECK (generation > 0),
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);

CREATE TABLE tenant (
    name       TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (name <> ''),
    app        BIGINT NOT NULL REFERENCES app (id),
    -- Empty for a custom app, which belongs to one tenant only.
    tenant_key TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE token (
    app             BIGINT NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    tenant_key      TEXT COLLATE "C" NOT NULL,
    generation      BIGINT NOT NULL,
    -- Grows with every change of the row: a writer that read an older number is too late.
    renewal         BIGINT NOT NULL,
    -- All three NULL once the token is invalidated.
    sealed_token    BYTEA,
    obtained_at     BIGINT,
    expires_at      BIGINT,
    -- SHA-256 of the token that was invalidated last, and when.
    rejected_digest BYTEA,
    rejected_at     BIGINT,
    PRIMARY KEY (app, tenant_key),
    CHECK ((sealed_token IS NULL) = (expires_at IS NULL) AND (sealed_token IS NULL) = (obtained_at IS NULL)),
    CHECK ((rejected_digest IS NULL) = (rejected_at IS NULL))
);

-- The last request for a token, if it failed. A success deletes the row.
CREATE TABLE renewal_failure (
    app              BIGINT NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    tenant_key       TEXT COLLATE "C" NOT NULL,
    generation       BIGINT NOT NULL,
    kind             TEXT NOT NULL,
    summary          TEXT NOT NULL,
    remedy           TEXT NOT NULL,
    http_status      BIGINT,
    platform_code    BIGINT,
    platform_message TEXT,
    log_id           TEXT,
    -- How many in a row.
    failures         BIGINT NOT NULL CHECK (failures > 0),
    failed_at        BIGINT NOT NULL,
    retry_at         BIGINT NOT NULL,
    PRIMARY KEY (app, tenant_key)
);
