// The folder, the mark and the environment of one test run, and what the run has left behind in the end.

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findListeners, findProcesses, socketsOf } from "./process-table.ts";
import type { LiveProcess } from "./process-table.ts";

/** One test run. Whoever opens it closes it. */
export interface TestRun {
  /** The environment for everything the run starts: ours without keys and settings of FetchML, its own TMPDIR, its mark. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where `bun test` writes its report; outside TMPDIR. */
  readonly reportPath: string;
  /** What the run left, in words: processes, listening sockets, files. Processes get `patienceMs` to end. */
  findLeaks(patienceMs: number): Promise<readonly string[]>;
  /** Ends what the run left and removes its folder. Safe twice. */
  close(): void;
}

/** Makes the folder of a run. Its path is short, for a Unix socket's path has at most 107 bytes. */
export function openTestRun(environment: Readonly<Record<string, string | undefined>>): TestRun {
  const folder = mkdtempSync(join(tmpdir(), "fml-"));
  // The accounts that sandboxed jobs run as pass through it.
  chmodSync(folder, 0o711);
  const temporary = join(folder, "t");
  mkdirSync(temporary);
  const mark = crypto.randomUUID();
  const listenedBefore = new Set(findListeners().map(({ inode }) => inode));
  const survivors = () => findProcesses(`FETCHML_TEST_RUN=${mark}`, temporary);

  return {
    environment: { ...withoutSettings(environment), TMPDIR: temporary, FETCHML_TEST_RUN: mark },
    reportPath: join(folder, "report.xml"),
    findLeaks: async (patienceMs) => {
      const processes = await waitForNone(survivors, patienceMs);
      const theirs = new Set(processes.flatMap(({ pid }) => [...socketsOf(pid)]));
      const listeners = findListeners().filter(
        ({ inode, address }) =>
          !listenedBefore.has(inode) && (theirs.has(inode) || address.startsWith(temporary)),
      );
      return [
        ...processes.map(({ pid, command }) => `process ${pid}: ${command.slice(0, 200)}`),
        ...listeners.map(({ address }) => `listening socket: ${address}`),
        ...readdirSync(temporary).map((name) => `file or folder in TMPDIR: ${name}`),
      ];
    },
    close: () => {
      for (const { pid } of survivors()) end(pid);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A test must not find the developer's own key, nor the settings of a server of theirs. */
function withoutSettings(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const kept = Object.entries(environment).filter(
    ([name]) => name === "FETCHML_REQUIRE_SYSTEM" || !/^(?:ML|FETCHML)_|^NO_COLOR$/.test(name),
  );
  return Object.fromEntries(kept);
}

async function waitForNone(
  look: () => readonly LiveProcess[],
  patienceMs: number,
): Promise<readonly LiveProcess[]> {
  const deadline = performance.now() + patienceMs;
  let found = look();
  while (found.length > 0 && performance.now() < deadline) {
    await Bun.sleep(50);
    found = look();
  }
  return found;
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}
