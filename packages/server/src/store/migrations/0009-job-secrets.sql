-- breaking: no. Names of the secrets that a job gets as variables, never their values.

ALTER TABLE jobs ADD COLUMN secrets TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(secrets));
