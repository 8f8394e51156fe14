// A box on which no sandbox works: the server refuses to start and says what mends it, and runs without one only when told to.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FETCHML, until } from "./box.ts";
import { plainAccount, type PlainAccount } from "./plain-account.ts";

let folder: string;
let account: PlainAccount;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-no-walls-"));
  chmodSync(folder, 0o755);
  // Where jobs find their programs there is no bwrap; and only root can give jobs accounts.
  account = plainAccount({ home: join(folder, "home"), bin: folder });
  writeFileSync(join(folder, "config.toml"), `job_path = "${folder}"\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

const serve = (...more: readonly string[]) => [
  FETCHML,
  "serve",
  "--config",
  join(folder, "config.toml"),
  "--data-dir",
  join(account.home, "data"),
  "--listen",
  "127.0.0.1:0",
  ...more,
];

test("serve refuses to start, and names the command that mends it", async () => {
  const { code, stdout, stderr } = await account.run(serve());
  expect(code).not.toBe(0);
  expect(stdout).not.toContain("listening");
  expect(stderr).toContain("apt-get install bubblewrap");
  expect(stderr.trim().split("\n").length).toBeLessThanOrEqual(3);
  expect(existsSync(join(account.home, "data/fetchml.sock"))).toBe(false);
});

test("with --sandbox none it starts, and says at its start what a job could do", async () => {
  writeFileSync(join(folder, "config.toml"), 'job_path = "/usr/local/bin:/usr/bin:/bin"\n');
  const server = account.start(serve("--sandbox", "none"));
  let said = "";
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of server.stdout) said += decoder.decode(chunk, { stream: true });
  })();
  try {
    await until(() => said.includes("listening"), `it does not start: ${said}`);
    expect(said).toMatch(/"sandbox-weak".*a job can read the database, stop the server/);
  } finally {
    server.kill("SIGTERM");
    await Promise.all([server.exited, reading]);
  }
});
