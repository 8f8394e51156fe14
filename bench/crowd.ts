// Row beside the table: many users who submit at once, many clients who stay connected, many followers of one log.
import { ML, openBenchBox, type BenchBox, type Person } from "./bench-box.ts";
import { submission, submitFrames } from "./no-op-job.ts";
import { openRawSocket, type RawSocket } from "./raw-socket.ts";
import type { Bench, Row } from "./row.ts";
import { fillBox, submit } from "./run-job.ts";
import { median } from "./statistics.ts";
import { measureUserPicks } from "./user-picks.ts";
import { medianOfRuns } from "./whole-process.ts";

/** Users, clients and followers. */
export const crowd: Row = {
  name: "crowd",
  title: "1, 10 and 100 users; 200 connected clients; 1, 100 and 1,000 followers of one log",
  async measure(bench) {
    const crowds = bench.isQuick ? [1, 2] : [1, 10, 100];
    const box = await openBenchBox(`${bench.folder}/box`);
    try {
      const first = await box.addPerson();
      const people = [first];
      while (people.length < Math.max(...crowds)) {
        people.push(...(await Promise.all(Array.from({ length: 3 }, () => box.addPerson()))));
      }
      await measureUserPicks(bench, { box, people, crowds });
      await followAll(bench, box, first);
      await fillBox(box.url, first.apiKey);
      for (const users of crowds) await submitTogether(bench, box, people.slice(0, users));
      await withClients(bench, box, people);
    } finally {
      await box.close();
    }
  },
};

async function submitTogether(
  bench: Bench,
  box: BenchBox,
  people: readonly Person[],
): Promise<void> {
  const sockets = await openEach(box, people);
  const each = Math.ceil((bench.isQuick ? 100 : 10_000) / people.length);
  for (let round = 0; round < bench.rounds; round++) {
    const begunAt = performance.now();
    await Promise.all(sockets.map((socket) => socket.pump(submitFrames(each), 50)));
    const rate = (each * people.length) / ((performance.now() - begunAt) / 1000);
    const what = `submits of ${people.length} user${people.length === 1 ? "" : "s"} at once`;
    const labels = { xLabel: "users who submit at once", yLabel: "/s", series: "FetchML" };
    bench.record({ who: "FetchML", what, unit: "/s" }, rate, {
      curve: { plot: "users", title: "durable submits a second, by users", ...labels },
      x: people.length,
    });
  }
  for (const socket of sockets) socket.close();
}

/** Clients that are connected and hear of every change of a job. */
async function withClients(bench: Bench, box: BenchBox, people: readonly Person[]): Promise<void> {
  const [first] = people;
  if (first === undefined) return;
  const clients = bench.isQuick ? 4 : 200;
  const sockets = await openEach(
    box,
    Array.from({ length: clients }, (_, index) => people[index % people.length] ?? first),
  );
  for (const socket of sockets) await socket.call("job.subscribe", {});
  const where = { env: first.env, cwd: first.work };
  const what = `ml status with ${clients} clients connected`;
  for (let round = 0; round < bench.rounds; round++) {
    bench.record(
      { who: "FetchML", what, unit: "ms" },
      await medianOfRuns([ML, "status"], where, bench.isQuick ? 2 : 20),
    );
  }
  bench.record(
    { who: "FetchML", what: `memory with ${clients} clients`, unit: "MB" },
    box.residentMb,
  );
  for (const socket of sockets) socket.close();
}

async function followAll(bench: Bench, box: BenchBox, person: Person): Promise<void> {
  const loop = "for i in {1..50}; do echo $EPOCHREALTIME; sleep 0.02; done";
  const control = await openRawSocket(box.url, person.apiKey);
  for (const followers of bench.isQuick ? [1, 10] : [1, 100, 1000]) {
    const sockets = await openEach(
      box,
      Array.from({ length: followers }, () => person),
    );
    for (let round = 0; round < bench.rounds; round++) {
      // They are all there before the first line.
      const wait = `sleep ${0.2 + followers / 1250}`;
      const id = await submit(control, submission(["bash", "-c", `${wait}; ${loop}`]));
      const late = median((await Promise.all(sockets.map((one) => follow(one, id)))).flat());
      const what = `line to ${followers.toLocaleString("en")} follower${followers === 1 ? "" : "s"}`;
      const labels = { xLabel: "followers of one log", yLabel: "ms", series: "FetchML" };
      bench.record({ who: "FetchML", what, unit: "ms" }, late, {
        curve: { plot: "followers", title: "a line to its followers", ...labels },
        x: followers,
      });
    }
    for (const socket of sockets) socket.close();
  }
  control.close();
}

/** Follows a log to its end; how late each of its lines came. */
async function follow(socket: RawSocket, id: number): Promise<readonly number[]> {
  const late: number[] = [];
  const ended = new Promise<void>((resolve) => {
    socket.onNews = (text) => {
      const now = performance.timeOrigin + performance.now();
      if (text.includes('"method":"log.end"')) resolve();
      for (const [, stamp] of text.matchAll(/(\d{10}\.\d{6})/g))
        late.push(now - Number(stamp) * 1000);
    };
  });
  await socket.call("log.subscribe", { job: String(id) });
  await ended;
  return late;
}

async function openEach(box: BenchBox, people: readonly Person[]): Promise<readonly RawSocket[]> {
  const sockets: RawSocket[] = [];
  for (const { apiKey } of people) sockets.push(await openRawSocket(box.url, apiKey));
  return sockets;
}
