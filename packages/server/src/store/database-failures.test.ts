// Tests of a commit that fails and of a disk that is full: nobody is told a lie, and the database works on.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Database } from "./database.ts";
import { startStoreProcess } from "./start-store-process.fixture.ts";
import { openFiles, openTempFolder, rejectionOf, type TempFolder } from "./store.fixture.ts";

let folder: TempFolder;
let db: Database;

beforeEach(() => {
  folder = openTempFolder();
  db = new Database(join(folder.path, "test.db"));
  db.runScript(`
    CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
    CREATE TABLE answers (note INTEGER REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED);`);
});

afterEach(() => {
  db.close();
  folder.remove();
});

const note = (text: string) => db.run("INSERT INTO notes (text) VALUES ($text)", { text }).id;
const answerNothing = () => db.run("INSERT INTO answers (note) VALUES (99)");
const storedTexts = () =>
  db
    .all<{ text: string }>("SELECT text FROM notes ORDER BY id")
    .map(({ text }) => text.slice(0, 9));

/** Lets the database grow by no more than a few pages. */
function fillDisk(): void {
  const { page_count: pages = 0 } = db.get<{ page_count: number }>("PRAGMA page_count") ?? {};
  db.runScript(`PRAGMA max_page_count = ${pages + 3}`);
}

const freeDisk = () => db.runScript("PRAGMA max_page_count = 1000000");
const LONG = "x".repeat(100_000);

describe("a commit that fails", () => {
  test("fails all work and all reads of its turn, and stores none of it", async () => {
    const told: string[] = [];
    const turn = [
      db.write(() => note("a")),
      db.write(() => {
        // A deferred foreign key is checked by COMMIT and by nothing before.
        answerNothing();
        db.afterCommit(() => told.push("news"));
      }),
      db.read(() => storedTexts()),
      db.read(() => {
        throw new Error("its own fault");
      }),
    ];
    const faults = await Promise.all(turn.map(rejectionOf));
    expect(faults.map((fault) => fault?.message)).toEqual(
      Array.from({ length: 4 }, () => "FOREIGN KEY constraint failed"),
    );
    expect(told).toEqual([]);
    expect(storedTexts()).toEqual([]);
  });

  test("fails also the work that had undone itself, with the commit's fault", async () => {
    const undone = db.write(() => {
      throw new Error("its own fault");
    });
    const bad = db.write(answerNothing);
    const [first, second] = await Promise.all([undone, bad].map(rejectionOf));
    expect(first).toBe(second);
    expect(second?.message).toContain("FOREIGN KEY");
  });

  test("is forgotten by the next turn, which tells only its own news", async () => {
    const told: string[] = [];
    const bad = db.write(() => {
      answerNothing();
      db.afterCommit(() => told.push("bad"));
    });
    await rejectionOf(bad);
    await db.write(() => {
      note("after");
      db.afterCommit(() => told.push("good"));
    });
    expect(storedTexts()).toEqual(["after"]);
    expect(told).toEqual(["good"]);
  });

  test("in close() fails the work too, and still closes", async () => {
    const bad = rejectionOf(db.write(answerNothing));
    db.close();
    expect((await bad)?.message).toContain("FOREIGN KEY");
    expect(() => storedTexts()).toThrow();
  });
});

describe("a full disk in the middle of a turn", () => {
  test("fails the work it hit and all work before it when SQLite undoes the whole turn", async () => {
    fillDisk();
    const told: string[] = [];
    const before = db.write(() => {
      db.afterCommit(() => told.push("before"));
      return note("before");
    });
    const hit = db.write(() => note(LONG));
    const after = db.write(() => note("after"));
    const faults = await Promise.all([before, hit, after].map(rejectionOf));
    expect(faults.map((fault) => codeOf(fault))).toEqual(["SQLITE_FULL", "SQLITE_FULL", undefined]);
    expect(storedTexts()).toEqual(["after"]);
    expect(told).toEqual([]);
  });

  test("fails only the work it hit when SQLite undoes the statement alone", async () => {
    fillDisk();
    const before = db.write(() => note("before"));
    // A statement that adds several rows keeps a journal of its own.
    const hit = db.write(() =>
      db.run("INSERT INTO notes (text) SELECT $text FROM json_each('[1,2,3]')", { text: LONG }),
    );
    const after = db.write(() => note("after"));
    const faults = await Promise.all([before, hit, after].map(rejectionOf));
    expect(faults.map((fault) => codeOf(fault))).toEqual([undefined, "SQLITE_FULL", undefined]);
    expect(storedTexts()).toEqual(["before", "after"]);
  });

  test("fails the work even if that work swallows the fault", async () => {
    fillDisk();
    const mute = db.write(() => {
      note("first");
      try {
        note(LONG);
      } catch {
        return "fine";
      }
      return "stored";
    });
    expect(await rejectionOf(mute)).toBeInstanceOf(Error);
    expect(storedTexts()).toEqual([]);
  });

  test("lets work that swallows the fault write nothing more", async () => {
    fillDisk();
    const hit = db.write(() => {
      note("first");
      try {
        note(LONG);
      } catch {
        note("instead");
      }
    });
    expect(await rejectionOf(hit)).toBeInstanceOf(Error);
    expect(storedTexts()).toEqual([]);
  });

  test("is over when there is room again", async () => {
    fillDisk();
    await rejectionOf(db.write(() => note(LONG)));
    freeDisk();
    await db.write(() => note(LONG));
    expect(storedTexts()).toEqual(["xxxxxxxxx"]);
  });
});

describe("Database.transact()", () => {
  test("commits before it returns", () => {
    db.transact(() => note("a"));
    const stranger = new Database(join(folder.path, "test.db"));
    expect(stranger.get("SELECT text FROM notes")).toEqual({ text: "a" });
    stranger.close();
  });

  test("undoes everything and throws the fault itself when its work or its commit fails", () => {
    const fail = () => {
      note("a");
      throw new Error("its own fault");
    };
    expect(() => db.transact(fail)).toThrow("its own fault");
    expect(() => db.transact(answerNothing)).toThrow("FOREIGN KEY");
    fillDisk();
    expect(() => db.transact(() => note(LONG))).toThrow("full");
    expect(storedTexts()).toEqual([]);
    freeDisk();
    db.transact(() => note("b"));
    expect(storedTexts()).toEqual(["b"]);
  });
});

describe("a callback after a commit that throws", () => {
  test("keeps no other callback from being called, and its fault is not swallowed", async () => {
    const process = startStoreProcess("faulty-callback", join(folder.path, "test.db"));
    expect(await process.output()).toBe("second callback\nsurfaced: a bug in a listener\n");
  });
});

test("Database lets go of a file that is not a database", () => {
  const path = join(folder.path, "garbage.db");
  writeFileSync(
    path,
    "this is not a database, by far not, and long enough to be taken for one".repeat(20),
  );
  expect(() => new Database(path)).toThrow("not a database");
  expect(openFiles()).not.toContain(path);
});

function codeOf(error: Error | undefined): unknown {
  return error !== undefined && "code" in error ? error.code : undefined;
}
