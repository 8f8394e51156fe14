// Tests of what only a terminal sees: hidden input, questions, colours, Ctrl-C.
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ALICE, sampleJob, sampleStatus, VALID_KEY } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

function configFile(): string {
  return join(here.bench.home, ".ml", "config.toml");
}

describe("ml login on a terminal", () => {
  test("hides the key, takes corrections, and leaves the terminal as it was", async () => {
    const { apiUrl } = here.serve({ "user.whoami": () => ALICE });
    const ml = here.bench.onTerminal(["login", apiUrl]);
    await ml.shows("(not shown): ");
    expect(ml.echoes).toBe(false);
    ml.type(`wrong\u0015${VALID_KEY}xy\u007F\b\r`);
    expect(await ml.exited).toBe(0);
    expect(ml.echoes).toBe(true);
    await ml.shows("Logged in");
    expect(ml.screen).not.toContain(VALID_KEY);
    expect(readFileSync(configFile(), "utf8")).toContain(VALID_KEY);
  });

  test("changes nothing on Ctrl-C and leaves the terminal as it was", async () => {
    const { apiUrl } = here.serve({ "user.whoami": () => ALICE });
    const ml = here.bench.onTerminal(["login", apiUrl]);
    await ml.shows("(not shown): ");
    ml.type("fetchml_kp\u0003");
    expect(await ml.exited).toBe(130);
    expect(ml.echoes).toBe(true);
    expect(ml.screen).not.toContain("fetchml_kp");
    expect(existsSync(configFile())).toBe(false);
  });

  test("leaves the terminal as it was when a signal ends it", async () => {
    const { apiUrl } = here.serve({});
    const ml = here.bench.onTerminal(["login", apiUrl]);
    await ml.shows("(not shown): ");
    ml.kill("SIGTERM");
    expect(await ml.exited).toBe(143);
    expect(ml.echoes).toBe(true);
  });
});

describe("ml cancel --all on a terminal", () => {
  const jobs = [sampleJob(), sampleJob({ id: 13, name: "eval" })];

  test("shows what it would cancel and asks", async () => {
    const { apiUrl } = here.serve({
      "job.list": () => ({ jobs, next_before_id: null }),
      "job.cancel": () => ({ jobs: jobs.map((job) => ({ ...job, state: "cancelled" as const })) }),
    });
    const ml = here.bench.onTerminal(["cancel", "--all"], { apiUrl });
    await ml.shows("Cancel these 2 jobs? [y/N] ");
    ml.type("y\n");
    expect(await ml.exited).toBe(0);
    expect(here.paramsOf("job.cancel")).toEqual([{ all: true }]);
  });

  test("says that there are more than it shows", async () => {
    const { apiUrl } = here.serve({
      "job.list": (params) => ({
        jobs: Array.from({ length: params.limit ?? 100 }, () => sampleJob()),
        next_before_id: 7,
      }),
    });
    const ml = here.bench.onTerminal(["cancel", "--all"], { apiUrl });
    await ml.shows("Cancel these 1000 jobs and all your older ones? [y/N] ");
    ml.type("n\n");
    expect(await ml.exited).toBe(1);
  });

  test("cancels nothing for any other answer", async () => {
    const { apiUrl } = here.serve({ "job.list": () => ({ jobs, next_before_id: null }) });
    const ml = here.bench.onTerminal(["cancel", "--all"], { apiUrl });
    await ml.shows("[y/N] ");
    ml.type("\n");
    expect(await ml.exited).toBe(1);
    await ml.shows("Nothing was cancelled");
    expect(here.paramsOf("job.cancel")).toEqual([]);
  });
});

describe("colours", () => {
  test("are used on a terminal, and not with NO_COLOR, --no-color or a dumb terminal", async () => {
    const { apiUrl } = here.serve({ "server.status": () => sampleStatus() });
    const screenOf = async (args: readonly string[], env: Record<string, string>) => {
      const ml = here.bench.onTerminal(args, { apiUrl, env });
      await ml.exited;
      await ml.shows("train");
      return ml.screen;
    };
    expect(await screenOf(["status"], {})).toContain("\u001B[32mrunning\u001B[39m");
    expect(await screenOf(["status"], { NO_COLOR: "1" })).not.toContain("\u001B");
    expect(await screenOf(["status", "--no-color"], {})).not.toContain("\u001B");
    expect(await screenOf(["status"], { TERM: "dumb" })).not.toContain("\u001B");
  });

  test("leave a table that fits the terminal", async () => {
    const name = "a-name-that-is-far-longer-than-a-narrow-terminal-has-room-for";
    const { apiUrl } = here.serve({
      "job.list": () => ({ jobs: [sampleJob({ name })], next_before_id: null }),
    });
    const ml = here.bench.onTerminal(["list"], { apiUrl, columns: 40 });
    await ml.exited;
    await ml.shows("queued");
    const lines = Bun.stripANSI(ml.screen).split("\r\n");
    for (const line of lines) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(40);
  });
});
