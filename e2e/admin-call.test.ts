// The admin's commands when the server ends before it has answered: nothing is done twice, and the admin is told where to look.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { openBox, type Box } from "./box.ts";
import { dieOnTheSocket } from "./dying-server.ts";

let box: Box;
beforeEach(async () => {
  box = await openBox();
});
afterEach(() => box.close());

async function keyIds(): Promise<readonly string[]> {
  const keys: { id: string }[] = JSON.parse(
    (await box.admin(["key", "list", "alice", "--json"])).stdout,
  );
  return keys.map(({ id }) => id);
}

test("fetchml key issue makes one key, prints none, exits 4 and says where to look", async () => {
  await box.admin(["user", "add", "alice"]);
  await dieOnTheSocket(box, "done");
  const issued = await box.admin(["key", "issue", "alice"]);
  expect([issued.code, issued.stdout]).toEqual([4, ""]);
  expect(issued.stderr).toContain("may have been done or not");
  expect(issued.stderr).toContain('"fetchml key list"');
  expect(await keyIds()).toHaveLength(1);
});

test("a socket that a killed server has left stands in nobody's way", async () => {
  await box.stop("SIGKILL");
  expect((await box.admin(["user", "add", "alice"])).code).toBe(0);
  expect((await box.admin(["key", "issue", "alice"])).code).toBe(0);
  expect(await keyIds()).toHaveLength(1);
});

test("a key's life of more than 100 years is refused before anything is made", async () => {
  await box.admin(["user", "add", "alice"]);
  for (const life of ["8700000000000000ms", "9007199254740991ms", "36526d"]) {
    const refused = await box.admin(["key", "issue", "alice", "--expires", life]);
    expect([refused.code, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toContain("never");
  }
  expect((await box.admin(["key", "issue", "alice", "--expires", "36525d"])).code).toBe(0);
  expect(await keyIds()).toHaveLength(1);
});
