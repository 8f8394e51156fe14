// A process of its own for tests of the store: `bun store-process.fixture.ts ACT PATH`.
import { writeSync } from "node:fs";
import { Database, ExclusiveFile } from "./database.ts";

const [act = "", path = ""] = process.argv.slice(2);

/** Says something at once, with a `write` that strace can see. */
const say = (line: string) => writeSync(1, `${line}\n`);
/** Stays until it is killed. */
const stay = () => setInterval(() => {}, 60_000);

switch (act) {
  case "answer":
  case "answer-and-stay": {
    const db = new Database(path);
    await db.write(() => db.run("INSERT INTO notes (text) VALUES ('kept')"));
    say("answered");
    if (act === "answer-and-stay") stay();
    break;
  }
  case "die-before-commit": {
    const db = new Database(path);
    void db.write(() => {
      db.run("INSERT INTO notes (text) VALUES ('not answered')");
      say("written");
      process.kill(process.pid, "SIGKILL");
    });
    break;
  }
  case "hold": {
    const word = ExclusiveFile.tryOpen(path) === null ? "refused" : "held";
    // Nobody has kept the file: it must be held all the same, until close() or the end of the process.
    Bun.gc(true);
    say(word);
    stay();
    break;
  }
  case "faulty-callback": {
    process.on("uncaughtException", (error) => say(`surfaced: ${error.message}`));
    const db = new Database(path);
    await db.write(() => {
      db.afterCommit(() => {
        throw new Error("a bug in a listener");
      });
      db.afterCommit(() => say("second callback"));
    });
    db.close();
    break;
  }
  default:
    throw new Error(`unknown act ${act}`);
}
