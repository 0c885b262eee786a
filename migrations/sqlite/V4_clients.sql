-- The clients of the auth service, and the tenants whose tokens each may have.

CREATE TABLE client (
    name       TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE client_tenant (
    client TEXT NOT NULL REFERENCES client (name) ON DELETE CASCADE,
    tenant TEXT NOT NULL REFERENCES tenant (name) ON DELETE CASCADE,
    PRIMARY KEY (client, tenant)
) STRICT, WITHOUT ROWID;
CREATE INDEX client_tenant_tenant ON client_tenant (tenant);

-- At most two for each client, the second while the first is being replaced.
CREATE TABLE client_secret (
    -- Grows: the newest secret has the largest.
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The part of the secret that identifies it.
    id         TEXT NOT NULL UNIQUE CHECK (length(id) = 16),
    client     TEXT NOT NULL REFERENCES client (name) ON DELETE CASCADE,
    -- SHA-256 of the whole secret, which is long and random.
    digest     BLOB NOT NULL CHECK (length(digest) = 32),
    created_at INTEGER NOT NULL,
    -- NULL for one that does not expire.
    expires_at INTEGER
) STRICT;
CREATE INDEX client_secret_client ON client_secret (client);
