-- How many calls each app made in each calendar month, by all processes that share the store.

CREATE TABLE month_calls (
    host   TEXT NOT NULL,
    app_id TEXT NOT NULL,
    -- Year and month in UTC+8, such as 202601.
    month  INTEGER NOT NULL,
    calls  INTEGER NOT NULL CHECK (calls >= 0),
    UNIQUE (host, app_id, month)
) STRICT;
