-- How many calls the app may make in a calendar month; NULL if that is not known or not limited.
ALTER TABLE app ADD COLUMN month_quota BIGINT CHECK (month_quota BETWEEN 1 AND 1000000000);
