// Tests of sending a project of which little has changed: only that is told, where the server knows the rest.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { startBlobServer, type BlobScript, type BlobServer } from "./blob-server.fixture.ts";
import { freezeProject } from "./freeze.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";
import { uploadSnapshot } from "./upload.ts";

let at: ProjectUnderTest;
let server: BlobServer;
const start = async (script: BlobScript = { takesChanges: true }) => {
  server = await startBlobServer(script);
};
beforeEach(() => {
  at = makeProject();
  for (let i = 0; i < 300; i++) at.write(`src/${i}.py`, `print(${i})`);
});
afterEach(async () => {
  at[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

async function send(): Promise<string> {
  const frozen = await at.freeze();
  await uploadSnapshot(server.endpoint, frozen);
  expect(server.snapshots.has(frozen.snapshot)).toBeTrue();
  expect(server.lists.get(frozen.snapshot)).toBe(frozen.content().text);
  return frozen.snapshot;
}

/** How the lists since the last look were told: by how many bytes that differ, 0 for a whole one. */
let looked = 0;
function told(): readonly number[] {
  const since = server.changes.slice(looked);
  looked = server.changes.length;
  return since;
}
beforeEach(() => {
  looked = 0;
});

test("a file that has changed, come or gone is told alone", async () => {
  await start();
  await send();
  expect(told()).toEqual([0, 0]);
  at.write("src/7.py", "print('new')");
  await send();
  at.write("src/more/7.py", "print(7)");
  rmSync(join(at.root, "src", "8.py"));
  await send();
  const sent = told();
  expect(sent).not.toContain(0);
  expect(Math.max(...sent)).toBeLessThan(500);
});

test("a server that does not have the last list gets the whole one", async () => {
  await start();
  const first = await send();
  server.lists.delete(first);
  told();
  at.write("src/7.py", "print('new')");
  await send();
  expect(told()).toEqual([0, 0]);
  at.write("src/7.py", "print('newer')");
  await send();
  expect(told()).not.toContain(0);
});

test("a server of old gets whole lists", async () => {
  await start({});
  await send();
  told();
  at.write("src/7.py", "print('new')");
  await send();
  expect(told()).toEqual([0, 0]);
});

test("what is missing of the rest is sent too, should the server ask for it", async () => {
  await start();
  await send();
  const [lost = ""] = server.blobs.keys();
  server.blobs.delete(lost);
  at.write("src/7.py", "print('new')");
  await send();
  expect(server.blobs.has(lost)).toBeTrue();
});

test("a project is remembered while the server is asked, and not before", async () => {
  await start();
  const { root, cacheDir, home, env } = at;
  const now = () => Date.now() + 60_000;
  const freeze = () => freezeProject({ root, projectFile: null, cacheDir, home, env, now });
  await freeze();
  expect((await freeze()).change()).toBeNull();
  const second = await freeze();
  await uploadSnapshot(server.endpoint, second);
  at.write("src/8.py", "print('new')");
  expect((await freeze()).change()?.base).toBe(second.snapshot);
});
