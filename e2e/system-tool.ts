// Lets a test say which tools of the system it needs: without them it is skipped, or fails where all must be there.

import { test } from "bun:test";

/** Declares a test, as `test()` does. */
export type DeclareTest = (
  name: string,
  body: () => void | Promise<void>,
  timeoutMs?: number,
) => void;

/**
 * `test` itself when each tool is in PATH. Otherwise a `test` that is skipped and says in its name what is missing, or, with
 * `FETCHML_REQUIRE_SYSTEM=1` in the environment, one that fails with the command that installs it.
 */
export function needsSystem(...tools: readonly string[]): DeclareTest {
  return needsParts(tools.filter((tool) => Bun.which(tool) === null));
}

/**
 * The same for parts of the system that are not in PATH.
 *
 * @param missing those that are not there, in words.
 */
export function needsParts(missing: readonly string[]): DeclareTest {
  if (missing.length === 0) return test;
  const lack = `needs ${missing.join(" and ")}`;
  if (process.env["FETCHML_REQUIRE_SYSTEM"] !== "1") {
    return (name, body) => test.skip(`${name} (${lack})`, body);
  }
  return (name) =>
    test(name, () => {
      throw new Error(`This test ${lack}: run scripts/install-system-packages.sh`);
    });
}
