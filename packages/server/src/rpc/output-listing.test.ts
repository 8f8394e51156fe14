// What the lists of outputs tell: all of it over HTTP, counts and the first entries in a call.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import type { AttemptOutputs } from "@fetchml/protocol";
import { entriesOf, startJobOutputs, type JobOutputs } from "./job-outputs.fixture.ts";

let here: JobOutputs;

beforeAll(async () => {
  here = await startJobOutputs();
});
afterAll(() => here.jobs.rpc.close());

describe("GET /jobs/JOB/outputs", () => {
  test("lists every entry of every attempt, or of the one named, and says that it was all", async () => {
    const id = await here.jobs.submit(1);
    await here.jobs.start(id);
    for (let i = 0; i < 300; i++) here.write(id, `many/${i}`);
    symlinkSync("many/7", join(here.folder(id), "link"));
    await here.retry(id);
    here.write(id, "second", "", 2);
    const lines = await here.list(String(id).concat("/outputs"));
    expect(lines[0]).toMatchObject({
      line: "job",
      job_id: id,
      attempts: [
        { attempt: 1, ended: true },
        { attempt: 2, ended: false },
      ],
    });
    expect(entriesOf(lines)).toHaveLength(302);
    expect(lines.at(-1)).toEqual({ line: "end", complete: true });
    const second = await here.list(`${id}%232/outputs`);
    expect(second[1]).toMatchObject({ line: "entry", attempt: 2, entry: { path: "second" } });
    expect(second).toHaveLength(3);
  });

  test("lists nothing for a job that has not begun or has left nothing", async () => {
    const id = await here.jobs.submit();
    expect(await here.list(`${id}/outputs`)).toMatchObject([
      { line: "job", attempts: [] },
      { line: "end" },
    ]);
  });
});

describe("output.list", () => {
  test("counts everything and gives the first entries, newest attempt first", async () => {
    const { alice } = here.jobs;
    const id = await here.jobs.submit(1);
    await here.jobs.start(id);
    for (let i = 0; i < 120; i++) here.write(id, `f${i}`, "1234");
    await here.retry(id);
    here.write(id, "second", "12", 2);
    const first = { attempt: 1, ended: true, file_count: 120, size_bytes: 480, complete: true };
    const second = { attempt: 2, ended: false, file_count: 1, size_bytes: 2, complete: true };
    const all = await alice.result("output.list", { job: String(id) });
    expect(all).toMatchObject({ job_id: id, attempts: [second, first] });
    const { attempts } = all as unknown as { readonly attempts: readonly AttemptOutputs[] };
    expect(attempts.map(({ entries }) => entries.length)).toEqual([1, 99]);
    const none = await alice.result("output.list", { job: `${id}#1`, limit: 0 });
    expect(none).toEqual({ job_id: id, attempts: [{ ...first, entries: [] }] });
  });

  test("does not name an attempt that has ended and left nothing", async () => {
    const id = await here.begin();
    const { alice } = here.jobs;
    const running = await alice.result("output.list", { job: String(id) });
    expect(running["attempts"]).toMatchObject([{ attempt: 1, file_count: 0 }]);
    await here.jobs.end(id, 1);
    expect((await alice.result("output.list", { job: String(id) }))["attempts"]).toEqual([]);
  });
});
