// Row: how long it takes from a submit to the first instruction of the job on an idle box.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { openBenchBox } from "./bench-box.ts";
import { openFloor } from "./floor-box.ts";
import { submission } from "./no-op-job.ts";
import { withEachPeer } from "./peers/all.ts";
import { openRawSocket } from "./raw-socket.ts";
import { submit, untilState } from "./run-job.ts";
import type { Bench, Measure, Row } from "./row.ts";
import { median } from "./statistics.ts";
import { timed } from "./timed.ts";

/** After which a slow one has run often enough, if twice. */
const ENOUGH_MS = 3000;

const SAY_WHEN = "echo $EPOCHREALTIME";

/** Submit to first instruction; the job is a bash that says what time it is, and its own start counts. */
export const startLatency: Row = {
  name: "start-latency",
  title: "submit → first instruction of the job, empty snapshot, idle box",
  async measure(bench) {
    await measureFloor(bench);
    await measureBox(bench, "none", 5);
    await measureBox(bench, "auto", 10);
    await withEachPeer(bench, async (peer) => {
      const where = { env: peer.env, cwd: bench.folder };
      const times = bench.isQuick ? 2 : 4;
      const measure = { who: peer.name, what: "to first instruction", unit: "ms" } as const;
      let turn = 0;
      for (let round = 0; round < bench.rounds; round++) {
        await recordMedian({ bench, measure, times }, async () => {
          const file = `${where.cwd}/said-${peer.name.replaceAll(/\W/g, "")}-${(turn += 1)}`;
          const begunAt = nowMs();
          await timed(peer.submit(["bash", "-c", `${SAY_WHEN} > ${file}`]), where);
          return (await saidIn(file)) - begunAt;
        });
      }
    });
  },
};

async function measureBox(bench: Bench, sandbox: "none" | "auto", goal: number): Promise<void> {
  const box = await openBenchBox(`${bench.folder}/box-${sandbox}`, { sandbox });
  try {
    const { apiKey } = await box.addPerson();
    const socket = await openRawSocket(box.url, apiKey);
    const what =
      sandbox === "none" ? "to first instruction" : "to first instruction, in the default sandbox";
    const beside = ["to first instruction"];
    const measure = { who: "FetchML", what, unit: "ms", goal: { atMost: goal }, beside } as const;
    const params = submission(["bash", "-c", SAY_WHEN]);
    for (let round = 0; round < bench.rounds; round++) {
      await recordMedian({ bench, measure, times: bench.isQuick ? 3 : 40 }, async () => {
        const begunAt = nowMs();
        const id = await submit(socket, params);
        await untilState(socket, id, ["succeeded"]);
        const log = JSON.stringify(await socket.call("log.read", { job: String(id) }));
        return Number(/(\d{10}\.\d+)/.exec(log)?.[1]) * 1000 - begunAt;
      });
    }
    socket.close();
  } finally {
    await box.close();
  }
}

async function measureFloor(bench: Bench): Promise<void> {
  const floor = await openFloor(`${bench.folder}/floor`);
  try {
    const socket = await floor.socket();
    mkdirSync(`${bench.folder}/said`);
    const measure = {
      who: "floor",
      what: "to first instruction",
      unit: "ms",
      note: "one message, one spawn",
    } as const;
    let turn = 0;
    for (let round = 0; round < bench.rounds; round++) {
      await recordMedian({ bench, measure, times: bench.isQuick ? 3 : 40 }, async () => {
        const file = `${bench.folder}/said/${(turn += 1)}`;
        const begunAt = nowMs();
        await socket.ask(JSON.stringify({ spawn: ["bash", "-c", `${SAY_WHEN} > ${file}`] }));
        return (await saidIn(file)) - begunAt;
      });
    }
    socket.close();
  } finally {
    await floor.close();
  }
}

async function recordMedian(
  { bench, measure, times }: { bench: Bench; measure: Measure; times: number },
  once: () => Promise<number>,
): Promise<void> {
  const taken: number[] = [];
  const deadline = performance.now() + ENOUGH_MS;
  for (let time = 0; time < times && (time < 2 || performance.now() < deadline); time++) {
    taken.push(await once());
  }
  bench.record(measure, median(taken));
}

/** The wall clock, as bash tells it, in milliseconds with their fractions. */
function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** The time in a file, once it is whole. @throws Error after 30 s */
async function saidIn(file: string): Promise<number> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    if (text.endsWith("\n")) return Number(text) * 1000;
    await Bun.sleep(2);
  }
  throw new Error("the job did not start within 30 s");
}
