// What commands and submits may cost, counted rather than timed: the clock of a busy machine proves nothing, these numbers do.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { ML, openBox, until, writeProject, type Box, type Person } from "./box.ts";
import { startCountingProxy, type CountingProxy, type Traffic } from "./counting-proxy.ts";
import { traceServer } from "./server-trace.ts";
import { needsSystem } from "./system-tool.ts";

let box: Box;
let alice: Person;
let proxy: CountingProxy;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
  proxy = await startCountingProxy(Number(new URL(box.httpUrl).port));
  writeProject(join(alice.home, "work"), {
    "ml.toml": '[jobs.train]\ncommand = ["true"]\n',
    "train.py": "print(1)\n",
  });
  expect((await alice.ml(["queue", "train", "--hold"])).code).toBe(0);
});

afterAll(async () => {
  proxy.close();
  await box.close();
});

/** Runs a command through the proxy, which answers when it has been asked over so many connections. */
async function trafficOf(args: readonly string[], connections = 0): Promise<Traffic> {
  proxy.take();
  proxy.withholdUntil(connections);
  const env = { ML_API_URL: proxy.url, ML_API_KEY: alice.apiKey };
  const ended = await alice.ml(args, { env });
  expect(ended).toMatchObject({ code: 0 });
  return proxy.take();
}

describe("the executable ml", () => {
  test("is Bun and little more", () => {
    const own = statSync(ML).size - statSync(process.execPath).size;
    expect(own).toBeGreaterThan(0);
    expect(own / 1e6).toBeLessThan(5.2);
  });
});

describe("a command", () => {
  test.each(["status", "list", "why 1", "whoami"])(
    "that only looks takes one round trip: ml %s",
    async (words) => {
      const { connections, roundTrips, frames } = await trafficOf(words.split(" "));
      expect({ connections, roundTrips, frames }).toEqual({
        connections: 1,
        roundTrips: 1,
        frames: 0,
      });
    },
  );

  test("that asks two things asks them side by side", async () => {
    // A fast server answers the first before the second has left, over the same connection.
    expect(await trafficOf(["queue"], 2)).toMatchObject({ connections: 2, frames: 0 });
    expect(await trafficOf(["show", "1"])).toMatchObject({ connections: 1, frames: 5 });
  });

  test("queues an unchanged project with one call of less than 2 kB", async () => {
    const traffic = await trafficOf(["queue", "train", "--hold"]);
    // The upgrade, which brings the hello and goes out while the files are looked at; then the call and its answer.
    expect(traffic).toMatchObject({ connections: 1, roundTrips: 2, frames: 3 });
    expect(traffic.bytes).toBeLessThan(2000);
  });

  test("asks no server for what this machine can say alone", async () => {
    for (const words of ["--version", "--help", "queue train --dry-run"]) {
      expect(await trafficOf(words.split(" "))).toMatchObject({ connections: 0, bytes: 0 });
    }
  });
});

describe("a submit", () => {
  needsSystem("strace")(
    "costs the server one sync, a few pages of the log and few system calls",
    async () => {
      await submitOverHttp("first");
      const trace = await traceServer(box);
      try {
        await submitOverHttp("budgeted");
        await until(() => answerOf(trace.lines()) !== -1, "the answer is not in the trace");
      } finally {
        await trace.stop();
      }
      const lines = trace.lines();
      const asked = lines.findIndex((line) => /recv.*POST \/rpc/.test(line));
      expect(asked).toBeGreaterThan(-1);
      const thread = /^\d+ /.exec(lines[asked] ?? "")?.[0] ?? "";
      const between = lines.slice(asked, answerOf(lines) + 1);
      // Of any thread: no other file of the server is asked for.
      const opened = between.filter((line) => line.includes(" openat("));
      expect(opened.filter((line) => line.includes(box.dataDir))).toEqual([]);
      const calls = between.filter((line) => line.startsWith(thread) && !line.includes("futex("));
      const named = (name: RegExp) => calls.filter((line) => name.test(line)).length;
      expect(named(/ f(?:data)?sync\(/)).toBe(1);
      // A head and a page each.
      expect(named(/ pwrite64\(/)).toBeLessThanOrEqual(2 * 9);
      expect(calls.length).toBeLessThanOrEqual(60);
    },
    30_000,
  );
});

describe("an attempt", () => {
  needsSystem("strace")(
    "costs few programs, few processes, and three syncs with its submit",
    async () => {
      const trace = await traceServer(box);
      try {
        await submitOverHttp("started", { hold: false });
        const isOver = async () => (await alice.ml(["list", "--all"])).stdout.includes("succeeded");
        await until(isOver, "the job has not succeeded");
      } finally {
        await trace.stop();
      }
      const lines = trace.lines();
      const programs = lines.flatMap((line, place) => {
        const name = / execve\("[^"]*?([^"/]+)"/.exec(line)?.[1];
        // What it came to may stand in a later line of the same process: not every folder of PATH has the program.
        const [pid = ""] = line.split(" ", 1);
        const end = line.includes("<unfinished ...>")
          ? lines
              .slice(place)
              .find((each) => each.startsWith(`${pid} `) && / execve resumed/.test(each))
          : line;
        return name === undefined || / = -1 /.test(end ?? "") ? [] : [name];
      });
      // The supervisor, what writes the log, what makes the job lead its group, the job.
      expect(programs.toSorted()).toEqual(["dd", "setsid", "sh", "true"]);
      const forks = lines.filter(
        (line) => / v?fork\(| clone3?\(/.test(line) && !line.includes("CLONE_THREAD"),
      );
      // The supervisor, the keeper of the log, `dd`, the job; and some that pass the time until the log is whole.
      expect(forks.length).toBeLessThanOrEqual(4 + 20);
      // Submit and claim, perhaps that it runs, its end; and a checkpoint.
      expect(lines.filter((line) => / f(?:data)?sync\(/.test(line)).length).toBeLessThanOrEqual(5);
    },
    60_000,
  );
});

function answerOf(lines: readonly string[]): number {
  return lines.findIndex((line) => /send.*\\"name\\":\\"budgeted\\"/.test(line));
}

/** Not over a WebSocket: there what ml sends is masked, and strace could not find it. */
async function submitOverHttp(name: string, { hold = true } = {}): Promise<void> {
  const params = {
    name,
    snapshot: null,
    command: { argv: ["true"] },
    cwd: "",
    env: {},
    resources: { gpus: 0, cpus: 1, mem_bytes: 0 },
    timeout_ms: null,
    retries: 0,
    begin_at: null,
    hold,
  };
  const response = await fetch(`${box.httpUrl}/rpc`, {
    method: "POST",
    headers: { authorization: `Bearer ${alice.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "job.submit", params }),
  });
  expect(await response.json()).toMatchObject({ result: { job: { name } } });
}
