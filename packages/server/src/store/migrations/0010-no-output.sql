-- breaking: no. After how much silence a job is ended, in milliseconds; null where it did not say.

ALTER TABLE jobs ADD COLUMN no_output_ms INTEGER CHECK (no_output_ms > 0);
