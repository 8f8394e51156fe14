-- breaking: no. Where a job's project stood in Git; an older program leaves it out.

ALTER TABLE jobs ADD COLUMN git TEXT CHECK (git IS NULL OR json_valid(git));
