// A local executor with bubblewrap whose programs run under a shell of the test's choice, and jobs with a setup in it.
import { expect } from "bun:test";
import { mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { AttemptSpec } from "../../domain/attempt-spec.ts";
import { ended, shellSpec } from "../attempt.fixture.ts";
import type { LocalExecutorOptions } from "../local/local-executor.ts";
import {
  localSubject,
  type LocalSubject,
  offeredSandboxes,
} from "../local/local-executor.fixture.ts";

const PATH = "/usr/local/bin:/usr/bin:/bin";

/** The sandbox in which a setup is kept; absent where the machine does not offer it. */
export const sandbox = (await offeredSandboxes()).find(({ kind }) => kind === "bubblewrap");

/** The shells that distributions use as `sh`, as far as they are here. */
export const shells = ["dash", "bash", "busybox"].filter(
  (shell) => Bun.which(shell) !== null || process.env["FETCHML_REQUIRE_SYSTEM"] === "1",
);

/** An executor under test; close it at the end. */
export interface ShellSubject extends LocalSubject {
  /** A folder that comes first in the programs' PATH. */
  readonly shellFolder: string;
  /** A job of alice with a setup of which `train.py` is the key. */
  readonly specOf: (setup: string, shellLine: string, fields?: Partial<AttemptSpec>) => AttemptSpec;
  /** Runs an attempt, which must end with 0; answers its log. */
  readonly run: (spec: AttemptSpec) => Promise<string>;
  /** What lies in the folder of alice's setups, without the locks. */
  readonly kept: () => readonly string[];
}

/** Opens an executor whose programs run under a shell. */
export async function shellSubject(
  shell: string,
  checkout: LocalExecutorOptions["checkout"],
): Promise<ShellSubject> {
  const shellFolder = join(process.env["TMPDIR"] ?? "/tmp", `fetchml-sh-${shell}-${process.pid}`);
  mkdirSync(shellFolder);
  // The name makes each of them behave as `sh`.
  symlinkSync(Bun.which(shell) ?? shell, join(shellFolder, "sh"));
  const subject = await localSubject({
    ...(sandbox === undefined ? {} : { sandbox }),
    checkout,
    baseEnv: { PATH: `${shellFolder}:${PATH}`, LANG: "C.UTF-8" },
  });
  let lastJob = 0;
  return {
    ...subject,
    shellFolder,
    specOf: (setup, shellLine, fields = {}) => {
      lastJob += 1;
      const spec = { jobId: lastJob, setup: { command: setup, key: ["train.py"] }, ...fields };
      return shellSpec(shellLine, { snapshot: "any", ...spec });
    },
    run: async (spec) => {
      await subject.executor.start(spec);
      const { outcome } = await ended(subject.executor, spec);
      expect(outcome).toEqual({ kind: "exited", exit_code: 0 });
      return subject.log(spec);
    },
    kept: () =>
      readdirSync(join(subject.dataDir, "setups/alice")).filter((name) => !name.endsWith(".lock")),
    close: async () => {
      await subject.close();
      rmSync(shellFolder, { recursive: true });
    },
  };
}
