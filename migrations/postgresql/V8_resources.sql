-- What runs learned about the resources of messages, so that later runs need not ask again. Rows may be deleted any time.

-- Resources that the platform never delivers to the app.
CREATE TABLE gone_resource (
    app          BIGINT NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    tenant_key   TEXT COLLATE "C" NOT NULL,
    -- Empty for an image that was requested without a message.
    message_id   TEXT COLLATE "C" NOT NULL,
    resource_key TEXT COLLATE "C" NOT NULL,
    type         TEXT COLLATE "C" NOT NULL CHECK (type IN ('image', 'file')),
    code         BIGINT NOT NULL,
    reason       TEXT COLLATE "C" NOT NULL,
    found_at     BIGINT NOT NULL,
    PRIMARY KEY (app, tenant_key, message_id, resource_key, type)
);

-- The message by which the resources of another one are downloaded.
CREATE TABLE resource_owner (
    app        BIGINT NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    tenant_key TEXT COLLATE "C" NOT NULL,
    message_id TEXT COLLATE "C" NOT NULL CHECK (message_id <> ''),
    owner_id   TEXT COLLATE "C" NOT NULL CHECK (owner_id <> ''),
    found_at   BIGINT NOT NULL,
    PRIMARY KEY (app, tenant_key, message_id)
);
