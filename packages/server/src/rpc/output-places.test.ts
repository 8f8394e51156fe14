// Outputs that lie, or are known to their job, under another path than the data folder's own.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { attemptFolder } from "../domain/attempt-folder.ts";
import { entriesOf, startJobOutputs, type JobOutputs } from "./job-outputs.fixture.ts";

let here: JobOutputs;
let jobId: number;
/** The other disk. */
let big: string;

beforeEach(async () => {
  here = await startJobOutputs();
  jobId = await here.begin();
  big = mkdtempSync(join(tmpdir(), "fetchml-big-"));
});
afterEach(async () => {
  await here.jobs.rpc.close();
  rmSync(big, { recursive: true, force: true });
});

const own = (...names: readonly string[]) => join(here.jobs.rpc.ctx.dataDir, ...names);

/** As an admin does who has too little room. */
function move(name: "attempts" | "checkpoints"): void {
  mkdirSync(own(name), { recursive: true });
  // /tmp and the other disk may be two.
  Bun.spawnSync(["mv", own(name), join(big, name)]);
  symlinkSync(join(big, name), own(name));
}

const text = async (path: string) => {
  const answer = await here.ask(`${jobId}/${path}`);
  return `${answer.status} ${await answer.text()}`;
};
const entries = async (kind: string) => entriesOf(await here.list(`${jobId}/${kind}`));

function writeCheckpoint(name: string, content: string): void {
  mkdirSync(own("checkpoints", String(jobId)), { recursive: true });
  writeFileSync(own("checkpoints", String(jobId), name), content);
}

describe("what a job has left", () => {
  test("is given out from where the admin's own links lead", async () => {
    here.write(jobId, "model.pt", "weights");
    symlinkSync(join(here.folder(jobId), "model.pt"), join(here.folder(jobId), "best.pt"));
    writeCheckpoint("last", "state");
    here.jobs.write(jobId, "line\n");
    for (const name of ["attempts", "checkpoints"] as const) move(name);
    expect(await entries("outputs")).toMatchObject([
      { kind: "symlink", path: "best.pt", target: "model.pt" },
      { kind: "file", path: "model.pt" },
    ]);
    expect(await entries("checkpoints")).toMatchObject([{ kind: "file", path: "last" }]);
    expect(await text("outputs/model.pt")).toBe("200 weights");
    expect(await text("checkpoints/last")).toBe("200 state");
    expect(await text("log")).toBe("200 line\n");
    const counted = await here.jobs.alice.result("output.list", { job: String(jobId) });
    expect(counted["attempts"]).toMatchObject([{ attempt: 1, file_count: 1 }]);
  });

  test("is not given out where a job has put a link, on another disk or not", async () => {
    here.write(jobId, "model.pt", "weights");
    writeFileSync(join(big, "secret"), "not yours");
    move("attempts");
    const outputs = here.folder(jobId);
    renameSync(outputs, `${outputs}-aside`);
    symlinkSync(big, outputs);
    expect(await entries("outputs")).toEqual([]);
    expect(await text("outputs/secret")).toStartWith("404 ");
    const { job } = attemptFolder(own(), { jobId, attempt: 1 });
    renameSync(job, `${job}-aside`);
    mkdirSync(join(big, "outputs"));
    writeFileSync(join(big, "outputs/secret"), "not yours");
    symlinkSync(big, job);
    expect(dirname(outputs)).toBe(job);
    expect(await text("outputs/secret")).toStartWith("404 ");
  });

  test("is nothing while the disk is away", async () => {
    here.write(jobId, "model.pt");
    move("attempts");
    rmSync(join(big, "attempts"), { recursive: true });
    expect(await entries("outputs")).toEqual([]);
    expect(await text("outputs/model.pt")).toStartWith("404 ");
    expect(await text("log")).toStartWith("404 ");
  });
});

describe("links by the paths that a job in bubblewrap knows", () => {
  test("are told as relative ones in the folder that is meant, and in no other", async () => {
    here.write(jobId, "run/epoch3.pt", "weights");
    const links = { best: "/job/outputs/run/epoch3.pt", state: "/job/checkpoints/last" };
    writeCheckpoint("last", "state");
    for (const [name, target] of Object.entries(links)) {
      symlinkSync(target, join(here.folder(jobId), name));
      symlinkSync(target, own("checkpoints", String(jobId), name));
    }
    const found = async (kind: string) =>
      (await entries(kind)).filter((entry) => entry.kind === "symlink");
    expect(await found("outputs")).toEqual([
      { kind: "symlink", path: "best", target: "run/epoch3.pt" },
      { kind: "symlink", path: "state", target: "/job/checkpoints/last" },
    ]);
    expect(await found("checkpoints")).toEqual([
      { kind: "symlink", path: "best", target: "/job/outputs/run/epoch3.pt" },
      { kind: "symlink", path: "state", target: "last" },
    ]);
    expect(await text("outputs/best")).toStartWith("404 ");
  });
});
