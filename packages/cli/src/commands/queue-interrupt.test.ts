// Tests of Ctrl-C while a job is submitted: it says truly whether anything was queued. On a real terminal.
import { describe, expect, test } from "bun:test";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { sampleJob } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

const never = new Promise<never>(() => undefined);

function missing(): never {
  throw new FetchmlError("snapshot-missing", "There is no such snapshot.");
}

/** Types Ctrl-C once `ml` has come so far, and gives what was on the screen in the end. */
async function interrupted(
  line: string,
  { apiUrl, at }: { readonly apiUrl: string; readonly at: Promise<void> },
): Promise<string> {
  const ml = here.bench.onTerminal(line.split(" "), { apiUrl, columns: 120, sendsSignals: true });
  await Promise.race([at, ml.exited]);
  ml.type("\u0003");
  expect(await ml.exited).toBe(130);
  await ml.shows("Interrupted.");
  return ml.screen.slice(ml.screen.lastIndexOf("Interrupted."));
}

// From util-linux; without it a terminal sends no signal.
const isBare = Bun.which("setsid") === null;

describe.skipIf(isBare).each(["queue train -- true", "run train -- true"])(
  "Ctrl-C in ml %s",
  (line) => {
    test("while files are read: nothing was queued", async () => {
      const reached = Promise.withResolvers<void>();
      const { apiUrl } = here.serve({
        answers: { "job.submit": missing },
        problemOf: () => {
          reached.resolve();
          return null;
        },
      });
      const limits = 'max_size = "999G"\nmax_file_size = "999G"\n';
      writeFileSync(join(here.bench.project, "ml.toml"), `[project]\n${limits}`);
      const large = join(here.bench.project, "large.bin");
      writeFileSync(large, "");
      // To read it takes minutes, also the search for keys in what tests leave.
      truncateSync(large, 200 * 1024 ** 3);
      const words = await interrupted(line, { apiUrl, at: reached.promise }).finally(() =>
        truncateSync(large, 0),
      );
      expect(words).toBe("Interrupted. Nothing was queued.\r\n");
      expect(here.server.calls).toEqual([]);
    });

    test("while files are sent: nothing was queued, and the same command goes on", async () => {
      const reached = Promise.withResolvers<void>();
      const { apiUrl } = here.serve({
        answers: {
          "job.submit": missing,
          "server.limits": () => ({
            snapshot: { max_size_bytes: 1024, max_file_size_bytes: 1024, max_files: 15 },
          }),
        },
        http: () => {
          reached.resolve();
          return never;
        },
      });
      writeFileSync(join(here.bench.project, "train.py"), "print('hello')\n");
      const words = await interrupted(line, { apiUrl, at: reached.promise });
      expect(words).toBe(
        "Interrupted. Nothing was queued; the same command goes on from there.\r\n",
      );
    });

    test("while the answer is waited for: it may have been queued", async () => {
      const reached = Promise.withResolvers<void>();
      const { apiUrl } = here.serve({
        "job.submit": () => {
          reached.resolve();
          return never;
        },
      });
      const words = await interrupted(line, { apiUrl, at: reached.promise });
      expect(words).toBe(
        'Interrupted. The job may have been queued: "ml queue" shows it if it was.\r\n',
      );
    });

    test("while the server cannot be reached: nothing was queued", async () => {
      const reached = Promise.withResolvers<void>();
      // Takes connections and never says a word.
      using mute = Bun.listen({
        hostname: "127.0.0.1",
        port: 0,
        socket: { data: () => reached.resolve() },
      });
      const apiUrl = `ws://127.0.0.1:${mute.port}/ws`;
      const words = await interrupted(line, { apiUrl, at: reached.promise });
      expect(words).toBe("Interrupted. Nothing was queued.\r\n");
    });
  },
);

test.skipIf(isBare)("Ctrl-C in ml redo --fresh is told in the same words", async () => {
  const reached = Promise.withResolvers<void>();
  const { apiUrl } = here.serve({
    "job.redo": () => {
      reached.resolve();
      return never;
    },
    "job.get": () => ({ ...sampleJob(), attempts: [] }),
  });
  const words = await interrupted("redo 12 --fresh", { apiUrl, at: reached.promise });
  expect(words).toStartWith("Interrupted. The job may have been queued");
});
