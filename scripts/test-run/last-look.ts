// Loaded before all tests: looks into every temporary folder before a test removes it, and fails the run for a key found there.

import { afterAll, mock } from "bun:test";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { SecretSearch } from "./secret-search.ts";

const search = new SecretSearch();
const folder = `${fs.realpathSync(tmpdir())}/`;
const { rmSync } = fs;

/** Folders in which the tests of the search itself put keys where none belongs. */
const OWN_TESTS = `${folder}fetchml-search-`;

// Tests remove what they have made when they end, and a look at the end of the run would find nothing at all.
await mock.module("node:fs", () => ({
  ...fs,
  rmSync: (path: fs.PathLike, options?: fs.RmOptions) => {
    const place = resolve(String(path));
    if (place.startsWith(folder) && !place.startsWith(OWN_TESTS)) search.look(place);
    rmSync(path, options);
  },
}));

afterAll(() => {
  // What nobody has removed is told of by the look for leaks, too.
  search.look(folder);
  const { files, bytes, issued } = search.extent;
  const megabytes = Math.round(bytes / 1_048_576);
  process.stdout.write(
    `Searched ${files} files (${megabytes} MB) of the tests for ${issued} issued keys and their hashes\n`,
  );
  const findings = search.findings();
  if (findings.length > 0) throw new Error(`The tests left secrets:\n${findings.join("\n")}`);
}, 60_000);
