-- When requests were sent. UNLOGGED: it is not synced to the disk and not replicated, so it is empty after a crash and
-- on a server that was a standby.
-- Instants are Unix milliseconds, UTC.

CREATE UNLOGGED TABLE quota (
    host         TEXT COLLATE "C" NOT NULL,
    app_id       TEXT COLLATE "C" NOT NULL,
    -- Empty for a custom app.
    tenant_key   TEXT COLLATE "C" NOT NULL,
    api          TEXT COLLATE "C" NOT NULL,
    -- Grows with each pause, which voids the grants that are still to come.
    epoch        BIGINT NOT NULL,
    paused_until BIGINT NOT NULL,
    asked_at     BIGINT NOT NULL,
    -- Not used.
    fastest      BIGINT NOT NULL,
    fastest_at   BIGINT NOT NULL,
    -- The instants of the last minute in order, eight bytes each, least significant first.
    instants     BYTEA NOT NULL CHECK (length(instants) % 8 = 0),
    UNIQUE (host, app_id, tenant_key, api)
);
