// A project that is too large or holds secrets is refused before anything is sent, with what to do about it.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBox, runToEnd, writeProject, type Box, type Person } from "./box.ts";

let box: Box;
let alice: Person;

beforeAll(async () => {
  box = await openBox({ config: 'snapshot_max_size = "3M"\nsnapshot_max_file_size = "2M"\n' });
  alice = await box.addPerson("alice");
});

afterAll(() => box.close());

const queue = (cwd: string, ...options: readonly string[]) =>
  alice.ml(["queue", "job", ...options, "--", "true"], { cwd });

/** Every file that the server keeps of snapshots. */
function stored(): readonly string[] {
  const folder = join(box.dataDir, "snapshots");
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [entry.name] : [],
  );
}

test("a project over its own limit exits 2 and names the ten largest paths with their lines", async () => {
  const cwd = writeProject(join(alice.home, "own"), {
    "ml.toml": '[project]\nmax_size = "1M"\n',
    ...Object.fromEntries(
      Array.from({ length: 14 }, (_, place) => [
        `part-${place}/data.bin`,
        "x".repeat(90_000 + place),
      ]),
    ),
  });
  const before = stored();
  const { code, stdout, stderr } = await queue(cwd);
  expect([code, stdout]).toEqual([2, ""]);
  const [message = "", table = ""] = stderr.split("\n\n");
  expect(message.split("\n")).toHaveLength(3);
  expect(message).toContain("1 MiB is the limit (max_size in ml.toml)");
  const rows = table.trimEnd().split("\n").slice(1);
  expect(rows).toHaveLength(10);
  expect(rows[0]).toMatch(/^part-13\/data\.bin +\S+ KiB +\/part-13\/data\.bin$/);
  expect(stored()).toEqual(before);

  // The lines it names are the lines that help.
  const lines = rows.map((row) => row.split(/ {2,}/).at(-1));
  writeFileSync(join(cwd, ".mlignore"), lines.join("\n"));
  expect((await queue(cwd)).code).toBe(0);
});

test("ml.toml may raise a limit, up to that of the server", async () => {
  const cwd = writeProject(join(alice.home, "raised"), {
    "ml.toml": '[project]\nmax_size = "1G"\nmax_file_size = "1G"\n',
    "model.bin": "x".repeat(2 * 1024 ** 2 + 1),
  });
  const before = stored();
  const file = await queue(cwd);
  expect([file.code, stored()]).toEqual([2, before]);
  expect(file.stderr).toContain(
    "a file of it is larger than 2,097,152 bytes (set by the server's admin)",
  );
  expect(file.stderr).toEndWith("/model.bin\n");
  writeFileSync(join(cwd, "model.bin"), "x".repeat(1.9 * 1024 ** 2));
  expect((await queue(cwd)).code).toBe(0);
  writeFileSync(join(cwd, "second.bin"), "y".repeat(1.9 * 1024 ** 2));
  const whole = await queue(cwd);
  expect(whole.code).toBe(2);
  expect(whole.stderr).toContain("3 MiB is the limit (set by the server's admin)");
});

test("the server keeps to its limits also with a client that does not", async () => {
  const entry = {
    kind: "file",
    path: "a",
    size_bytes: 4e6,
    hash: "0".repeat(64),
    executable: false,
  };
  const response = await fetch(`${box.httpUrl}/snapshots`, {
    method: "POST",
    headers: { authorization: `Bearer ${alice.apiKey}` },
    body: JSON.stringify({ version: 1, entries: [entry] }),
  });
  expect(response.ok).toBe(false);
  expect(await response.text()).toContain("2 MiB");
});

test("secrets exit 2 by name of each file, and go with --allow-secrets", async () => {
  const cwd = writeProject(join(alice.home, "secrets"), {
    ".env": "TOKEN=hunter2\n",
    "keys/server.pem":
      "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n",
    "train.py": "print('hello')\n",
  });
  const before = stored();
  const refused = await queue(cwd);
  expect([refused.code, stored()]).toEqual([2, before]);
  for (const words of [".env", "keys/server.pem", "--allow-secrets", "/keys/server.pem"]) {
    expect(refused.stderr).toContain(words);
  }
  expect(refused.stderr).not.toContain("hunter2");
  expect((await queue(cwd, "--allow-secrets")).code).toBe(0);
  expect((await queue(cwd)).code).toBe(2);
  writeFileSync(join(cwd, ".gitignore"), ".env\n*.pem\n");
  expect((await queue(cwd)).code).toBe(0);
  writeFileSync(join(cwd, "notes.txt"), `my key: ${alice.apiKey}\n`);
  const key = await queue(cwd, "--allow-secrets");
  expect(key.code).toBe(2);
  expect(key.stderr).toContain('"notes.txt" holds the FetchML API key');
});

test("what no other machine could take exits 2 by name, and never waits", async () => {
  const cwd = writeProject(join(alice.home, "odd"), { "train.py": "", "Train.py": "" });
  const expectNamed = async (path: string, words: string) => {
    const { code, stderr } = await queue(cwd);
    expect([code, stderr.includes(words)], stderr).toEqual([2, true]);
    expect(stderr).toContain(path);
    await runToEnd(["rm", "-f", join(cwd, path)]);
  };
  symlinkSync("/etc/passwd", join(cwd, "passwd"));
  await expectNamed("passwd", "absolute");
  symlinkSync("../../..", join(cwd, "up"));
  await expectNamed("up", "leads out of the project");
  await runToEnd(["mkfifo", join(cwd, "pipe")]);
  await expectNamed("pipe", "a named pipe");
  await expectNamed("train.py", "have the same name on a Mac");
  expect((await queue(cwd)).code).toBe(0);
});
