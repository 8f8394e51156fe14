// Tests of sending a project, over real sockets.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { testPace } from "../connection/test-pace.fixture.ts";
import { until } from "../connection/until.fixture.ts";
import { startBlobServer, type BlobScript, type BlobServer } from "./blob-server.fixture.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";
import { uploadSnapshot, type UploadProgress } from "./upload.ts";

let at: ProjectUnderTest;
let server: BlobServer;
const start = async (script?: BlobScript) => {
  server = await startBlobServer(script);
};
beforeEach(() => {
  at = makeProject();
});
afterEach(async () => {
  at[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

const MIB = 1024 ** 2;

function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let from = 0; from < length; from += 65_536) {
    crypto.getRandomValues(bytes.subarray(from, from + 65_536));
  }
  return bytes;
}

async function failureOf(work: Promise<unknown>): Promise<FetchmlError> {
  const error: unknown = await work.catch((cause: unknown) => cause);
  if (error instanceof FetchmlError) return error;
  throw new Error(`not a FetchmlError: ${String(error)}`);
}

describe("uploadSnapshot()", () => {
  test("sends each content once, then nothing for an unchanged project, then only what is new", async () => {
    await start();
    at.write("empty", "");
    at.write("a/large.bin", randomBytes(3 * MIB));
    for (let i = 0; i < 300; i++) at.write(`src/${i}.py`, `print(${i % 200})`);
    const frozen = await at.freeze();
    const progress: UploadProgress[] = [];
    await uploadSnapshot(server.endpoint, frozen, { onProgress: (now) => progress.push(now) });
    expect(server.blobs.size).toBe(202);
    expect([...server.snapshots]).toEqual([frozen.snapshot]);
    for (const [hash, { path }] of frozen.content().files) {
      expect(server.blobs.get(hash)).toEqual(new Uint8Array(readFileSync(path)));
    }
    const { sentBytes, totalBytes } = progress.at(-1) ?? { sentBytes: 0, totalBytes: 1 };
    expect(sentBytes).toBe(totalBytes);
    expect(server.requests).toEqual(["/snapshots", "/blobs", "/snapshots"]);

    const before = server.receivedBytes();
    await uploadSnapshot(server.endpoint, await at.freeze());
    expect(server.receivedBytes()).toBe(before);
    at.write("src/7.py", "print('new')");
    await uploadSnapshot(server.endpoint, await at.freeze());
    expect(server.receivedBytes()).toBe(before + 40 + 12);
  });

  test("goes on after lost connections, without sending again what came whole", async () => {
    await start({ cutAfter: [2.5 * MIB, 1.2 * MIB] });
    for (let i = 0; i < 10; i++) at.write(`${i}.bin`, randomBytes(MIB / 2));
    const frozen = await at.freeze();
    let pauses = 0;
    const delay = async () => {
      pauses += 1;
      await until(() => server.isIdle());
    };
    await uploadSnapshot(server.endpoint, frozen, { pace: { delay } });
    expect([...server.snapshots]).toEqual([frozen.snapshot]);
    expect(pauses).toBeGreaterThan(0);
    // Two blobs were cut; eight were sent once.
    expect(server.receivedBytes()).toBeLessThan(6.1 * MIB);
  });

  test("gives up in words when no server answers", async () => {
    await start();
    at.write("a");
    const frozen = await at.freeze();
    await server[Symbol.asyncDispose]();
    const pace = testPace();
    const error = await failureOf(uploadSnapshot(server.endpoint, frozen, { pace }));
    expect(error.code).toBe("unreachable");
    expect(pace.pauses.length).toBeGreaterThan(2);
  });

  test("sends a large file by itself, and goes on where it was when the connection is cut", async () => {
    await start({ cutAfter: [6 * MIB, 9 * MIB] });
    at.write("small.py", "x");
    at.write("model.bin", randomBytes(20 * MIB));
    const frozen = await at.freeze();
    const progress: UploadProgress[] = [];
    const delay = () => until(() => server.isIdle());
    await uploadSnapshot(server.endpoint, frozen, {
      pace: { delay },
      onProgress: (now) => progress.push(now),
    });
    expect([...server.snapshots]).toEqual([frozen.snapshot]);
    expect(server.offsets).toHaveLength(3);
    expect(server.offsets.toSorted((a, b) => a - b)).toEqual([...server.offsets]);
    expect(server.offsets[2]).toBeGreaterThan(8 * MIB);
    // Every byte once, but for what was lost in the pipe.
    expect(server.receivedBytes()).toBeLessThan(24 * MIB);
    const { sentBytes, totalBytes } = progress.at(-1) ?? { sentBytes: 0, totalBytes: 1 };
    expect(sentBytes).toBe(totalBytes);
  });

  test("does not give up while each try brings a little", async () => {
    await start({ cutAfter: Array.from({ length: 12 }, () => MIB) });
    at.write("model.bin", randomBytes(9 * MIB));
    const delay = () => until(() => server.isIdle());
    await uploadSnapshot(server.endpoint, await at.freeze(), { pace: { delay } });
    expect(server.snapshots.size).toBe(1);
  });

  test("compresses for a server that takes it, and only what gets smaller", async () => {
    await start({
      takesFrames: true,
      before: (request) => {
        // As over a slow way: then it pays.
        if (request.url.endsWith("/snapshots")) Bun.sleepSync(20);
        return undefined;
      },
    });
    at.write("notes.txt", "the same line again\n".repeat(50_000));
    at.write("text.log", "and a longer line, which stands in a larger file\n".repeat(200_000));
    const frozen = await at.freeze();
    await uploadSnapshot(server.endpoint, frozen);
    expect(server.snapshots.size).toBe(1);
    expect(server.receivedBytes()).toBeLessThan(100_000);
    const before = server.receivedBytes();
    at.write("noise.bin", randomBytes(2 * MIB));
    at.write("large-noise.bin", randomBytes(9 * MIB));
    await uploadSnapshot(server.endpoint, await at.freeze());
    expect(server.snapshots.size).toBe(2);
    const sent = server.receivedBytes() - before;
    expect(sent).toBeGreaterThan(11 * MIB);
    expect(sent).toBeLessThan(11 * MIB + 2000);
    for (const [hash, { path }] of (await at.freeze()).content().files) {
      expect(Buffer.from(server.blobs.get(hash) ?? "").equals(readFileSync(path))).toBe(true);
    }
  });

  test("passes on the server's refusal at once", async () => {
    const body = { error: { code: 1208, message: "No room.", data: { code: "disk-full" } } };
    const headers = { "fetchml-server": "1" };
    await start({
      before: (request) =>
        request.url.includes("/blobs") ? Response.json(body, { status: 507, headers }) : undefined,
    });
    at.write("a", randomBytes(8 * MIB));
    const error = await failureOf(uploadSnapshot(server.endpoint, await at.freeze()));
    expect([error.code, error.message]).toEqual(["disk-full", "No room."]);
  });

  test.each([10, 2 * MIB, 9 * MIB])(
    "notices a file of %d bytes that changed since",
    async (size) => {
      await start();
      const content = randomBytes(size);
      at.write("first", "kept");
      at.write("second", content);
      await at.freeze();
      // From its cache: nothing was read, so nothing is at hand.
      const frozen = await at.freeze();
      content[size - 1] = (content[size - 1] ?? 0) ^ 1;
      writeFileSync(join(at.root, "second"), content);
      const error = await failureOf(uploadSnapshot(server.endpoint, frozen));
      expect(error.code).toBe("bad-content");
      expect(error.message).toContain(join(at.root, "second"));
      // What was sent of it did not count.
      expect(server.snapshots.size).toBe(0);
      await uploadSnapshot(server.endpoint, await at.freeze({ fresh: true }));
      expect(server.snapshots.size).toBe(1);
    },
  );

  test("sends of small files what they held when they were read, whatever is there by now", async () => {
    await start();
    at.write("train.py", "as it was");
    const frozen = await at.freeze();
    at.write("train.py", "saved a moment later");
    await uploadSnapshot(server.endpoint, frozen);
    expect([...server.snapshots]).toEqual([frozen.snapshot]);
    expect([...server.blobs.values()].map((bytes) => Buffer.from(bytes).toString())).toEqual([
      "as it was",
    ]);
  });

  test("does not trust an answer that asks for what the project does not hold", async () => {
    const answer = { snapshot: "0".repeat(64), missing: ["1".repeat(64)] };
    await start({ before: () => Response.json(answer, { headers: { "fetchml-server": "1" } }) });
    at.write("a");
    const error = await failureOf(uploadSnapshot(server.endpoint, await at.freeze()));
    expect(error.code).toBe("internal-error");
  });

  test("stops when it is told to", async () => {
    const controller = new AbortController();
    await start({
      before: (request) => {
        if (request.url.includes("/blobs")) controller.abort();
        return undefined;
      },
    });
    at.write("a", randomBytes(8 * MIB));
    const pace = testPace();
    const work = uploadSnapshot(server.endpoint, await at.freeze(), {
      signal: controller.signal,
      pace,
    });
    await failureOf(work);
    expect(pace.pauses).toEqual([]);
  });
});
