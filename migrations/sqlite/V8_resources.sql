-- What runs learned about the resources of messages, so that later runs need not ask again. Rows may be deleted any time.

-- Resources that the platform never delivers to the app.
CREATE TABLE gone_resource (
    app          INTEGER NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    tenant_key   TEXT NOT NULL,
    -- Empty for an image that was requested without a message.
    message_id   TEXT NOT NULL,
    resource_key TEXT NOT NULL,
    type         TEXT NOT NULL CHECK (type IN ('image', 'file')),
    code         INTEGER NOT NULL,
    reason       TEXT NOT NULL,
    found_at     INTEGER NOT NULL,
    PRIMARY KEY (app, tenant_key, message_id, resource_key, type)
) STRICT, WITHOUT ROWID;

-- The message by which the resources of another one are downloaded.
CREATE TABLE resource_owner (
    app        INTEGER NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    tenant_key TEXT NOT NULL,
    message_id TEXT NOT NULL CHECK (message_id <> ''),
    owner_id   TEXT NOT NULL CHECK (owner_id <> ''),
    found_at   INTEGER NOT NULL,
    PRIMARY KEY (app, tenant_key, message_id)
) STRICT, WITHOUT ROWID;
