-- Failed requests for tokens, as the callers that meet them later need them.

-- Whether the same request can succeed later without any change.
ALTER TABLE renewal_failure ADD COLUMN is_retryable BIGINT NOT NULL DEFAULT 0 CHECK (is_retryable IN (0, 1));
-- Whether the platform named the time in retry_at.
ALTER TABLE renewal_failure ADD COLUMN names_retry BIGINT NOT NULL DEFAULT 0 CHECK (names_retry IN (0, 1));
UPDATE renewal_failure SET is_retryable = 1 WHERE kind IN ('try_later', 'unavailable', 'unreachable', 'bad_answer');
UPDATE renewal_failure SET names_retry = 1 WHERE kind = 'try_later';

-- The hosts of the platform that failed a moment ago. A response deletes the row.
CREATE TABLE host_outage (
    host             TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (host LIKE 'http%://%'),
    kind             TEXT NOT NULL,
    summary          TEXT NOT NULL,
    remedy           TEXT NOT NULL,
    http_status      BIGINT,
    platform_code    BIGINT,
    platform_message TEXT,
    log_id           TEXT,
    is_retryable     BIGINT NOT NULL CHECK (is_retryable IN (0, 1)),
    names_retry      BIGINT NOT NULL CHECK (names_retry IN (0, 1)),
    -- The number of failures in a row.
    failures         BIGINT NOT NULL CHECK (failures > 0),
    failed_at        BIGINT NOT NULL,
    retry_at         BIGINT NOT NULL
);
