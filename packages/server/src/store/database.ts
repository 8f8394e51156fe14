// The one owner of the SQLite driver: opens databases and commits all writes of one turn of the event loop together.
import { Database as Sqlite } from "bun:sqlite";

/** Values for the named parameters of a statement. */
export type Bindings = Record<string, string | number | null>;

interface Waiting {
  readonly commit: () => void;
  readonly fail: (error: unknown) => void;
}

/**
 * A database with group commit. Work of one turn shares one transaction, each piece in a savepoint of its own, and every
 * answer leaves after the commit: reads too, since on this connection they see rows that are not yet durable.
 */
export class Database {
  readonly #sqlite: Sqlite;
  #waiting: Waiting[] = [];
  #afterCommit: (() => void)[] = [];
  readonly #beforeCommit = new Set<() => void>();
  #isWorking = false;
  #isClosed = false;

  /** Called after each commit with the milliseconds that it took. Default: nobody. */
  onCommit: ((ms: number) => void) | null = null;

  /** Opens or creates the file; `:memory:` is refused, since it could not be durable. */
  constructor(path: string) {
    if (path === ":memory:") throw new Error("a database lives in a file");
    this.#sqlite = new Sqlite(path, { create: true, strict: true });
    try {
      this.#sqlite.run("PRAGMA journal_mode = WAL");
      this.#sqlite.run("PRAGMA synchronous = FULL");
      this.#sqlite.run("PRAGMA foreign_keys = ON");
      this.#sqlite.run("PRAGMA busy_timeout = 5000");
      this.#sqlite.run("PRAGMA temp_store = MEMORY");
    } catch (error) {
      this.#sqlite.close();
      throw error;
    }
  }

  /** The first row of a statement, or `null`. Statements are prepared once and kept. */
  get<Row>(sql: string, bindings: Bindings = {}): Row | null {
    return this.#sqlite.query<Row, [Bindings]>(sql).get(bindings);
  }

  /** All rows of a statement. */
  all<Row>(sql: string, bindings: Bindings = {}): Row[] {
    return this.#sqlite.query<Row, [Bindings]>(sql).all(bindings);
  }

  /** Rows of a statement one by one; stop early and the rest is not read. */
  iterate<Row>(sql: string, bindings: Bindings = {}): IterableIterator<Row> {
    return this.#sqlite.query<Row, [Bindings]>(sql).iterate(bindings);
  }

  /** Runs a statement; answers how many rows it changed and the id of the row it added. Only inside {@link write}. */
  run(sql: string, bindings: Bindings = {}): { readonly changes: number; readonly id: number } {
    // Work that swallowed the fault of a full disk has lost its transaction: what it still writes must not stand alone.
    if (!this.#isWorking || !this.#sqlite.inTransaction)
      throw new Error("run() belongs inside work that writes");
    const { changes, lastInsertRowid } = this.#sqlite.query<unknown, [Bindings]>(sql).run(bindings);
    return { changes, id: Number(lastInsertRowid) };
  }

  /** Runs a script of several statements outside group commit: for migrations and set-up only. */
  runScript(sql: string): void {
    this.#sqlite.run(sql);
  }

  /** Does work in a transaction of its own and returns when that is durable: for migrations and set-up only. */
  transact(work: () => void): void {
    this.#step("BEGIN IMMEDIATE");
    try {
      this.#do(work);
      this.#step("COMMIT");
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  /**
   * Does work that writes, at once, and resolves with its answer after the turn's commit is durable. When the work throws, its
   * own writes are undone and the others' stay; when the commit fails, all of the turn fail. Not inside other work.
   */
  write<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#begin();
      const hooks = this.#afterCommit.length;
      this.#step("SAVEPOINT work");
      let answer: T;
      try {
        answer = this.#do(work);
        this.#step("RELEASE work");
      } catch (error) {
        this.#afterCommit.length = hooks;
        if (this.#sqlite.inTransaction) {
          this.#step("ROLLBACK TO work");
          this.#step("RELEASE work");
          this.#waiting.push({ commit: () => reject(error), fail: reject });
        } else {
          // A full disk or an I/O error has rolled back the whole transaction, and with it the others' work.
          this.#failAll(error);
          reject(error);
        }
        return;
      }
      this.#waiting.push({ commit: () => resolve(answer), fail: reject });
    });
  }

  /** Does work that only reads. Its answer waits for the turn's commit if one is under way. */
  read<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      // At once and not in a microtask: by then a turn may have begun whose rows it would see and whose commit it would not wait for.
      if (!this.#sqlite.inTransaction) {
        resolve(work());
        return;
      }
      let settle: () => void;
      try {
        const answer = work();
        settle = () => resolve(answer);
      } catch (error) {
        settle = () => reject(error);
      }
      this.#waiting.push({ commit: settle, fail: reject });
    });
  }

  /** Calls back after the commit of the work that is running now; not at all when that work is undone. */
  afterCommit(callback: () => void): void {
    if (!this.#isWorking) throw new Error("afterCommit() belongs inside work that writes");
    this.#afterCommit.push(callback);
  }

  /**
   * Calls back once right before the commit of the turn that is under way, however often it was asked for; what it writes is
   * committed with the rest. A work that is undone takes nothing of this back.
   */
  beforeCommit(callback: () => void): void {
    if (!this.#isWorking) throw new Error("beforeCommit() belongs inside work that writes");
    this.#beforeCommit.add(callback);
  }

  /** Commits what is open and closes. Safe twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#commit();
    this.#isClosed = true;
    // What the callbacks of that commit began has no turn left to be committed in.
    this.#rollBack();
    this.#failAll(new Error("the database is closed"));
    this.#sqlite.close();
  }

  #begin(): void {
    if (this.#isClosed) throw new Error("the database is closed");
    if (this.#isWorking) throw new Error("write() does not belong inside other work");
    if (this.#sqlite.inTransaction) return;
    this.#step("BEGIN IMMEDIATE");
    setImmediate(() => this.#commit());
  }

  /** Runs a statement that has no values and no rows. Prepared once and kept: `Sqlite.run` prepares it anew each time. */
  #step(sql: string): void {
    this.#sqlite.query<unknown, []>(sql).run();
  }

  /** Marks the time in which {@link run} and {@link afterCommit} may be called. */
  #do<T>(work: () => T): T {
    this.#isWorking = true;
    try {
      return work();
    } finally {
      this.#isWorking = false;
    }
  }

  #commit(): void {
    if (this.#isClosed || !this.#sqlite.inTransaction) return;
    // One that is added meanwhile is called too.
    for (const callback of this.#beforeCommit) {
      this.#beforeCommit.delete(callback);
      callApart(callback);
    }
    // A full disk may have ended it.
    if (!this.#sqlite.inTransaction) return;
    const began = performance.now();
    try {
      this.#step("COMMIT");
    } catch (error) {
      this.#rollBack();
      this.#failAll(error);
      return;
    }
    this.onCommit?.(performance.now() - began);
    const waiting = this.#waiting;
    const hooks = this.#afterCommit;
    this.#waiting = [];
    this.#afterCommit = [];
    for (const each of waiting) each.commit();
    for (const hook of hooks) callApart(hook);
  }

  /** Undoes the open transaction, if SQLite has not done so by itself. */
  #rollBack(): void {
    if (this.#sqlite.inTransaction) this.#step("ROLLBACK");
  }

  #failAll(error: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#afterCommit = [];
    this.#beforeCommit.clear();
    for (const each of waiting) each.fail(error);
  }
}

/** Calls back so that a fault in there, which is a bug, surfaces by itself and keeps none of the other callbacks from being called. */
function callApart(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** A file that one process at a time may hold; the kernel lets go of it when the process dies. */
export class ExclusiveFile {
  /** Keeps the held ones from the garbage collector, which would close them and so let go without a word. */
  static readonly #held = new Set<ExclusiveFile>();
  readonly #sqlite: Sqlite;

  private constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  /** Opens or creates the file and holds it; `null` when another process does. */
  static tryOpen(path: string): ExclusiveFile | null {
    const sqlite = new Sqlite(path, { create: true });
    try {
      sqlite.run("PRAGMA busy_timeout = 0");
      sqlite.run("BEGIN EXCLUSIVE");
      const file = new ExclusiveFile(sqlite);
      ExclusiveFile.#held.add(file);
      return file;
    } catch (error) {
      sqlite.close();
      if (error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY"))
        return null;
      throw error;
    }
  }

  /** Lets go. Safe twice. */
  close(): void {
    ExclusiveFile.#held.delete(this);
    this.#sqlite.close();
  }
}
