-- breaking: no. After which ends of an attempt a job is started again.

ALTER TABLE jobs ADD COLUMN retry_on TEXT NOT NULL DEFAULT '["lost","host-oom","exited"]' CHECK (json_valid(retry_on));
