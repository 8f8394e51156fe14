// A setup that leans on the HOME of its user's jobs, and what becomes of it when an admin removes that.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AttemptSpec } from "../../domain/attempt-spec.ts";
import { ended, shellSpec } from "../attempt.fixture.ts";
import {
  localSubject,
  type LocalSubject,
  offeredSandboxes,
} from "../local/local-executor.fixture.ts";
import { homeMark, noteNewHome } from "./home-mark.ts";
import { namedCheckout } from "./named-checkout.fixture.ts";

const offered = await offeredSandboxes();

describe.each(offered.filter(({ kind }) => kind === "bubblewrap"))("with $kind", (sandbox) => {
  let subject: LocalSubject;
  beforeEach(async () => {
    subject = await localSubject({ sandbox, checkout: namedCheckout });
  });
  afterEach(() => subject.close());

  // As uv does with the Python that it manages.
  const SETUP =
    'echo running; mkdir -p "$HOME/py" .venv/bin; cp /bin/echo "$HOME/py/python"; ln -s "$HOME/py/python" .venv/bin/python';

  let lastJob = 0;
  async function run(user = "alice"): Promise<readonly [string, boolean]> {
    lastJob += 1;
    const spec: AttemptSpec = shellSpec(".venv/bin/python it works", {
      jobId: lastJob,
      user,
      userId: user === "alice" ? 1 : 2,
      snapshot: "uv.lock=1",
      setup: { command: SETUP, key: ["uv.lock"] },
    });
    await subject.executor.start(spec);
    const { outcome } = await ended(subject.executor, spec);
    const log = await subject.log(spec);
    const how = "exit_code" in outcome ? `${outcome.kind} ${outcome.exit_code}` : outcome.kind;
    return [how, log.includes("\nrunning\n")];
  }
  const removeHome = (user: string) =>
    rmSync(join(subject.dataDir, "homes", user), { recursive: true });

  test("it runs anew in a new HOME, once, and works", async () => {
    expect(await run()).toEqual(["exited 0", true]);
    expect(await run()).toEqual(["exited 0", false]);
    removeHome("alice");
    expect(await run()).toEqual(["exited 0", true]);
    expect(await run()).toEqual(["exited 0", false]);
    removeHome("alice");
    expect(await run()).toEqual(["exited 0", true]);
  }, 60_000);

  test("it is kept for others when one user's HOME is removed", async () => {
    await run("alice");
    await run("bob");
    removeHome("alice");
    expect(await run("bob")).toEqual(["exited 0", false]);
    expect(await run("alice")).toEqual(["exited 0", true]);
  }, 60_000);

  test("it runs anew also when all of the folder of the homes was removed", async () => {
    await run();
    removeHome("alice");
    await run();
    rmSync(join(subject.dataDir, "homes"), { recursive: true });
    expect(await run()).toEqual(["exited 0", true]);
  }, 60_000);
});

test("a user without setups has no mark beside the HOME", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "fml-home-"));
  try {
    noteNewHome(dataDir, "alice");
    expect(readdirSync(dataDir)).toEqual([]);
    expect(homeMark(dataDir, "alice")).toBeNull();
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});
