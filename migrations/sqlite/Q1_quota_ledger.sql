-- A database of its own, beside the store: when requests were sent. It is never synced to the disk and may be lost.
-- Instants are Unix milliseconds, UTC.

CREATE TABLE quota (
    host         TEXT NOT NULL,
    app_id       TEXT NOT NULL,
    -- Empty for a custom app.
    tenant_key   TEXT NOT NULL,
    api          TEXT NOT NULL,
    -- Grows with each pause, which voids the grants that are still to come.
    epoch        INTEGER NOT NULL,
    paused_until INTEGER NOT NULL,
    asked_at     INTEGER NOT NULL,
    -- Not used.
    fastest      INTEGER NOT NULL,
    fastest_at   INTEGER NOT NULL,
    -- The instants of the last minute in order, eight bytes each, least significant first.
    instants     BLOB NOT NULL CHECK (length(instants) % 8 = 0),
    UNIQUE (host, app_id, tenant_key, api)
) STRICT;
