-- breaking: no. Cancels of all jobs of a user that are too many for one transaction, so that a restart goes on with them.

CREATE TABLE cancel_sweeps (
  user_id INTEGER PRIMARY KEY REFERENCES users (id),
  -- Jobs with a greater id were queued after somebody asked, and stay.
  up_to_job INTEGER NOT NULL,
  asked_by TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  -- How many it has cancelled so far.
  cancelled INTEGER NOT NULL CHECK (cancelled >= 0)
) STRICT;
