// Every command that README.md shows is run here, in its order; a new one without a place here fails.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { endJobs, openBox, personAt, writeProject, type Box, type Person } from "./box.ts";

const root = join(import.meta.dir, "..");

/** Lines of README's shell blocks, without their comments. */
const lines = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/```sh\n([^]*?)```/g)]
  .flatMap((block) => (block[1] ?? "").split("\n"))
  .map((line) => line.replace(/\s+#.*$/, "").trim())
  .filter((line) => line !== "");

let box: Box;
let alice: Person;
let project: string;
let key = "";

beforeAll(async () => {
  box = await openBox();
  alice = personAt(join(box.folder, "home/alice"), { name: "alice", apiKey: "" });
  project = join(alice.home, "project");
  mkdirSync(project);
});

afterAll(async () => {
  await endJobs(alice);
  await box.close();
});

async function admin(line: string): Promise<string> {
  const { code, stdout, stderr } = await box.admin(line.split(" ").slice(1));
  expect(code, stderr).toBe(0);
  return stdout;
}

async function ml(line: string, input = ""): Promise<string> {
  const { code, stdout, stderr } = await alice.ml(line.split(" ").slice(1), {
    cwd: project,
    input,
  });
  expect(code, stderr).toBe(0);
  return stdout;
}

const elsewhere = "covered by another test";

/** How each line is run. */
const acts: Readonly<Record<string, () => Promise<unknown> | typeof elsewhere>> = {
  // The demo has its own test; the second is what runs this one.
  "npm ci && npm run demo": () => elsewhere,
  "npm ci && npm test": () => elsewhere,
  "npm ci && npm run build && sudo scripts/install.sh": () => elsewhere,
  "sudo fetchml init": () => elsewhere,
  "sudo fetchml user add alice": () => admin("fetchml user add alice"),
  "sudo fetchml key issue alice": async () => {
    key = await admin("fetchml key issue alice");
  },
  "ml tunnel you@box": () => elsewhere,
  "ml login": () => ml(`ml login ${box.url}`, key),
  "ml status": async () => expect(await ml("ml status")).toContain("alice"),
  "ml queue my-training-job": async () => {
    await ml("ml init");
    writeProject(project, {
      "ml.toml":
        '[jobs.my-training-job]\ncommand = "python3 train.py --epochs 5"\ntimeout = "6h"\n',
      "train.py":
        "import os, time\nopen(os.environ['ML_OUTPUT_DIR'] + '/model.txt', 'w').write('weights')\nprint('epoch 1', flush=True)\ntime.sleep(600)\n",
    });
    await ml("ml queue my-training-job");
  },
  "ml logs -f my-training-job": async () => {
    const follower = alice.start(["logs", "-f", "my-training-job"]);
    const { value } = await follower.stdout.getReader().read();
    expect(new TextDecoder().decode(value)).toBe("epoch 1\n");
    follower.kill("SIGINT");
    expect(await follower.exited).toBe(130);
  },
  "ml cancel my-training-job": () => ml("ml cancel my-training-job"),
  "ml pull my-training-job": async () => {
    await ml("ml pull my-training-job");
    const pulled = join(project, "ml-outputs/my-training-job-1/model.txt");
    expect(readFileSync(pulled, "utf8")).toBe("weights");
  },
  "ml code my-training-job -o ../then": async () => {
    await ml("ml code my-training-job -o ../then");
    const [was, is] = ["../then/train.py", "train.py"].map((path) => join(project, path));
    expect(readFileSync(was ?? "", "utf8")).toBe(readFileSync(is ?? "", "utf8"));
  },
  "ml diff my-training-job": async () => {
    writeProject(project, { "train.py": "print('changed')\n" });
    expect(await ml("ml diff my-training-job")).toContain("+print('changed')");
  },
  "ml redo my-training-job": async () => {
    await ml("ml redo my-training-job");
    expect(await ml("ml show my-training-job")).toContain("Redo of");
  },
};

for (const line of lines) {
  test(`README: ${line}`, async () => {
    const act = acts[line];
    if (act === undefined) throw new Error(`README.md shows a command that no test runs: ${line}`);
    await act();
  });
}

test("README shows every command that is tested for it", () => {
  expect(Object.keys(acts).filter((line) => !lines.includes(line))).toEqual([]);
});
