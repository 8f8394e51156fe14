// The job names of a project, as a line of shell.

/** Prints the names of the `[jobs.NAME]` tables of `./ml.toml`, without starting `ml`: this runs at every key press. */
export const JOB_NAMES_SHELL = String.raw`sed -n 's/^\[jobs\.\([A-Za-z0-9._-]*\)\].*/\1/p' ml.toml 2>/dev/null`;
