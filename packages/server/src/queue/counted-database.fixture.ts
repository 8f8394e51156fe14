// A database that counts: which statements run on it, and how many rows they hand out.
import type { Database } from "../store/database.ts";

/** What ran since the count was last taken. */
export interface Count {
  /** Every statement in its order, each time that it ran. */
  readonly statements: readonly string[];
  /** Rows that were handed out; of a lazy statement only those that were asked for. */
  readonly rows: number;
}

/** A database, and what has run on it. */
export interface CountedDatabase {
  readonly db: Database;
  /** What ran since the last call. */
  take(): Count;
}

/** Counts on a database, which stays its owner's. */
export function countedDatabase(db: Database): CountedDatabase {
  let statements: string[] = [];
  let rows = 0;
  const counted = new Proxy(db, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...args: unknown[]): unknown => {
        const answer: unknown = Reflect.apply(member, target, args);
        const [sql] = args;
        if (!RUNNERS.has(String(name)) || typeof sql !== "string") return answer;
        statements.push(sql);
        if (name === "get" && answer !== null) rows++;
        if (Array.isArray(answer)) rows += answer.length;
        return isLazy(answer) ? watched(answer, () => rows++) : answer;
      };
    },
  });
  return {
    db: counted,
    take: () => {
      const count = { statements, rows };
      statements = [];
      rows = 0;
      return count;
    },
  };
}

const RUNNERS = new Set(["get", "all", "iterate", "run"]);

function isLazy(answer: unknown): answer is Iterable<unknown> {
  return (
    !Array.isArray(answer) &&
    typeof answer === "object" &&
    answer !== null &&
    Symbol.iterator in answer
  );
}

function* watched(rows: Iterable<unknown>, onRow: () => void): Generator {
  for (const row of rows) {
    onRow();
    yield row;
  }
}
