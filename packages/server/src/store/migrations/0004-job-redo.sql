-- breaking: no. Which job a job does again; an older program leaves it out.

ALTER TABLE jobs ADD COLUMN redo_of INTEGER REFERENCES jobs (id);

-- Without it every new job is looked for among those that may name it.
CREATE INDEX jobs_by_redo ON jobs (redo_of) WHERE redo_of IS NOT NULL;
