-- breaking: yes. Rotation of keys: an older program would take a key whose grace is over, or one that was never used, for a good one.

-- Until when a key that another has taken the place of still works.
ALTER TABLE api_keys ADD COLUMN grace_ends_at INTEGER
  CHECK ((grace_ends_at IS NULL) = (superseded_by IS NULL));

-- The key in whose place this one was made.
ALTER TABLE api_keys ADD COLUMN replaces TEXT REFERENCES api_keys (id) CHECK (replaces <> id);

-- A key that its user has made is pending until its first use, and dead when it was not used by this time.
ALTER TABLE api_keys ADD COLUMN pending_until INTEGER
  CHECK (pending_until IS NULL OR (replaces IS NOT NULL AND superseded_by IS NULL AND last_used_at IS NULL));

-- At most one key waits to take another's place.
CREATE UNIQUE INDEX api_keys_pending ON api_keys (replaces) WHERE pending_until IS NOT NULL AND revoked_at IS NULL;
CREATE INDEX api_keys_by_successor ON api_keys (superseded_by) WHERE superseded_by IS NOT NULL;
