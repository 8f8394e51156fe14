-- breaking: no. The most memory that an attempt was seen to use, and of whom that is; both null where nobody knows.

ALTER TABLE attempts ADD COLUMN peak_mem_bytes INTEGER CHECK (peak_mem_bytes > 0);
ALTER TABLE attempts ADD COLUMN peak_mem_of TEXT CHECK (
  (peak_mem_of IS NULL) = (peak_mem_bytes IS NULL) AND peak_mem_of IN ('attempt', 'process')
);
