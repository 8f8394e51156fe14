// Tests of group commit: what a turn of the event loop shares, and when its answers leave.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Database } from "./database.ts";
import { openTempFolder, rejectionOf, type TempFolder } from "./store.fixture.ts";

let folder: TempFolder;
let db: Database;
/** A second connection, which sees only what is committed. */
let stranger: Database;

beforeEach(() => {
  folder = openTempFolder();
  db = new Database(join(folder.path, "test.db"));
  db.runScript("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT");
  stranger = new Database(join(folder.path, "test.db"));
});

afterEach(() => {
  stranger.close();
  db.close();
  folder.remove();
});

const note = (text: string) => db.run("INSERT INTO notes (text) VALUES ($text)", { text }).id;
const texts = (from: Database) =>
  from.all<{ text: string }>("SELECT text FROM notes ORDER BY id").map((row) => row.text);

describe("Database.write()", () => {
  test("does its work at once and answers after the commit", async () => {
    const answer = db.write(() => note("a"));
    expect(texts(db)).toEqual(["a"]);
    expect(texts(stranger)).toEqual([]);
    expect(await answer).toBe(1);
    expect(texts(stranger)).toEqual(["a"]);
  });

  test("commits all work of one turn together", async () => {
    const answers = [db.write(() => note("a")), db.write(() => note("b"))];
    await Promise.resolve();
    const late = db.write(() => note("c"));
    expect(texts(stranger)).toEqual([]);
    await Promise.race([...answers, late]);
    expect(texts(stranger)).toEqual(["a", "b", "c"]);
    expect(await Promise.all([...answers, late])).toEqual([1, 2, 3]);
  });

  test("begins a new turn after a commit", async () => {
    await db.write(() => note("a"));
    const second = db.write(() => note("b"));
    expect(texts(stranger)).toEqual(["a"]);
    await second;
    expect(texts(stranger)).toEqual(["a", "b"]);
  });

  test("undoes the writes of work that throws, and those alone", async () => {
    const first = db.write(() => note("a"));
    const second = db.write(() => {
      note("b");
      throw new Error("no");
    });
    const third = db.write(() => note("c"));
    expect((await rejectionOf(second))?.message).toContain("no");
    await Promise.all([first, third]);
    expect(texts(stranger)).toEqual(["a", "c"]);
  });

  test("undoes work that breaks a constraint half-way, and goes on with the rest", async () => {
    await db.write(() => note("taken"));
    const bad = db.write(() => {
      note("b");
      note("taken");
    });
    const good = db.write(() => note("c"));
    expect((await rejectionOf(bad))?.message).toContain("UNIQUE");
    await good;
    expect(texts(stranger)).toEqual(["taken", "c"]);
  });

  test("tells of a failure after the commit, like of everything else", async () => {
    const told: string[] = [];
    const good = db.write(() => note("a")).then(() => told.push(`a ${texts(stranger).length}`));
    const bad = db
      .write(() => {
        throw new Error("no");
      })
      .catch(() => told.push(`b ${texts(stranger).length}`));
    await Promise.all([good, bad]);
    expect(told).toEqual(["a 1", "b 1"]);
  });

  test("refuses to stand inside other work, whose undoing would undo it behind its back", async () => {
    const inner = await db.write(() => {
      note("outer");
      return { fault: rejectionOf(db.write(() => note("inner"))) };
    });
    expect((await inner.fault)?.message).toContain("inside");
    expect(texts(stranger)).toEqual(["outer"]);
  });

  test("refuses after close()", async () => {
    db.close();
    expect((await rejectionOf(db.write(() => 1)))?.message).toBe("the database is closed");
  });
});

describe("Database.read()", () => {
  test("waits for the commit of an open turn, since it sees its rows", async () => {
    const write = db.write(() => note("a"));
    const seen = await db.read(() => ({ own: texts(db), durable: texts(stranger) }));
    expect(seen).toEqual({ own: ["a"], durable: [] });
    expect(texts(stranger)).toEqual(["a"]);
    await write;
  });

  test("sees nothing of a turn that begins after it, or waits for it", async () => {
    const read = db.read(() => texts(db));
    const write = db.write(() => note("a"));
    expect(await read).toEqual([]);
    await write;
  });

  test("answers at once where no turn is open, and looks but once", async () => {
    let looks = 0;
    const look = () => {
      looks += 1;
      return texts(db);
    };
    expect(await db.read(look)).toEqual([]);
    expect(looks).toBe(1);
  });

  test("rejects with what its work throws, in and out of a turn", async () => {
    const fail = () =>
      db.read(() => {
        throw new Error("no");
      });
    expect((await rejectionOf(fail()))?.message).toContain("no");
    const write = db.write(() => note("a"));
    expect((await rejectionOf(fail()))?.message).toContain("no");
    await write;
  });
});

describe("Database.afterCommit()", () => {
  test("calls back after the commit, in the order asked", async () => {
    const told: string[] = [];
    const tell = (word: string) =>
      db.afterCommit(() => told.push(`${word} ${texts(stranger).length}`));
    const first = db.write(() => {
      note("a");
      tell("first");
      tell("second");
    });
    const second = db.write(() => {
      note("b");
      tell("third");
    });
    expect(told).toEqual([]);
    await Promise.all([first, second]);
    expect(told).toEqual(["first 2", "second 2", "third 2"]);
  });

  test("forgets what undone work asked for, and nothing else", async () => {
    const told: string[] = [];
    const good = db.write(() => db.afterCommit(() => told.push("good")));
    const bad = db.write(() => {
      db.afterCommit(() => told.push("bad"));
      throw new Error("no");
    });
    expect((await rejectionOf(bad))?.message).toContain("no");
    await good;
    await db.write(() => note("later"));
    expect(told).toEqual(["good"]);
  });

  test("lets a callback write, which begins the next turn", async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    await db.write(() => db.afterCommit(() => resolve(db.write(() => note("from the callback")))));
    await promise;
    expect(texts(stranger)).toEqual(["from the callback"]);
  });

  test("belongs inside work that writes", () => {
    expect(() => db.afterCommit(() => {})).toThrow("inside");
  });
});

describe("Database.run()", () => {
  test("belongs inside work that writes: alone it would wait for the disk by itself", () => {
    expect(() => note("a")).toThrow("inside");
    expect(texts(stranger)).toEqual([]);
  });

  test("answers how many rows it changed and the id of the row it added", async () => {
    await db.write(() => {
      expect(note("a")).toBe(1);
      expect(note("b")).toBe(2);
      expect(db.run("UPDATE notes SET text = text || '!'").changes).toBe(2);
      expect(db.run("DELETE FROM notes WHERE id = 99").changes).toBe(0);
    });
  });

  test("refuses a statement whose parameter is missing", async () => {
    const write = rejectionOf(
      db.write(() => db.run("INSERT INTO notes (text) VALUES ($text)", {})),
    );
    expect((await write)?.message).toContain('Missing parameter "text"');
  });
});

describe("Database.beforeCommit()", () => {
  test("calls back once, and commits what that writes with the rest", async () => {
    let commits = 0;
    db.onCommit = () => commits++;
    const addLast = () => void db.write(() => note("last"));
    const askedTwice = ["a", "b"].map((text) =>
      db.write(() => {
        db.beforeCommit(addLast);
        note(text);
      }),
    );
    await Promise.all(askedTwice);
    expect(texts(stranger)).toEqual(["a", "b", "last"]);
    expect(commits).toBe(1);
  });

  test("is called in the next turn no more, and for work that was undone all the same", async () => {
    let calls = 0;
    const undone = db.write(() => {
      db.beforeCommit(() => calls++);
      throw new Error("undone");
    });
    expect((await rejectionOf(undone))?.message).toBe("undone");
    await db.write(() => note("a"));
    expect(calls).toBe(1);
  });

  test("a callback whose own write fails leaves the others' work", async () => {
    const failures: Promise<Error | undefined>[] = [];
    await db.write(() => {
      note("a");
      db.beforeCommit(() => failures.push(rejectionOf(db.write(() => note("a")))));
    });
    expect(texts(stranger)).toEqual(["a"]);
    const [failure] = await Promise.all(failures);
    expect(failure?.message).toContain("UNIQUE");
  });
});

describe("Database.iterate()", () => {
  test("gives rows one by one and lets go of the table when left early", async () => {
    await db.write(() => ["a", "b", "c"].map(note));
    for (const row of db.iterate<{ text: string }>("SELECT text FROM notes ORDER BY id")) {
      expect(row.text).toBe("a");
      break;
    }
    db.runScript("DROP TABLE notes");
  });
});

describe("Database.close()", () => {
  test("commits what is open, answers it, and is safe twice", async () => {
    const answer = db.write(() => note("a"));
    db.close();
    db.close();
    expect(await answer).toBe(1);
    expect(texts(stranger)).toEqual(["a"]);
  });

  test("fails what a callback of that last commit still wants to write", async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const answer = db.write(() => db.afterCommit(() => resolve(db.write(() => note("late")))));
    db.close();
    await answer;
    expect((await rejectionOf(promise))?.message).toContain("closed");
    expect(texts(stranger)).toEqual([]);
  });
});

test("Database refuses to live in memory, where nothing is durable", () => {
  expect(() => new Database(":memory:")).toThrow("file");
});
