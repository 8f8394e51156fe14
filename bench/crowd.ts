// Row beside the table: many users who submit at once, many clients who stay connected, many followers of one log.
import { ML, openBenchBox, type BenchBox, type Person } from "./bench-box.ts";
import { submission, submitFrames } from "./no-op-job.ts";
import { openRawSocket, type RawSocket } from "./raw-socket.ts";
import type { Bench, Row } from "./row.ts";
import { fillBox, submit } from "./run-job.ts";
import { median } from "./statistics.ts";
import { medianOfRuns } from "./whole-process.ts";

/** Users, clients and followers. */
export const crowd: Row = {
  name: "crowd",
  title: "1, 10 and 100 users; 200 connected clients; 1, 100 and 1,000 followers of one log",
  async measure(bench) {
    const box = await openBenchBox(`${bench.folder}/box`);
    try {
      const people: Person[] = [];
      for (const users of bench.isQuick ? [1, 2] : [1, 10, 100]) {
        while (people.length < users) people.push(await box.addPerson());
        const [first] = people;
        if (people.length === 1 && first !== undefined) await followAll(bench, box, first);
        if (people.length === 1 && first !== undefined) await fillBox(box.url, first.apiKey);
        await submitTogether(bench, box, people);
      }
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
    bench.record({ who: "FetchML", what, unit: "/s" }, rate);
    if (round > 0) continue;
    const labels = { xLabel: "users", yLabel: "submits a second", series: "FetchML" };
    bench.plot(
      { plot: "users", title: "submits a second, by users", ...labels },
      { x: people.length, y: rate },
    );
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
      const id = await submit(control, submission(["bash", "-c", `sleep 1; ${loop}`]));
      const late = median((await Promise.all(sockets.map((one) => follow(one, id)))).flat());
      const what = `line to ${followers.toLocaleString("en")} follower${followers === 1 ? "" : "s"}`;
      bench.record({ who: "FetchML", what, unit: "ms" }, late);
      if (round > 0) continue;
      const labels = { xLabel: "followers", yLabel: "ms", series: "FetchML" };
      bench.plot(
        { plot: "followers", title: "a line to its followers, ms", ...labels },
        { x: followers, y: late },
      );
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
