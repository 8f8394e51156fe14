// Tests of `ml diff` where there is little to compare: removed code, no code, one job twice, links.
import { describe, expect, test } from "bun:test";
import { ERROR_CODES, SERVER_HEADER } from "@fetchml/protocol";
import { servingCode, type CodeJob } from "../testing/job-code.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

const WITH_CODE: CodeJob = { tree: { "a.txt": "a\n" }, own: { env: { LR: "0.1" } } };

/** Serves jobs, the list of files of job 12 having been removed. */
function serveRemoved(): void {
  const options = servingCode({
    12: WITH_CODE,
    13: { tree: { "a.txt": "b\n" }, own: { env: { LR: "0.2" } } },
  });
  const { rpc, http } = ERROR_CODES.removed;
  const error = {
    code: rpc,
    message: "The code of job 12 (train) was removed on 2026-11-23, for its age or to make room.",
    data: { code: "removed", details: {} },
  };
  const headers = { [SERVER_HEADER]: "0.1.0" };
  here.serve({
    ...options,
    http: (request) =>
      request.url.includes("/jobs/12/")
        ? Response.json({ jsonrpc: "2.0", id: null, error }, { status: http, headers })
        : (options.http?.(request) ?? new Response(null, { status: 404, headers })),
  });
}

describe("ml diff", () => {
  test("of a job whose code was removed still compares the rest, then says so and exits 6", async () => {
    serveRemoved();
    for (const line of ["diff 12 13", "diff 12 13 --stat"]) {
      const { code, stdout, stderr } = await here.ml(line);
      expect([code, stdout]).toEqual([6, "env\n  - LR=0.1\n  + LR=0.2\n"]);
      expect(stderr).toStartWith("The code of job 12 (train) was removed on 2026-11-23");
    }
    const asked = await here.ml("diff 12 13 --json");
    expect([asked.code, asked.stdout]).toEqual([6, ""]);
    expect((await here.ml("diff 12 13 -- a.txt")).stdout).toBe("");
    expect((await here.ml("diff 12")).code).toBe(6);
  });

  test("of one job twice says what can be compared instead", async () => {
    here.serve(servingCode({ 12: WITH_CODE }));
    const { code, stdout, stderr } = await here.ml("diff 12 12");
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toBe(
      'Both are job 12 train. "ml diff 12" compares it with the folder that you are in.\n',
    );
  });

  test("says which job was queued without files, and that two such do not differ", async () => {
    here.serve(servingCode({ 12: WITH_CODE, 13: { tree: {} }, 14: { tree: {} } }));
    const { stdout, stderr } = await here.ml("diff 12 13");
    expect(stdout).toContain("deleted file mode 100644");
    expect(stderr).toBe("There are no files in job 13 train.\n");
    const none = await here.ml("diff 13 14");
    expect([none.code, none.stdout]).toEqual([0, ""]);
    expect(none.stderr).toBe("No difference between job 13 train and job 14 train.\n");
  });

  test("says of a file that is too large for its lines that this is why none is shown", async () => {
    const large = "line\n".repeat(1_700_000);
    here.serve(
      servingCode({ 12: { tree: { "a.csv": large } }, 13: { tree: { "a.csv": `${large}x` } } }),
    );
    const { code, stdout, stderr } = await here.ml("diff 12 13");
    expect([code, stderr]).toEqual([0, 'Not compared line by line, being over 8 MiB: "a.csv".\n']);
    expect(stdout).toContain("Binary files a/a.csv and b/a.csv differ\n");
    for (const how of ["--stat", "--json"]) {
      expect(await here.ml(`diff 12 13 ${how}`)).toMatchObject({
        stderr: "",
        stdout: expect.stringContaining("large"),
      });
    }
  });

  test("with --stat calls a link a link, and counts a file that became one once", async () => {
    here.serve(
      servingCode({
        12: { tree: { became: "a\n", gone: { link: "a" }, led: { link: "a" } } },
        13: { tree: { became: { link: "a" }, led: { link: "b" }, new: { link: "a" } } },
      }),
    );
    const { stdout } = await here.ml("diff 12 13 --stat");
    expect(stdout.replaceAll(/ +$/gm, "")).toBe(
      [
        "CAME  WENT  FILE",
        "        -1  became  gone",
        "  +1        became  new link",
        "        -1  gone    link gone",
        "  +1    -1  led     link",
        "  +1        new     new link",
        "4 files changed, +3 -3 lines",
        "",
      ].join("\n"),
    );
  });
});
