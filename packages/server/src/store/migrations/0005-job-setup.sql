-- breaking: yes. What a job runs before its command, and which paths of the box it cannot do without: an older program would start it without.

ALTER TABLE jobs ADD COLUMN setup TEXT CHECK (setup IS NULL OR json_valid(setup));
ALTER TABLE jobs ADD COLUMN mounts TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(mounts));
