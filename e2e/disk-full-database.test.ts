// A database without any room: who is let in is still decided rightly, and nothing is acknowledged that was not stored.
import { afterEach, beforeEach, expect } from "bun:test";
import { randomBytes } from "node:crypto";
import { generateApiKey } from "@fetchml/protocol";
import { until, type Box, type Person } from "./box.ts";
import { openBoxOnSmallDisk, type BoxOnSmallDisk } from "./box-on-small-disk.ts";
import { needsMount, type SmallDisk } from "./small-disk.ts";

const MIB = 1024 ** 2;
const test = needsMount();

let full: BoxOnSmallDisk;
let box: Box;
let disk: SmallDisk;
let alice: Person;

beforeEach(async () => {
  if (process.getuid?.() !== 0) return;
  // Room is short from the start, so the database makes itself none.
  full = await openBoxOnSmallDisk(16 * MIB, 'min_free = "16M"\n');
  ({ box, disk, alice } = full);
});

afterEach(async () => {
  if (process.getuid?.() === 0) await full.close();
});

interface Answer {
  readonly status: number;
  readonly result?: { readonly api_key: string; readonly user: string };
  readonly code?: string;
}

async function call(method: string, key: string, params: object = {}): Promise<Answer> {
  const response = await fetch(`${box.httpUrl}/rpc`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const answer = (await response.json()) as Pick<Answer, "result"> & {
    readonly error?: { readonly data: { readonly code: string } };
  };
  return {
    status: response.status,
    ...(answer.result !== undefined && { result: answer.result }),
    ...(answer.error !== undefined && { code: answer.error.data.code }),
  };
}

/** Fills the disk, and what the database's own files have left, which takes a user. */
async function fillDatabase({ apiKey }: Person): Promise<void> {
  disk.fill();
  await until(
    async () => (await call("own-key.rotate", apiKey)).code === "disk-full",
    "the database still has room",
  );
}

test("a right key is let in, a wrong one is not, and a use that cannot be noted fails nothing", async () => {
  await fillDatabase(alice);
  expect(await call("user.whoami", alice.apiKey)).toMatchObject({
    status: 200,
    result: { user: "alice" },
  });
  const wrong = generateApiKey({ id: alice.apiKey.slice(8, 12), randomBytes });
  expect(await call("user.whoami", wrong)).toMatchObject({ status: 401, code: "key-invalid" });
  await until(() => box.log.includes("last-use-not-noted"), "nothing is said of the use");
}, 60_000);

test("a key that is pending is not let in until its first use is stored", async () => {
  const bob = await box.addPerson("bob");
  const { result } = await call("own-key.rotate", alice.apiKey);
  const pending = result?.api_key ?? "";
  await fillDatabase(bob);
  for (const method of ["user.whoami", "job.list"]) {
    expect(await call(method, pending)).toMatchObject({ status: 507, code: "disk-full" });
  }
  expect((await call("user.whoami", alice.apiKey)).status).toBe(200);
  disk.empty();
  expect(await call("user.whoami", pending)).toMatchObject({ status: 200 });
}, 60_000);

test("a commit that fails is answered so to everyone in it, and nothing of it is there afterwards", async () => {
  await fillDatabase(alice);
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      index % 2 === 0 ? call("own-key.rotate", alice.apiKey) : call("user.whoami", alice.apiKey),
    ),
  );
  const rotated = answers.filter((_, index) => index % 2 === 0);
  expect(rotated.map(({ code }) => code)).toEqual(rotated.map(() => "disk-full"));
  disk.empty();
  const { stdout } = await alice.ml(["key", "list", "--json"]);
  // At most one that was made while there was room.
  expect(JSON.parse(stdout).length).toBeLessThanOrEqual(2);
  expect((await call("own-key.rotate", alice.apiKey)).status).toBe(200);
}, 60_000);
