// Tests of Ctrl-C in commands that read, compare and write: each says in one line whether anything was changed. On a real terminal.
import { describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { manifestText, SERVER_HEADER } from "@fetchml/protocol";
import { servingCode } from "../testing/job-code.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

const never = new Promise<never>(() => undefined);

/** Types Ctrl-C once `ml` has come so far, and gives what was on the screen from then on. */
async function interrupted(
  line: string,
  { apiUrl, at }: { readonly apiUrl?: string; readonly at: Promise<void> },
): Promise<string> {
  const ml = here.bench.onTerminal(line.split(" "), {
    ...(apiUrl === undefined ? {} : { apiUrl }),
    columns: 120,
    sendsSignals: true,
  });
  await Promise.race([at, ml.exited]);
  ml.type("\u0003");
  expect(await ml.exited).toBe(130);
  await ml.shows("Interrupted.");
  return ml.screen.slice(ml.screen.lastIndexOf("Interrupted."));
}

// From util-linux; without it a terminal sends no signal.
const isBare = Bun.which("setsid") === null;

describe.skipIf(isBare)("Ctrl-C while a server takes the connection and never says a word", () => {
  test.each([
    ["redo 12", "Nothing was queued."],
    ["diff 12", "Nothing was changed."],
    ["diff 12 13", "Nothing was changed."],
    ["code 12 -o out", "Nothing was written."],
    ["pull 12", "Nothing was changed."],
  ])("ml %s: %s", async (line, words) => {
    const reached = Promise.withResolvers<void>();
    using mute = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: { data: () => reached.resolve() },
    });
    const apiUrl = `ws://127.0.0.1:${mute.port}/ws`;
    expect(await interrupted(line, { apiUrl, at: reached.promise })).toBe(
      `Interrupted. ${words}\r\n`,
    );
    expect(readdirSync(here.bench.project)).toEqual([]);
  });
});

test.skipIf(isBare)("Ctrl-C in ml redo after it has asked: it may have been queued", async () => {
  const reached = Promise.withResolvers<void>();
  const { apiUrl } = here.serve({
    "job.redo": () => {
      reached.resolve();
      return never;
    },
  });
  expect(await interrupted("redo 12", { apiUrl, at: reached.promise })).toBe(
    'Interrupted. The job may have been queued: "ml queue" shows it if it was.\r\n',
  );
});

describe.skipIf(isBare).each(["queue", "run"])("Ctrl-C in ml %s --dry-run", (verb) => {
  test("while files are read: nothing was queued", async () => {
    const limits = 'max_size = "999G"\nmax_file_size = "999G"\n';
    writeFileSync(join(here.bench.project, "ml.toml"), `[project]\n${limits}`);
    const large = join(here.bench.project, "large.bin");
    writeFileSync(large, "");
    // To read it takes minutes, also the search for keys in what tests leave.
    truncateSync(large, 200 * 1024 ** 3);
    const line = `${verb} train --dry-run -- true`;
    const words = await interrupted(line, { at: untilOpened(large) }).finally(() =>
      truncateSync(large, 0),
    );
    expect(words).toBe("Interrupted. Nothing was queued.\r\n");
    // What it remembers of the project is whole or not there.
    const cache = join(here.bench.home, ".cache/ml/projects");
    const left = existsSync(cache) ? readdirSync(cache) : [];
    expect(left.filter((name) => name.includes("."))).toEqual([]);
  });
});

test.skipIf(isBare)("Ctrl-C in ml diff while contents come: nothing was changed", async () => {
  const reached = Promise.withResolvers<void>();
  const code = servingCode({ 12: { tree: { a: "1\n" } }, 13: { tree: { a: "2\n" } } });
  const { apiUrl } = here.serve({
    ...code,
    http: (request) => {
      if (!request.url.endsWith("/blobs")) return code.http?.(request) ?? never;
      reached.resolve();
      return never;
    },
  });
  expect(await interrupted("diff 12 13", { apiUrl, at: reached.promise })).toBe(
    "Interrupted. Nothing was changed.\r\n",
  );
});

test.skipIf(isBare)("Ctrl-C in ml diff is heard while lines are compared", async () => {
  const reached = Promise.withResolvers<void>();
  // Half a second for each of them: they have some lines in common, and as many that are not.
  const trees = [1, 2].map((seed) => {
    const names = Array.from({ length: 40 }, (_, number) => `${number}.txt`);
    return Object.fromEntries(names.map((name, number) => [name, digits(seed + number * 2)]));
  });
  const code = servingCode({ 12: { tree: trees[0] ?? {} }, 13: { tree: trees[1] ?? {} } });
  const { apiUrl } = here.serve({
    ...code,
    http: async (request) => {
      const answer = await (code.http?.(request) ?? never);
      if (request.url.endsWith("/13/blobs")) setTimeout(reached.resolve, 500);
      return answer;
    },
  });
  expect(await interrupted("diff 12 13 --stat", { apiUrl, at: reached.promise })).toBe(
    "Interrupted. Nothing was changed.\r\n",
  );
});

/** 3,000 lines of one digit. */
function digits(seed: number): string {
  let [text, last] = ["", seed];
  for (let count = 0; count < 3000; count++) {
    last = (last * 1_103_515_245 + 12_345) % 2 ** 31;
    text += `${last % 9}\n`;
  }
  return text;
}

test.skipIf(isBare)("Ctrl-C in ml code leaves files that are whole and nothing else", async () => {
  const reached = Promise.withResolvers<void>();
  const tree = { "a.txt": "whole\n", "b.bin": "x".repeat(3_000_000) };
  const code = servingCode({ 12: { tree } });
  const { apiUrl } = here.serve({
    ...code,
    http: async (request) => {
      const answer = await (code.http?.(request) ?? never);
      if (!request.url.endsWith("/blobs")) return answer;
      const bytes = new Uint8Array(await answer.arrayBuffer());
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      void writable.getWriter().write(bytes.subarray(0, 2_000_000));
      return new Response(readable, { headers: { [SERVER_HEADER]: "0.1.0" } });
    },
  });
  const out = join(here.bench.project, "out");
  const half = join(out, ".ml-code.part");
  void until(() => existsSync(join(out, "a.txt")) && isHolding(half)).then(reached.resolve);
  expect(await interrupted("code 12 -o out", { apiUrl, at: reached.promise })).toBe(
    "Interrupted. What has come stays in out; the same command goes on from there.\r\n",
  );
  expect(readdirSync(out)).toEqual(["a.txt"]);
  here.serve(code);
  expect((await here.ml("code 12 -o out")).stdout).toContain("1 of them there before");
});

test.skipIf(isBare)(
  "Ctrl-C in ml code is heard while a large file that is here is read",
  async () => {
    const size_bytes = 200 * 1024 ** 3;
    const hash = "0".repeat(64);
    const entry = { kind: "file", path: "huge", size_bytes, hash, executable: false } as const;
    const text = manifestText({ version: 1, entries: [entry] });
    const snapshot = new Bun.CryptoHasher("sha256").update(text).digest("hex");
    const code = servingCode({ 12: { tree: {}, own: { snapshot } } });
    const headers = { [SERVER_HEADER]: "0.1.0" };
    const { apiUrl } = here.serve({ ...code, http: () => new Response(text, { headers }) });
    const out = join(here.bench.project, "out");
    mkdirSync(out);
    const huge = join(out, "huge");
    writeFileSync(huge, "");
    // To read it takes minutes, also the search for keys in what tests leave.
    truncateSync(huge, size_bytes);
    const words = await interrupted("code 12 -o out", { apiUrl, at: untilOpened(huge) }).finally(
      () => truncateSync(huge, 0),
    );
    expect(words).toBe(
      "Interrupted. What has come stays in out; the same command goes on from there.\r\n",
    );
    expect(readdirSync(out)).toEqual(["huge"]);
  },
);

function isHolding(folder: string): boolean {
  return readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith("next"));
}

function untilOpened(path: string): Promise<void> {
  const folders = () => readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return until(() => folders().some((pid) => hasOpened(pid, path)));
}

function hasOpened(pid: string, path: string): boolean {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some((name) => readlinkSync(join(folder, name)) === path);
  } catch {
    // It has ended, or has just closed one.
    return false;
  }
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error("It never came so far.");
    await Bun.sleep(10);
  }
}
