-- The schema after all migrations. Generated: `npm run docs`; a test compares it with a fresh database.

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

CREATE TABLE api_keys (
  id TEXT PRIMARY KEY CHECK (length(id) = 4),
  user_id INTEGER NOT NULL REFERENCES users (id),
  api_key_hash TEXT NOT NULL UNIQUE CHECK (length(api_key_hash) = 64),
  label TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  last_used_at INTEGER,
  last_used_address TEXT,
  last_used_client TEXT,
  superseded_by TEXT REFERENCES api_keys (id)
, grace_ends_at INTEGER
  CHECK ((grace_ends_at IS NULL) = (superseded_by IS NULL)), replaces TEXT REFERENCES api_keys (id) CHECK (replaces <> id), pending_until INTEGER
  CHECK (pending_until IS NULL OR (replaces IS NOT NULL AND superseded_by IS NULL AND last_used_at IS NULL))) STRICT, WITHOUT ROWID;

CREATE TABLE attempts (
  job_id INTEGER NOT NULL REFERENCES jobs (id),
  number INTEGER NOT NULL CHECK (number >= 1),
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  gpu_uuids TEXT NOT NULL CHECK (json_valid(gpu_uuids)),
  outcome TEXT CHECK (outcome IS NULL OR json_valid(outcome)), peak_mem_bytes INTEGER CHECK (peak_mem_bytes > 0), peak_mem_of TEXT CHECK (
  (peak_mem_of IS NULL) = (peak_mem_bytes IS NULL) AND peak_mem_of IN ('attempt', 'process')
),
  PRIMARY KEY (job_id, number),
  CHECK ((ended_at IS NULL) = (outcome IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT,
  address TEXT,
  ok INTEGER NOT NULL CHECK (ok IN (0, 1)),
  reason TEXT
) STRICT;

CREATE TABLE blob_holders (
  user_id INTEGER NOT NULL REFERENCES users (id),
  hash TEXT NOT NULL CHECK (length(hash) = 64),
  PRIMARY KEY (user_id, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE cancel_sweeps (
  user_id INTEGER PRIMARY KEY REFERENCES users (id),
  -- Jobs with a greater id were queued after somebody asked, and stay.
  up_to_job INTEGER NOT NULL,
  asked_by TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  -- How many it has cancelled so far.
  cancelled INTEGER NOT NULL CHECK (cancelled >= 0)
) STRICT;

CREATE TABLE drains (
  -- A GPU's UUID; 'box' for all of it.
  target TEXT PRIMARY KEY,
  since INTEGER NOT NULL,
  drained_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE job_files (
  job_id INTEGER PRIMARY KEY REFERENCES jobs (id),
  ended_at INTEGER NOT NULL,
  work_bytes INTEGER,
  checkpoints_bytes INTEGER,
  outputs_bytes INTEGER,
  log_bytes INTEGER,
  work_removed_at INTEGER,
  checkpoints_removed_at INTEGER,
  outputs_removed_at INTEGER,
  log_removed_at INTEGER
) STRICT;

CREATE TABLE "jobs" (
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

CREATE TABLE migrations (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  breaking INTEGER NOT NULL CHECK (breaking IN (0, 1)),
  applied_at INTEGER NOT NULL,
  applied_by TEXT NOT NULL
) STRICT;

CREATE TABLE queue_counts (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  queued INTEGER NOT NULL CHECK (queued >= 0),
  waiting INTEGER NOT NULL CHECK (waiting BETWEEN 0 AND queued)
) STRICT;

CREATE TABLE snapshot_holders (
  user_id INTEGER NOT NULL REFERENCES users (id),
  snapshot TEXT NOT NULL REFERENCES snapshots (id),
  PRIMARY KEY (user_id, snapshot)
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshots (
  id TEXT PRIMARY KEY CHECK (length(id) = 64),
  created_at INTEGER NOT NULL,
  file_count INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL
, accepted_at INTEGER, removed_at INTEGER) STRICT, WITHOUT ROWID;

CREATE TABLE spare_room (
  id INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 32),
  role TEXT NOT NULL CHECK (role IN ('viewer', 'member', 'admin')),
  created_at INTEGER NOT NULL,
  disabled_at INTEGER,
  -- A removed user's name stays taken: a namesake must not inherit the home folder and the jobs.
  removed_at INTEGER
) STRICT;

CREATE INDEX api_keys_by_successor ON api_keys (superseded_by) WHERE superseded_by IS NOT NULL;

CREATE INDEX api_keys_by_user ON api_keys (user_id);

CREATE UNIQUE INDEX api_keys_pending ON api_keys (replaces) WHERE pending_until IS NOT NULL AND revoked_at IS NULL;

CREATE INDEX audit_by_time ON audit (at);

CREATE INDEX job_files_checkpoints ON job_files (ended_at) WHERE checkpoints_removed_at IS NULL;

CREATE INDEX job_files_log ON job_files (ended_at) WHERE log_removed_at IS NULL;

CREATE INDEX job_files_outputs ON job_files (ended_at) WHERE outputs_removed_at IS NULL;

CREATE INDEX job_files_work ON job_files (ended_at) WHERE work_removed_at IS NULL;

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

CREATE INDEX snapshots_kept ON snapshots (id) WHERE removed_at IS NULL;
