// Tests of `ml logs` and `ml logs -f`, as processes against a real socket.
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { FetchmlError, KEY_ENDS, type LogChunk, type NotificationOf } from "@fetchml/protocol";
import type { Answers, Notify } from "../testing/rpc-server.fixture.ts";
import { endedJob, sampleJob } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

/** A server that gives this log in pieces of 7 bytes. */
function logRead(log: Buffer): Answers {
  return {
    "log.read": ({ offset = 0 }) => {
      const bytes = log.subarray(offset, offset + 7);
      return chunk({
        offset,
        next_offset: offset + bytes.length,
        bytes: { base64: bytes.toString("base64") },
        complete: offset + bytes.length === log.length,
      });
    },
  };
}

function chunk(changes: Partial<LogChunk>): LogChunk {
  const whole = { offset: 0, next_offset: 0, bytes: { text: "" }, complete: false };
  return { job_id: 12, attempt: 1, ...whole, ...changes };
}

/** A server that plays these pieces to whoever follows, then the end of the job. */
function logFollow(pieces: readonly string[], job = endedJob(0)): Answers {
  return {
    "log.subscribe": ({ offset = 0 }, notify) => {
      setImmediate(() => play(notify, pieces, job));
      return { subscription: 1, job: sampleJob({ state: "running" }), attempt: 1, offset };
    },
  };
}

function play(notify: Notify, pieces: readonly string[], job: NotificationOf<"log.end">["job"]) {
  let offset = 0;
  for (const text of pieces) {
    const next = offset + Buffer.byteLength(text);
    notify("log.data", {
      subscription: 1,
      ...chunk({ offset, next_offset: next, bytes: { text } }),
    });
    offset = next;
  }
  notify("log.end", { subscription: 1, job, next_offset: offset });
}

describe("ml logs", () => {
  test("prints the whole log as text that is safe", async () => {
    const log = Buffer.concat([
      Buffer.from("épоch 1\n 10%\r 99%\r100%\n\u001B[31mred\u001B[0m\u001B[2J\n"),
      Buffer.from([0xff, 0x0a]),
    ]);
    here.serve(logRead(log));
    const { code, stdout, stderr } = await here.ml("logs 12");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe("épоch 1\n100%\nred\n\uFFFD\n");
  });

  test("gives the exact bytes with --raw", async () => {
    const log = Buffer.from([0x1b, 0x5b, 0x32, 0x4a, 0xff, 0x00, 0x0d, 0x80, 0x0a, 0xc3]);
    here.serve(logRead(log));
    const child = here.bench.start(["logs", "12", "--raw"], { apiUrl: here.server.apiUrl });
    expect(Buffer.from(await child.stdout.bytes()).toString("hex")).toBe(log.toString("hex"));
    expect(await child.exited).toBe(0);
  });

  test("asks for one attempt and for the last lines", async () => {
    here.serve(logRead(Buffer.from("x\n")));
    await here.ml("logs 12#2 -n 50");
    expect(here.paramsOf("log.read")).toEqual([
      { job: "12", attempt: 2, tail_lines: 50, limit_bytes: 1_048_576 },
    ]);
  });

  test("prints the API's pieces as one array with --json", async () => {
    here.serve(logRead(Buffer.from("0123456789\n")));
    const chunks: readonly LogChunk[] = JSON.parse((await here.ml("logs 12 --json")).stdout);
    expect(chunks.map((one) => [one.offset, one.next_offset, one.complete])).toEqual([
      [0, 7, false],
      [7, 11, true],
    ]);
    expect((await here.ml("logs -f 12 --json")).code).toBe(2);
  });

  test("prints a line of 100 MB in bounded memory", async () => {
    const piece = 1_048_576;
    const total = 100 * piece;
    const text = "x".repeat(piece);
    here.serve({
      "log.read": ({ offset = 0 }) => {
        const next = offset + piece;
        return chunk({ offset, next_offset: next, bytes: { text }, complete: next === total });
      },
    });
    const child = here.bench.start(["logs", "12"], { apiUrl: here.server.apiUrl });
    let printed = 0;
    let peakKib = 0;
    for await (const bytes of child.stdout) {
      printed += bytes.length;
      // Not `resourceUsage()`: its peak includes what this process had when it forked.
      peakKib = Math.max(peakKib, peakMemoryKib(child.pid));
    }
    expect(await child.exited).toBe(0);
    expect(printed).toBe(total);
    expect(peakKib).toBeGreaterThan(0);
    // Bun itself, with the sources to compile, is half of it.
    expect(peakKib).toBeLessThan(200 * 1024);
  }, 30_000);

  test("exits 6 when there is no log", async () => {
    here.serve({
      "log.read": () => {
        throw new FetchmlError("log-not-found", "Job 12 has no log yet.");
      },
    });
    expect((await here.ml("logs 12")).code).toBe(6);
  });

  test("ends quietly when the reader has seen enough", async () => {
    here.serve(logRead(Buffer.from("line\n".repeat(200))));
    const child = here.bench.start(["logs", "12"], { apiUrl: here.server.apiUrl });
    await child.stdout.cancel();
    expect(await child.stderr.text()).toBe("");
    expect(await child.exited).toBe(141);
  });
});

describe("ml logs -f", () => {
  test("prints what comes and ends with the job's own code", async () => {
    here.serve(logFollow(["a\n", "b\r", "c\n"], endedJob(7)));
    const { code, stdout, stderr } = await here.ml("logs -f 12");
    expect(code).toBe(7);
    expect(stdout).toBe("a\nc\n");
    expect(stderr).toBe('Job 12 train failed: exited with code 7. "ml why 12" tells more.\n');
  });

  test("turns every other end into its code", async () => {
    const ends = [
      [endedJob(1, { outcome: { kind: "signalled", signal: "SIGKILL" } }), 137],
      [endedJob(1, { state: "timed-out", outcome: { kind: "timed-out", timeout_ms: 1000 } }), 124],
      [
        endedJob(1, {
          state: "cancelled",
          outcome: { kind: "cancelled", by: "alice", exit_code: null },
        }),
        1,
      ],
      [endedJob(1, { outcome: { kind: "failed-to-start", message: "no sh" } }), 125],
    ] as const;
    for (const [job, code] of ends) {
      here.serve(logFollow([], job));
      expect((await here.ml("logs -f 12")).code).toBe(code);
      await here.server.close();
    }
  });

  test("goes on after a lost connection where it stopped", async () => {
    let round = 0;
    const server = here.serve({
      "log.subscribe": ({ offset = 0 }, notify) => {
        round++;
        setImmediate(() => {
          if (round === 1) {
            notify("log.data", {
              subscription: 1,
              ...chunk({ next_offset: 4, bytes: { text: "one\n" } }),
            });
            setTimeout(() => server.cut(), 20);
            return;
          }
          // The server repeats a byte that it has sent already.
          const rest = { offset: 3, next_offset: 8, bytes: { text: "\ntwo\n" } };
          notify("log.data", { subscription: 1, ...chunk(rest) });
          notify("log.end", { subscription: 1, job: endedJob(0), next_offset: 8 });
        });
        return { subscription: 1, job: sampleJob({ state: "running" }), attempt: 1, offset };
      },
    });
    const { code, stdout, stderr } = await here.ml("logs -f train");
    expect([code, stdout]).toEqual([0, "one\ntwo\n"]);
    expect(stderr).toContain("Trying again");
    expect(stderr).toContain("Connected again");
    expect(here.paramsOf("log.subscribe")).toEqual([
      { job: "train" },
      { job: "12", attempt: 1, offset: 4 },
    ]);
  });

  test("leaves the job alone on Ctrl-C and says how to go on", async () => {
    here.serve({
      "log.subscribe": (_params, notify) => {
        const first = chunk({ next_offset: 6, bytes: { text: "begun\n" } });
        setImmediate(() => notify("log.data", { subscription: 1, ...first }));
        return { subscription: 1, job: sampleJob({ state: "running" }), attempt: 1, offset: 0 };
      },
    });
    const child = here.bench.start(["logs", "-f", "12"], { apiUrl: here.server.apiUrl });
    const reader = child.stdout.getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe("begun\n");
    child.kill("SIGINT");
    expect(await child.exited).toBe(130);
    expect(await child.stderr.text()).toContain('"ml logs -f 12" follows it again');
    expect(here.paramsOf("job.cancel")).toEqual([]);
  });

  for (const [why, advice] of [
    ["role-changed", "Your key is good: type the command again."],
    ["key-replaced", 'Type "ml login" and paste the newer one, or ask your admin.'],
    ["user-disabled", "Ask your admin."],
    ["key-revoked", 'Ask your admin for a new key, then type "ml login".'],
  ] as const) {
    test(`gives one advice, which helps, when the server ends the connection for ${why}`, async () => {
      const server = here.serve({
        "log.subscribe": ({ offset = 0 }) => {
          setTimeout(() => server.refuse(why), 20);
          return { subscription: 1, job: sampleJob({ state: "running" }), attempt: 1, offset };
        },
      });
      const { code, stderr } = await here.ml("logs -f 12");
      expect(code).toBe(3);
      const [what, ...next] = stderr.trimEnd().split("\n");
      expect(what).toEndWith(KEY_ENDS[why].sentence);
      expect(next).toEqual([`${advice} Jobs go on.`]);
    });
  }

  test("exits 6 for a job that does not exist", async () => {
    here.serve({
      "log.subscribe": () => {
        throw new FetchmlError("job-not-found", "There is no job 99.");
      },
    });
    expect((await here.ml("logs -f 99")).code).toBe(6);
  });
});

/** The most memory a process has had resident, in KiB; 0 once it has ended. */
function peakMemoryKib(pid: number): number {
  const status = existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/status`, "utf8") : "";
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0);
}
