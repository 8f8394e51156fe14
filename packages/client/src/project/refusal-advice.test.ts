// Tests of what a refused project is told to do: few lines, which together make it one that is taken.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { FetchmlError, generateApiKey } from "@fetchml/protocol";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
  at.write("train.py");
});
afterEach(() => at[Symbol.dispose]());

function link(path: string, target: string): void {
  mkdirSync(dirname(join(at.root, path)), { recursive: true });
  symlinkSync(target, join(at.root, path));
}

async function refusalOf(options = {}): Promise<FetchmlError> {
  const error: unknown = await at.freeze(options).catch((cause: unknown) => cause);
  if (!(error instanceof FetchmlError)) throw new Error(`not refused: ${String(error)}`);
  expect(error.message.split("\n").length).toBeLessThanOrEqual(3);
  return error;
}

/** What is sent when all lines of the advice are followed. */
async function pathsWithout({ details }: FetchmlError): Promise<readonly string[]> {
  at.write(".mlignore", Object.values(details["ignore_lines"] ?? []).join("\n"));
  return at.frozenPaths();
}

const ON_THE_BOX = 'on the box: setup = "…" in ml.toml.';

function virtualEnvironment(folder: string): void {
  at.write(`${folder}/pyvenv.cfg`, "home = /usr/bin\n");
  at.write(`${folder}/bin/activate`);
  at.write(`${folder}/lib/python3.11/site-packages/six.py`);
  link(`${folder}/bin/python3`, "/usr/bin/python3");
  link(`${folder}/bin/python`, "python3");
  link(`${folder}/bin/python3.11`, "/usr/bin/python3");
}

describe("one line for a folder that is made anew on the box:", () => {
  test("a virtual environment of which the links lead outside", async () => {
    virtualEnvironment(".venv");
    const error = await refusalOf();
    expect(error.message).toContain('".venv/bin/python" is a link to "python3"');
    expect(error.message).toEndWith(
      `\nA virtual environment is best made ${ON_THE_BOX}\nAdd this line to .mlignore: /.venv/`,
    );
    expect(error.details).toMatchObject({
      paths: [".venv/"],
      reasons: ["holds 3 paths that cannot be sent"],
      ignore_lines: ["/.venv/"],
    });
    expect(await pathsWithout(error)).toEqual([".mlignore", "train.py"]);
  });

  test("each of several, however deep, beside what is refused alone", async () => {
    virtualEnvironment("a/b/my env [1]");
    at.write("conda/conda-meta/history");
    link("conda/lib/x", "/usr/lib/x");
    link("node_modules/.bin/tool", "/usr/bin/tool");
    link("python", "/usr/bin/python3");
    const error = await refusalOf();
    expect(error.details["ignore_lines"]).toEqual([
      String.raw`/a/b/my env \[1]/`,
      "/conda/",
      "/node_modules/",
      "/python",
    ]);
    expect(await pathsWithout(error)).toEqual([".mlignore", "train.py"]);
  });

  test("a link that leads to one", async () => {
    const elsewhere = join(at.home, "env");
    mkdirSync(elsewhere);
    Bun.spawnSync(["touch", join(elsewhere, "pyvenv.cfg")]);
    link(".venv", elsewhere);
    const error = await refusalOf();
    expect(error.message).toContain("A virtual environment is best made");
    expect(error.message).not.toContain("mounts");
    expect(error.message).toEndWith(": /.venv");
    expect(await pathsWithout(error)).toEqual([".mlignore", "train.py"]);
  });

  test("not where the project itself lies in it, nor where nothing says what it is", async () => {
    virtualEnvironment(".");
    link("node_modules.bak/tool", "/usr/bin/tool");
    expect((await refusalOf()).details["ignore_lines"]).toEqual([
      "/bin/python",
      "/bin/python3",
      "/bin/python3.11",
      "/node_modules.bak/tool",
    ]);
  });

  test("files of it that are too large, with all that it weighs", async () => {
    virtualEnvironment(".venv");
    rmSync(join(at.root, ".venv", "bin"), { recursive: true });
    for (let i = 0; i < 12; i++)
      at.write(`.venv/lib/python3.11/site-packages/torch/${i}.so`, "x".repeat(700));
    at.write("model.bin", "x".repeat(900));
    const limits = { totalBytes: 100_000, fileBytes: 600, fileCount: 100 };
    const error = await refusalOf({ limits });
    expect(error.message).toContain(`Largest: .venv/ (8.3 KiB), model.bin (900 B). A virtual`);
    expect(error.message).toContain(ON_THE_BOX);
    expect(error.details["ignore_lines"]).toEqual(["/.venv/", "/model.bin"]);
    expect(await pathsWithout(error)).toEqual([".mlignore", "train.py"]);
  });

  test("what makes the project too large, or too many files", async () => {
    at.write("node_modules/large/a.bin", "x".repeat(5000));
    at.write("node_modules/large/b.bin", "x".repeat(4000));
    const size = await refusalOf({
      limits: { totalBytes: 1000, fileBytes: 6000, fileCount: 100 },
    });
    expect(size.details["paths"]).toEqual(["node_modules/", "train.py"]);
    const count = await refusalOf({ limits: { totalBytes: 1e6, fileBytes: 1e6, fileCount: 2 } });
    expect(count.message).toContain("Largest: node_modules/ (2 files), train.py (1 file).");
    expect(count.message).toContain(`What is in node_modules is best installed ${ON_THE_BOX}`);
  });
});

describe("many paths of one folder", () => {
  test("are one line where nothing else of it is sent", async () => {
    for (let i = 1; i <= 12; i++) link(`data/${i % 2}/x${i}`, `/srv/sets/x${i}`);
    const error = await refusalOf();
    expect(error.message).toContain("Likewise 11 more");
    expect(error.message).toEndWith("\nTake them away, or add this line to .mlignore: /data/");
    expect(error.details["ignore_lines"]).toEqual(["/data/"]);
    expect(await pathsWithout(error)).toEqual([".mlignore", "train.py"]);
  });

  test("are a line each where something else of it is sent, or where they are few", async () => {
    for (let i = 1; i <= 12; i++) link(`data/x${i}`, `/srv/sets/x${i}`);
    at.write("data/README");
    for (let i = 1; i <= 5; i++) link(`few/x${i}`, `/srv/sets/x${i}`);
    const error = await refusalOf();
    expect(error.details["ignore_lines"]).toHaveLength(17);
    expect(error.details["count"]).toBe(17);
    expect(await pathsWithout(error)).toEqual([".mlignore", "data/README", "train.py"]);
  });

  test("are named one by one where they are secrets or hold keys", async () => {
    for (let i = 1; i <= 7; i++) at.write(`keys/${i}/id_rsa`);
    expect((await refusalOf()).details["paths"]).toHaveLength(7);
    const key = generateApiKey({ id: "kpaz", randomBytes: (n) => new Uint8Array(n).fill(7) });
    for (let i = 1; i <= 8; i++) at.write(`api/${i}.toml`, key);
    expect((await refusalOf()).details["paths"]).toHaveLength(8);
  });
});

describe("a link that leads out", () => {
  test("to data is told how data of the box is had", async () => {
    link("data/imagenet", "/data/imagenet");
    const { message } = await refusalOf();
    expect(message.split("\n").slice(1)).toEqual([
      'Data that lies on the box is had with mounts = ["/data"] in ml.toml or --mount /data.',
      "Take it away, or add this line to .mlignore: /data/imagenet",
    ]);
  });

  test.each([
    ["/data", "/data"],
    ["/data/", "/data"],
    ["/data/sets/imagenet/", "/data/sets"],
  ])("to %s names %s", async (target, mount) => {
    link("x", target);
    expect((await refusalOf()).message).toContain(`--mount ${mount}.`);
  });

  test.each(["/usr/bin/python3", "/etc", "/", "../x"])("to %s is not", async (target) => {
    link("x", target);
    expect((await refusalOf()).message).not.toContain("mount");
  });
});
