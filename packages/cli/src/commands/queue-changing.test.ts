// Tests of `ml queue` in a project that changes while it is sent, as a process against a real socket.
import { beforeEach, expect, test } from "bun:test";
import { appendFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError, SERVER_HEADER, type Manifest } from "@fetchml/protocol";
import { sampleJob } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

/** Of more than `ml` keeps at hand between reading and sending. */
const LONG_BYTES = 3 * 1024 ** 2;

let model: string;
beforeEach(() => {
  writeFileSync(join(here.bench.project, "a.py"), "");
  model = join(here.bench.project, "model.bin");
  writeNoise(model);
});

function writeNoise(path: string): void {
  writeFileSync(path, crypto.getRandomValues(Buffer.alloc(60_000)));
  truncateSync(path, LONG_BYTES);
}

/** Replaces it as editors do. */
function save(): void {
  writeNoise(`${model}.new`);
  renameSync(`${model}.new`, model);
}

/** A server that lacks all files until it has them; `change` is called the first few times that files are about to be sent. */
function serve(change: () => void, times: number) {
  const complete = new Set<string>();
  const manifests = new Map<string, string>();
  const headers = { [SERVER_HEADER]: "0.1.0" };
  let asked = 0;
  here.serve({
    answers: {
      "job.submit": ({ snapshot }) => {
        if (complete.has(String(snapshot))) return { job: sampleJob(), ahead: 0 };
        throw new FetchmlError("snapshot-missing", "There is no such snapshot.");
      },
      "server.limits": () => ({
        snapshot: { max_size_bytes: 1e9, max_file_size_bytes: 1e9, max_files: 100 },
      }),
    },
    http: async (request) => {
      if (new URL(request.url).pathname === "/snapshots") {
        const text = await request.text();
        const snapshot = new Bun.CryptoHasher("sha256").update(text).digest("hex");
        manifests.set(snapshot, text);
        if (asked++ < times) change();
        return Response.json({ snapshot, missing: hashesIn(text) }, { headers });
      }
      // Whatever comes whole is taken as right: the client ends the body of what is not.
      try {
        await request.arrayBuffer();
      } catch {
        return new Response(null, { status: 400, headers });
      }
      complete.add(request.headers.get("fetchml-snapshot") ?? "");
      return Response.json({ complete: true }, { headers });
    },
  });
  return { pathsOf: (snapshot: string) => pathsIn(manifests.get(snapshot) ?? "") };
}

function hashesIn(text: string): readonly string[] {
  const { entries } = JSON.parse(text) as Manifest;
  return [...new Set(entries.flatMap((entry) => (entry.kind === "file" ? [entry.hash] : [])))];
}

function pathsIn(text: string): readonly string[] {
  return (JSON.parse(text) as Manifest).entries.map(({ path }) => path);
}

test.each([
  ["is replaced", save],
  ["shrinks", () => truncateSync(model, statSync(model).size - 1000)],
] as const)(
  "a file that %s before it is sent, up to three times, is sent as it is then",
  async (_how, change) => {
    serve(change, 3);
    const { code, stderr } = await here.ml("queue train -- true");
    expect([code, stderr]).toEqual([0, expect.stringContaining("follows it")]);
    // Each submission is another try of the same one.
    const tries = here.paramsOf("job.submit") as readonly { readonly submission: string }[];
    expect(tries).toHaveLength(5);
    expect(new Set(tries.map(({ submission }) => submission)).size).toBe(1);
  },
);

test("a file that grows before it is sent is sent as it was", async () => {
  serve(() => appendFileSync(model, "more"), 1);
  expect((await here.ml("queue train -- true")).code).toBe(0);
  expect(here.paramsOf("job.submit")).toHaveLength(2);
});

test("a file that vanishes before it is sent is left out", async () => {
  const server = serve(() => rmSync(model), 1);
  expect((await here.ml("queue train -- true")).code).toBe(0);
  const last = here.paramsOf("job.submit").at(-1) as { readonly snapshot: string };
  expect(server.pathsOf(last.snapshot)).toEqual(["a.py"]);
});

test("a file that changes each time is refused with exit 2, its path and what to do", async () => {
  serve(save, Infinity);
  const { code, stdout, stderr } = await here.ml("queue train -- true");
  expect([code, stdout]).toEqual([2, ""]);
  const lines = stderr.trimEnd().split("\n");
  expect(lines.slice(-3)).toEqual([
    `Cannot send the project ${here.bench.project}: "model.bin" changed each time it was sent.`,
    "Something is writing it, so nothing was queued: wait until that is done and run the command again.",
    "Take it away, or add this line to .mlignore: /model.bin",
  ]);
});
