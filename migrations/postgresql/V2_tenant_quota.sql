-- The rate limit of the tenant's app for each image API: both NULL for the platform's standard limit, 0 for none.
ALTER TABLE tenant ADD COLUMN quota_per_second BIGINT CHECK (quota_per_second BETWEEN 0 AND 1000);
ALTER TABLE tenant ADD COLUMN quota_per_minute BIGINT CHECK (
    quota_per_minute BETWEEN 0 AND 10000 AND (quota_per_second IS NULL) = (quota_per_minute IS NULL)
    OR quota_per_second IS NULL AND quota_per_minute IS NULL
);
