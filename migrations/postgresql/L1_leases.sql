-- Locks between the processes of all hosts, on one token or on a host of the platform. Stores in files use lock files.
-- UNLOGGED: after a crash all are free, which costs a few requests.
CREATE UNLOGGED TABLE lease (
    name        TEXT   NOT NULL PRIMARY KEY,
    -- Random, of the lock that holds it.
    holder      TEXT   NOT NULL,
    -- In milliseconds of the server's clock. A holder that died keeps others waiting until then.
    lease_until BIGINT NOT NULL
);
