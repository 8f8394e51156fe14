-- breaking: yes. A job's state is checked in words that SQLite is quicker with: an older program would not find the index of jobs alive.

-- For IN with more than two values SQLite builds a table each time that it writes a row: three checks and an index with it took 3.4 of
-- the 9 µs of a new job. A check cannot be changed in place, so the table is made anew; no foreign keys are minded meanwhile.
CREATE TABLE jobs_anew (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id),
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 63),
  state TEXT NOT NULL CHECK (
    state = 'queued' OR state = 'starting' OR state = 'running' OR state = 'cancelling'
    OR state = 'succeeded' OR state = 'failed' OR state = 'cancelled' OR state = 'timed-out' OR state = 'lost'
  ),
  -- Place in the queue; the id at first, exchanged within one user's jobs by `edit --first`.
  queue_rank INTEGER NOT NULL,
  held INTEGER NOT NULL CHECK (held IN (0, 1)),
  gpus INTEGER NOT NULL CHECK (gpus >= 0),
  cpus INTEGER NOT NULL CHECK (cpus >= 1),
  mem_bytes INTEGER NOT NULL CHECK (mem_bytes >= 0),
  timeout_ms INTEGER CHECK (timeout_ms > 0),
  no_output_ms INTEGER CHECK (no_output_ms > 0),
  retries INTEGER NOT NULL CHECK (retries >= 0),
  attempt INTEGER NOT NULL CHECK (attempt >= 0),
  created_at INTEGER NOT NULL,
  eligible_at INTEGER,
  started_at INTEGER,
  ended_at INTEGER,
  cancelled_by TEXT,
  outcome TEXT CHECK (outcome IS NULL OR json_valid(outcome)),
  command TEXT NOT NULL CHECK (json_valid(command)),
  cwd TEXT NOT NULL,
  env TEXT NOT NULL CHECK (json_valid(env)),
  snapshot TEXT REFERENCES snapshots (id),
  submission TEXT,
  git TEXT CHECK (git IS NULL OR json_valid(git)),
  redo_of INTEGER REFERENCES jobs (id),
  setup TEXT CHECK (setup IS NULL OR json_valid(setup)),
  mounts TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(mounts)),
  pinned_at INTEGER,
  retry_on TEXT NOT NULL DEFAULT '["lost","host-oom","exited"]' CHECK (json_valid(retry_on)),
  secrets TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(secrets)),
  CHECK ((ended_at IS NOT NULL) = (
    state = 'succeeded' OR state = 'failed' OR state = 'cancelled' OR state = 'timed-out' OR state = 'lost'
  )),
  CHECK (ended_at IS NULL OR outcome IS NOT NULL),
  CHECK (attempt >= 1 OR (state <> 'starting' AND state <> 'running' AND state <> 'cancelling')),
  CHECK (state <> 'cancelling' OR cancelled_by IS NOT NULL),
  CHECK (held = 0 OR state IN ('queued', 'cancelled'))
) STRICT;

INSERT INTO jobs_anew (
  id, user_id, name, state, queue_rank, held, gpus, cpus, mem_bytes, timeout_ms, no_output_ms, retries, attempt,
  created_at, eligible_at, started_at, ended_at, cancelled_by, outcome, command, cwd, env, snapshot, submission, git,
  redo_of, setup, mounts, pinned_at, retry_on, secrets
) SELECT
  id, user_id, name, state, queue_rank, held, gpus, cpus, mem_bytes, timeout_ms, no_output_ms, retries, attempt,
  created_at, eligible_at, started_at, ended_at, cancelled_by, outcome, command, cwd, env, snapshot, submission, git,
  redo_of, setup, mounts, pinned_at, retry_on, secrets
FROM jobs ORDER BY id;

DROP TABLE jobs;
ALTER TABLE jobs_anew RENAME TO jobs;

CREATE INDEX jobs_alive ON jobs (id) WHERE state = 'starting' OR state = 'running' OR state = 'cancelling';
CREATE INDEX jobs_begun ON jobs (id) WHERE ended_at IS NULL AND attempt > 0;
CREATE INDEX jobs_by_name ON jobs (user_id, name, id);
CREATE INDEX jobs_by_redo ON jobs (redo_of) WHERE redo_of IS NOT NULL;
CREATE INDEX jobs_by_snapshot ON jobs (snapshot, ended_at) WHERE snapshot IS NOT NULL;
CREATE UNIQUE INDEX jobs_by_submission ON jobs (user_id, submission) WHERE submission IS NOT NULL;
CREATE INDEX jobs_by_user ON jobs (user_id);
CREATE INDEX jobs_pinned ON jobs (snapshot) WHERE pinned_at IS NOT NULL;
CREATE INDEX jobs_queue ON jobs (queue_rank, held, eligible_at) WHERE state = 'queued';
CREATE INDEX jobs_unfinished ON jobs (id) WHERE ended_at IS NULL;
CREATE INDEX jobs_unfinished_by_user ON jobs (user_id, id) WHERE ended_at IS NULL;
CREATE INDEX jobs_waiting_for_time ON jobs (eligible_at) WHERE state = 'queued' AND held = 0 AND eligible_at IS NOT NULL;

CREATE TRIGGER jobs_count_changed AFTER UPDATE OF state, held ON jobs BEGIN
  UPDATE queue_counts SET
    queued = queued + (NEW.state = 'queued') - (OLD.state = 'queued'),
    waiting = waiting + (NEW.state = 'queued' AND NEW.held = 0) - (OLD.state = 'queued' AND OLD.held = 0)
  WHERE id = 1;
END;

CREATE TRIGGER jobs_count_new AFTER INSERT ON jobs WHEN NEW.state = 'queued' BEGIN
  UPDATE queue_counts SET queued = queued + 1, waiting = waiting + 1 - NEW.held WHERE id = 1;
END;

CREATE TRIGGER jobs_leave_files AFTER UPDATE OF ended_at ON jobs WHEN NEW.ended_at IS NOT NULL AND NEW.attempt > 0 BEGIN
  INSERT INTO job_files (job_id, ended_at) VALUES (NEW.id, NEW.ended_at) ON CONFLICT (job_id) DO UPDATE SET ended_at = NEW.ended_at;
END;
