// Tests of `setup_key`: what it names is sent, or nothing is.
import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sampleJob } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

/** A project with files, one of them left out, whose setup has that key. */
function project(key: readonly string[], setup = 'setup = "make"'): void {
  const { project: root } = here.bench;
  mkdirSync(join(root, "deps/in"), { recursive: true });
  for (const path of ["requirements.txt", "deps/in/a.txt", "[id].ts", "left-out.txt"]) {
    writeFileSync(join(root, path), "");
  }
  const list = JSON.stringify(key);
  writeFileSync(
    join(root, "ml.toml"),
    `[project]\nignore = ["left-out.txt"]\n${setup}\nsetup_key = ${list}\n`,
  );
}

test.each([
  "requirments.txt",
  "*.txt",
  "/etc/passwd",
  "../x",
  "deps/../requirements.txt",
  "deps/in/b.txt",
  "requirements.txt/x",
  "left-out.txt",
])("a key that names %p is refused before anything is sent, with exit 2", async (path) => {
  here.serve({ "job.submit": () => ({ job: sampleJob(), ahead: 0 }) });
  project(["requirements.txt", path]);
  for (const line of ["queue train -- true", "run train -- true", "redo 12 --fresh"]) {
    const { code, stdout, stderr } = await here.ml(line);
    expect([code, stdout, here.server.calls]).toEqual([2, "", []]);
    expect(stderr).toContain(
      `setup_key names ${JSON.stringify(path)}, which the project does not send.`,
    );
    expect(stderr.includes("takes no patterns")).toBe(path.includes("*"));
  }
  const planned = await here.ml("queue train --dry-run -- true");
  expect(planned.code).toBe(2);
  expect(planned.stdout).toContain("requirements.txt");
});

test("files, folders and the whole project are taken, and a key without a setup is no matter", async () => {
  here.serve({ "job.submit": () => ({ job: sampleJob(), ahead: 0 }) });
  project(["requirements.txt", "./deps", "deps/in/", "deps//in/a.txt", "[id].ts", "."]);
  expect((await here.ml("queue train -- true")).code).toBe(0);
  project([]);
  expect((await here.ml("queue train -- true")).code).toBe(0);
  project(["requirments.txt"], "");
  expect((await here.ml("queue train -- true")).code).toBe(0);
});
