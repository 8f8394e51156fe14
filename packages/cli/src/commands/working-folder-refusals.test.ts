// Tests of the folder in which a job runs: it is sent, or nothing is.
import { beforeEach, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sampleJob } from "../testing/samples.fixture.ts";
import { checkWorkingFolder } from "../check-working-folder.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

beforeEach(() => {
  const { project } = here.bench;
  writeFileSync(join(project, "ml.toml"), '[jobs.j]\ncommand = "true"\n');
  writeFileSync(join(project, ".mlignore"), "left-out/\n");
  for (const folder of ["sub/deep", "sub-2", "left-out", "only-a-link"]) {
    mkdirSync(join(project, folder), { recursive: true });
  }
  // Its name begins with that of the empty folder.
  writeFileSync(join(project, "sub-2/a.txt"), "");
  writeFileSync(join(project, "left-out/a.txt"), "");
  symlinkSync("../ml.toml", join(project, "only-a-link/link"));
  here.serve({ "job.submit": () => ({ job: sampleJob(), ahead: 0 }) });
});

test.each(["sub", "sub/deep", "left-out"])(
  "a job in %p, of which nothing is sent, is refused before anything is sent, with exit 2",
  async (folder) => {
    const { project } = here.bench;
    const cwd = join(project, folder);
    // The second time the project is known from the first.
    for (const line of ["queue j", "queue j", "run j"]) {
      const { code, stdout, stderr } = await here.ml(line, { cwd });
      expect([code, stdout, here.server.calls]).toEqual([2, "", []]);
      expect(stderr).toContain(`the folder ${folder} has no file that is sent.`);
      expect(stderr).toContain(`or run the command from ${project}.`);
    }
    const planned = await here.ml("queue j --dry-run", { cwd });
    expect(planned.code).toBe(2);
    expect(planned.stdout).toContain("sub-2/a.txt");
    expect(planned.stderr).toContain("has no file that is sent");
  },
);

test("a job runs in a folder of which a file or a link is sent, and in the root", async () => {
  for (const folder of ["sub-2", "only-a-link", "."]) {
    const cwd = join(here.bench.project, folder);
    expect((await here.ml("queue j", { cwd })).code).toBe(0);
    expect((await here.ml("queue j --dry-run", { cwd })).code).toBe(0);
  }
  expect(here.paramsOf("job.submit")).toMatchObject([
    { cwd: "sub-2" },
    { cwd: "only-a-link" },
    { cwd: "" },
  ]);
});

test("of a project the files are not listed for a job that runs in its root", () => {
  const content = () => {
    throw new Error("listed");
  };
  expect(() => checkWorkingFolder("", { root: "/any", content })).not.toThrow();
  expect(() => checkWorkingFolder("sub", { root: "/any", content })).toThrow("listed");
});

test("a job that is done again brings its own folder, whatever the one is in which that is typed", async () => {
  here.serve({ "job.redo": () => ({ job: sampleJob(), ahead: 0 }) });
  const again = await here.ml("redo 12 --fresh", { cwd: join(here.bench.project, "sub") });
  expect(again.code).toBe(0);
});
