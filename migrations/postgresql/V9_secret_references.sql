-- Whether sealed_secret holds a reference to the app_secret, such as the name of a file or a command, and not the secret.
-- The associated data differs (Sealing/Sealer.swift), so that the column cannot be changed without the key.
ALTER TABLE app ADD COLUMN has_secret_reference BIGINT NOT NULL DEFAULT 0 CHECK (has_secret_reference IN (0, 1));
