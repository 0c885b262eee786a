-- What the platform lets the tenant's app ask of each image API: both NULL is the platform's usual rate, 0 no limit.
ALTER TABLE tenant ADD COLUMN quota_per_second INTEGER CHECK (quota_per_second BETWEEN 0 AND 1000);
ALTER TABLE tenant ADD COLUMN quota_per_minute INTEGER CHECK (
    quota_per_minute BETWEEN 0 AND 10000 AND (quota_per_second IS NULL) = (quota_per_minute IS NULL)
    OR quota_per_second IS NULL AND quota_per_minute IS NULL
);
