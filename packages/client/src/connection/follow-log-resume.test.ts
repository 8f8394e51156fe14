// Tests that a followed log survives a connection that is cut at any byte.
import { afterEach, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { startCuttingProxy } from "./cutting-proxy.fixture.ts";
import { followLog } from "./follow-log.ts";
import { linkTo } from "./link.ts";
import { ScriptedJob } from "./scripted-job.fixture.ts";
import { startScriptedServer } from "./scripted-server.fixture.ts";
import { testPace } from "./test-pace.fixture.ts";

const open: Disposable[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one[Symbol.dispose]();
});

describe("followLog() over a connection that breaks", () => {
  test("gives each byte once and in order, wherever it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        // The first connection has to come about; later ones may end in the middle of the upgrade.
        fc.integer({ min: 400, max: 9000 }),
        fc.array(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 9000 })), {
          maxLength: 6,
        }),
        fc.uint8Array({ minLength: 1, maxLength: 6000 }),
        fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 4 }),
        async (firstCut, laterCuts, log, chunkSizes) => {
          const job = new ScriptedJob();
          job.chunkSizes = chunkSizes;
          job.start(Buffer.from(log));
          job.end("succeeded");
          const { bytes, offsets } = await followThroughCuts(job, [firstCut, ...laterCuts]);
          expect(Buffer.compare(bytes, log)).toBe(0);
          expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
        },
      ),
      { numRuns: 40 },
    );
  });

  test("tells of each loss and each return", async () => {
    const job = new ScriptedJob();
    job.chunkSizes = [1000];
    job.start(Buffer.alloc(20_000, "log "));
    job.end("succeeded");
    const { bytes, cuts, losses, returns } = await followThroughCuts(job, [3000, 6000, 1700]);
    expect(cuts).toBe(3);
    expect([losses, returns]).toEqual([3, 3]);
    expect(bytes.toString()).toBe("log ".repeat(5000));
  });
});

async function followThroughCuts(job: ScriptedJob, cutAfter: readonly number[]) {
  const server = startScriptedServer({ answers: job.answers });
  const proxy = await startCuttingProxy(server.port, cutAfter);
  const link = linkTo({ ...server.endpoint, apiUrl: `ws://localhost:${proxy.port}/ws` });
  open.push(server, proxy);
  const pieces: Buffer[] = [];
  const offsets: number[] = [];
  let losses = 0;
  let returns = 0;
  const events = followLog(link, {
    job: "train",
    pace: testPace(),
    onLost: () => (losses += 1),
    onBack: () => (returns += 1),
  });
  for await (const event of events) {
    if ("end" in event) break;
    pieces.push(event.bytes);
    offsets.push(event.offset);
  }
  link.close();
  return { bytes: Buffer.concat(pieces), offsets, cuts: proxy.cuts(), losses, returns };
}
