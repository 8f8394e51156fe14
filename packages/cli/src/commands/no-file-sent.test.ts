// Tests of what is said when no file is sent: because ignore rules leave out all, or there is none. The job is queued all the same.
import { beforeEach, expect, test } from "bun:test";
import { realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sampleJob } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();
const TOLD = "No file is sent: the ignore rules leave out all.\n";

beforeEach(() => {
  here.serve({ "job.submit": () => ({ job: sampleJob(), ahead: 0 }) });
});

test("ml queue says each time that rules leave out every file, and ends with exit 0, also with --dry-run", async () => {
  const { project } = here.bench;
  writeFileSync(join(project, "train.py"), "");
  writeFileSync(join(project, ".gitignore"), "*\n");
  for (const line of ["queue j -- true", "queue j -- true", "queue j --dry-run -- true"]) {
    const { code, stdout, stderr } = await here.ml(line);
    expect(code).toBe(0);
    expect(stderr).toStartWith(TOLD);
    if (line.includes("--dry-run")) expect(stdout).toContain("Files     0, 0 B\n");
  }
});

test("ml queue says nothing of it where there is no file, or one is sent", async () => {
  const { project } = here.bench;
  rmSync(join(project, "ml.toml"), { force: true });
  expect((await here.ml("queue j -- true")).stderr).not.toContain(TOLD);
  writeFileSync(join(project, "train.py"), "");
  writeFileSync(join(project, ".gitignore"), "*\n!.gitignore\n");
  expect((await here.ml("queue j -- true")).stderr).not.toContain(TOLD);
});

test("ml redo --fresh says once of a folder without a file that none is sent, and which folder that is", async () => {
  const { project } = here.bench;
  here.serve({ "job.redo": () => ({ job: sampleJob(), ahead: 0 }) });
  rmSync(join(project, "ml.toml"), { force: true });
  const empty = await here.ml("redo 12 --fresh");
  expect(empty.code).toBe(0);
  expect(empty.stderr).toStartWith(
    `No file is sent: there is none in ${realpathSync(project)}.\n"ml logs`,
  );
  writeFileSync(join(project, ".gitignore"), "*\n");
  expect((await here.ml("redo 12 --fresh")).stderr).toStartWith(`${TOLD}"ml logs`);
  writeFileSync(join(project, "train.py"), "");
  writeFileSync(join(project, ".gitignore"), "");
  expect((await here.ml("redo 12 --fresh")).stderr).not.toContain("No file is sent");
});
