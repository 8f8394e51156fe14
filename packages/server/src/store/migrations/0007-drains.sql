-- breaking: no. What the admin has taken out of service: the box, or single GPUs.

CREATE TABLE drains (
  -- A GPU's UUID; 'box' for all of it.
  target TEXT PRIMARY KEY,
  since INTEGER NOT NULL,
  drained_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
