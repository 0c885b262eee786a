-- How many calls each app made in each calendar month, by all processes that share the store. Not UNLOGGED: a month is
-- long, and its counts must survive a crash.

CREATE TABLE month_calls (
    host   TEXT COLLATE "C" NOT NULL,
    app_id TEXT COLLATE "C" NOT NULL,
    -- Year and month in UTC+8, such as 202601.
    month  BIGINT NOT NULL,
    calls  BIGINT NOT NULL CHECK (calls >= 0),
    UNIQUE (host, app_id, month)
);
