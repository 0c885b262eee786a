-- HMAC-SHA256 of the rows that decide which token a tenant or a client gets, with a key derived from the store's key:
-- without the key, a row cannot be added, and a tenant cannot be pointed to another app. Sealing/RowAuthenticator.swift
-- says what each code covers. NULL is not valid; the migration computes the codes of the rows that exist.
ALTER TABLE tenant ADD COLUMN authentication_code BYTEA CHECK (length(authentication_code) = 32);
ALTER TABLE client ADD COLUMN authentication_code BYTEA CHECK (length(authentication_code) = 32);
