// Both executables take nothing from the folder they are typed in.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FETCHML, ML, runToEnd, writeProject } from "./box.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-hostile-"));
  writeProject(folder, {
    ".env": `ML_API_URL=ws://127.0.0.1:1/ws\nNODE_TLS_REJECT_UNAUTHORIZED=0\nHOME=${folder}/stolen\nML_API_KEY=from-dotenv\n`,
    "bunfig.toml": `preload = ["./evil.ts"]\n`,
    "evil.ts": `require("node:fs").writeFileSync(${JSON.stringify(join(folder, "owned"))}, "");`,
    "package.json": `{ "name": "evil", "type": "module" }`,
    "tsconfig.json": `{ "compilerOptions": { "paths": { "*": ["./evil.ts"] } } }`,
  });
});

afterAll(() => rmSync(folder, { recursive: true }));

for (const program of [ML, FETCHML]) {
  const name = program.split("/").at(-1);
  test(`${name} runs no code of a hostile folder`, async () => {
    const { code, stdout } = await runToEnd([program, "--version"], {
      cwd: folder,
      env: { HOME: folder },
    });
    expect({ code, ran: existsSync(join(folder, "owned")) }).toEqual({ code: 0, ran: false });
    expect(stdout).toContain(String(name));
  });
}

test("ml takes no address and no key from a hostile folder's .env", async () => {
  const { code, stderr } = await runToEnd([ML, "status"], { cwd: folder, env: { HOME: folder } });
  expect(code).toBe(3);
  expect(stderr).not.toContain("127.0.0.1:1/");
  expect(stderr).toContain("ml login");
});

test("fetchml takes no home from a hostile folder's .env", async () => {
  const { code, stderr } = await runToEnd([FETCHML, "user", "list"], {
    cwd: folder,
    env: { HOME: folder },
  });
  expect(code).toBe(6);
  expect(stderr).not.toContain("stolen");
});
