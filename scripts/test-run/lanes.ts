// Which tests run beside which: two lanes at the same time take two thirds of the time of one.

/** A set of test files that one `bun test` runs, one file after the other. */
export interface Lane {
  readonly name: string;
  /** Relative to the project's root, as `bun test` takes files and not patterns. */
  readonly files: readonly string[];
}

/** Whole-program tests whose jobs run as the account of the server, or that start none: they may run beside everything. */
const SECLUDED =
  /^e2e\/(?:backup|bitwarden\/|caddy|cgroup-vm|disk-full|key-|nginx|pull|release|survive-suspend|systemd-vm|torture|tunnel|upload)/;

/** Tests that start jobs, under accounts that another lane's jobs would have, too: a hostile one ends all that runs under its own. */
const STARTS_JOBS = /^(?:bench|e2e|packages\/server\/src\/executor)\//;

/** Puts every test file into one of the lanes, in the order given. */
export function lanesOf(files: readonly string[]): readonly Lane[] {
  return [
    { name: "jobs", files: files.filter(startsJobs).map(asFile) },
    { name: "rooms", files: files.filter((path) => !startsJobs(path)).map(asFile) },
  ];
}

function startsJobs(path: string): boolean {
  return STARTS_JOBS.test(path) && !SECLUDED.test(path);
}

function asFile(path: string): string {
  return `./${path}`;
}
