-- breaking: no. What is kept of ended jobs: pins, what was removed and when, and which snapshots were accepted lately.

-- Since when nothing of the job may be removed.
ALTER TABLE jobs ADD COLUMN pinned_at INTEGER;

-- When somebody last sent it, to the hour; a snapshot that no job names yet is kept for a while after that.
ALTER TABLE snapshots ADD COLUMN accepted_at INTEGER;
-- When its list of files was removed. It is as good as new when somebody sends it again.
ALTER TABLE snapshots ADD COLUMN removed_at INTEGER;
CREATE INDEX snapshots_kept ON snapshots (id) WHERE removed_at IS NULL;

CREATE INDEX jobs_by_snapshot ON jobs (snapshot, ended_at) WHERE snapshot IS NOT NULL;
CREATE INDEX jobs_begun ON jobs (id) WHERE ended_at IS NULL AND attempt > 0;
CREATE INDEX jobs_pinned ON jobs (snapshot) WHERE pinned_at IS NOT NULL;

-- What lies on the disk for a job that has ended. Sizes are NULL until somebody has measured them.
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

CREATE INDEX job_files_work ON job_files (ended_at) WHERE work_removed_at IS NULL;
CREATE INDEX job_files_checkpoints ON job_files (ended_at) WHERE checkpoints_removed_at IS NULL;
CREATE INDEX job_files_outputs ON job_files (ended_at) WHERE outputs_removed_at IS NULL;
CREATE INDEX job_files_log ON job_files (ended_at) WHERE log_removed_at IS NULL;

-- Empty but for moments: see store/spare-room.ts.
CREATE TABLE spare_room (
  id INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;

INSERT INTO job_files (job_id, ended_at) SELECT id, ended_at FROM jobs WHERE ended_at IS NOT NULL AND attempt > 0;

-- In the database, so that no way to end a job can forget it. A job that never started has nothing on the disk.
CREATE TRIGGER jobs_leave_files AFTER UPDATE OF ended_at ON jobs WHEN NEW.ended_at IS NOT NULL AND NEW.attempt > 0 BEGIN
  INSERT INTO job_files (job_id, ended_at) VALUES (NEW.id, NEW.ended_at) ON CONFLICT (job_id) DO UPDATE SET ended_at = NEW.ended_at;
END;
