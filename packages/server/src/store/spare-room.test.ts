// Tests of the room that the database keeps for itself.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { DATABASE_FILE, openStore } from "./open-store.ts";
import { keepSpareRoom } from "./spare-room.ts";
import { openTempStore, type TempStore } from "./store.fixture.ts";

let store: TempStore;

beforeEach(() => {
  store = openTempStore();
});

afterEach(() => store.close());

const MIB = 1024 ** 2;
const sizeOf = (ending = "") => statSync(join(store.folder, DATABASE_FILE + ending)).size;
const allocatedOf = (ending = "") =>
  statSync(join(store.folder, DATABASE_FILE + ending)).blocks * 512;

test("keepSpareRoom() makes both files larger, and leaves nothing in them", async () => {
  await keepSpareRoom(store.db);
  for (const ending of ["", "-wal"]) {
    expect(sizeOf(ending)).toBeGreaterThan(5 * MIB);
    expect(allocatedOf(ending)).toBeGreaterThan(5 * MIB);
  }
  expect(store.db.get("SELECT count(*) AS n FROM spare_room")).toEqual({ n: 0 });
});

test("keepSpareRoom() writes nothing where there is room", async () => {
  await keepSpareRoom(store.db);
  const changes = () => store.db.get("SELECT total_changes() AS n");
  const before = changes();
  await keepSpareRoom(store.db);
  expect(changes()).toEqual(before);
});

test("keepSpareRoom() makes room that hundreds of small writes stay within", async () => {
  await keepSpareRoom(store.db);
  const before = [sizeOf(), sizeOf("-wal")];
  for (let turn = 0; turn < 700; turn++) {
    await store.db.write(() =>
      store.db.run(
        `INSERT INTO audit (at, actor, action, ok) VALUES (${turn}, 'ab12', 'cancel', 1)`,
      ),
    );
  }
  expect([sizeOf(), sizeOf("-wal")]).toEqual(before);
}, 60_000);

test("keepSpareRoom() tidies up after a process that died in the middle, and mends what a restart takes", async () => {
  await store.db.write(() => store.db.run("INSERT INTO spare_room (bytes) VALUES (zeroblob(100))"));
  await keepSpareRoom(store.db);
  expect(store.db.get("SELECT count(*) AS n FROM spare_room")).toEqual({ n: 0 });
  store.db.close();
  const again = openStore(store.folder, 1);
  await keepSpareRoom(again);
  expect(sizeOf("-wal")).toBeGreaterThan(5 * MIB);
  again.close();
});
