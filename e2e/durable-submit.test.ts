// A submit is answered only after its transaction was synced to disk.
import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openBox, until } from "./box.ts";
import { needsSystem } from "./system-tool.ts";

needsSystem("strace")(
  "the server syncs the write-ahead log before it sends the answer of a submit",
  async () => {
    const box = await openBox();
    try {
      const alice = await box.addPerson("alice");
      const trace = join(box.folder, "trace");
      const strace = Bun.spawn(
        [
          "strace",
          "-f",
          "-y",
          "-s",
          "300",
          "-e",
          "trace=fsync,fdatasync,write,writev,send,sendto,sendmsg",
          "-o",
          trace,
          "-p",
          String(box.pid),
        ],
        { stdout: "ignore", stderr: "pipe" },
      );
      let said = "";
      const decoder = new TextDecoder();
      for await (const chunk of strace.stderr) {
        said += decoder.decode(chunk, { stream: true });
        if (said.includes("attached")) break;
      }
      const queued = await alice.ml(["queue", "synced", "--hold", "--", "true"]);
      expect(queued.code).toBe(0);
      await until(
        () => readFileSync(trace, "utf8").includes('\\"name\\":\\"synced\\"'),
        "the answer is not in the trace",
      );
      strace.kill("SIGINT");
      await strace.exited;
      const calls = readFileSync(trace, "utf8").split("\n");
      const inserted = calls.findIndex((call) => /p?write(v|64)?\(.*fetchml\.db-wal/.test(call));
      const synced = calls.findIndex(
        (call, index) => index > inserted && /f(data)?sync\(.*fetchml\.db-wal/.test(call),
      );
      const answered = calls.findIndex(
        (call) =>
          /(send|write).*TCP.*synced/.test(call) || /(send|write).*socket.*synced/.test(call),
      );
      expect(answered).toBeGreaterThan(-1);
      expect(synced).toBeGreaterThan(-1);
      expect(synced).toBeLessThan(answered);
    } finally {
      await box.close();
    }
  },
);
