// Tests of commands on a config as people leave it: readable to others, no file at all, many commands at once.
import { beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endpointOf } from "../session.ts";
import { readEnvironment } from "../environment.ts";
import { ALICE, VALID_KEY } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();
let folder: string;
let file: string;

beforeEach(() => {
  here.serve({ "user.whoami": () => ALICE });
  folder = join(here.bench.home, ".ml");
  file = join(folder, "config.toml");
  mkdirSync(folder);
});

/** As an editor and the usual umask leave them. */
function writeOpen(text = `api_key = "${VALID_KEY}"\napi_url = "${here.server.apiUrl}"\n`): void {
  writeFileSync(file, text);
  chmodSync(file, 0o644);
  chmodSync(folder, 0o755);
}

function modes(): readonly number[] {
  return [folder, file].map((path) => statSync(path).mode & 0o777);
}

describe("ml on a config that others could read", () => {
  test("closes it, says so once, and works", async () => {
    writeOpen();
    const first = await here.bench.ml(["whoami"]);
    expect([first.code, first.stderr.trim().split("\n").length]).toEqual([0, 2]);
    expect(modes()).toEqual([0o700, 0o600]);
    expect((await here.bench.ml(["whoami"])).stderr).toBe("");
  });

  test("works for ten commands at once", async () => {
    writeOpen();
    const ends = await Promise.all(Array.from({ length: 10 }, () => here.bench.ml(["whoami"])));
    expect(ends.map(({ code }) => code)).toEqual(Array(10).fill(0));
    expect(modes()).toEqual([0o700, 0o600]);
  });

  test("ten logins at once leave one whole file and nothing beside it", async () => {
    writeOpen("# mine\n");
    const { apiUrl } = here.server;
    const ends = await Promise.all(
      Array.from({ length: 10 }, () => here.bench.ml(["login", apiUrl], { stdin: VALID_KEY })),
    );
    expect(ends.map(({ code }) => code)).toEqual(Array(10).fill(0));
    expect(readFileSync(file, "utf8")).toBe(
      `# mine\napi_key = "${VALID_KEY}"\napi_url = "${apiUrl}"\n`,
    );
    expect(readdirSync(folder)).toEqual(["config.toml"]);
    expect(modes()).toEqual([0o700, 0o600]);
  });
});

describe("ml on what is no config", () => {
  test("refuses a FIFO at once, a folder, and a file that others can write", async () => {
    expect(Bun.spawnSync(["mkfifo", file]).exitCode).toBe(0);
    expect(await here.bench.ml(["whoami"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("not a regular file"),
    });
    const { code, stderr } = await here.bench.ml(["whoami", "--config", folder]);
    expect([code, stderr.includes("is a folder")]).toEqual([2, true]);
    const open = join(here.bench.home, "open.toml");
    writeFileSync(open, `api_key = "${VALID_KEY}"\n`);
    chmodSync(open, 0o666);
    const refused = await here.bench.ml(["whoami", "--config", open, "--debug"]);
    expect([refused.code, refused.stderr.includes("chmod 600")]).toEqual([2, true]);
    expect(refused.stderr).not.toContain(VALID_KEY);
    expect(here.server.calls).toEqual([]);
  });
});

test("an endpoint prints without its key", () => {
  const endpoint = endpointOf(
    { apiUrl: "ws://h/ws", apiKey: VALID_KEY, ca: null, workerHost: null },
    readEnvironment(),
  );
  for (const text of [
    Bun.inspect(endpoint),
    Bun.inspect({ deep: [{ endpoint }] }),
    JSON.stringify(endpoint),
  ]) {
    expect(text).toContain("[hidden]");
    expect(text).not.toContain(VALID_KEY);
  }
  expect(endpoint.apiKey).toBe(VALID_KEY);
});
