// Logs of any kind arrive whole and do no harm.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { openBox, writeProject, type Box, type Person } from "./box.ts";

let box: Box;
let alice: Person;
let project: string;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
  project = writeProject(join(alice.home, "project"), {
    "bytes.py": "import sys; sys.stdout.buffer.write(bytes(range(256)) * 4 + b'\\n')\n",
    "long.py": "import sys; sys.stdout.write('x' * 100_000_000 + '\\nend\\n')\n",
    "bar.py":
      "import sys\nfor n in range(101): sys.stdout.write(f'\\r{n} %')\nsys.stdout.write('\\rdone \\n')\n",
    "evil.sh":
      "printf '\\033]0;title\\007\\033[2J\\033[31mred\\033[0m\\033[5n plain\\n'; echo warn >/dev/stderr; echo after\n",
    "fork.sh": "(sleep 300; echo late) & echo parent ends; exit 4\n",
  });
});

afterAll(() => box.close());

function run(name: string, ...command: string[]) {
  return alice.ml(["run", name, "--", ...command], { cwd: project });
}

test("a log of bytes that are no UTF-8 shows U+FFFD, and --raw gives the bytes", async () => {
  expect((await run("bytes", "python3", "bytes.py")).code).toBe(0);
  const shown = await alice.ml(["logs", "bytes"]);
  expect(shown.stdout).toContain("\ufffd");
  const follower = alice.start(["logs", "bytes", "--raw"]);
  const raw = new Uint8Array(await new Response(follower.stdout).arrayBuffer());
  const all = Uint8Array.from({ length: 256 }, (_, index) => index);
  expect(Buffer.from(raw)).toEqual(Buffer.concat([all, all, all, all, Buffer.from("\n")]));
});

test("a line of 100 MB arrives whole", async () => {
  const child = alice.start(["run", "long", "--", "python3", "long.py"], { cwd: project });
  let length = 0;
  let tail = "";
  for await (const chunk of child.stdout) {
    length += chunk.length;
    tail = (tail + Buffer.from(chunk.subarray(-16)).toString("latin1")).slice(-16);
  }
  expect(await child.exited).toBe(0);
  expect({ length, end: tail.endsWith("x\nend\n") }).toEqual({ length: 100_000_005, end: true });
}, 120_000);

test("control sequences do not reach whoever reads, colours only a terminal", async () => {
  const { code, stdout } = await run("evil", "sh", "evil.sh");
  expect(code).toBe(0);
  expect(stdout).toBe("red plain\nwarn\nafter\n");
});

test("a progress bar collapses to its last state where stdout is no terminal", async () => {
  expect((await run("bar", "python3", "bar.py")).stdout).toBe("done \n");
});

test("a job that forks and exits ends with its own code, and what it left is ended too", async () => {
  const { code, stdout } = await run("fork", "sh", "fork.sh");
  expect({ code, stdout }).toEqual({ code: 4, stdout: "parent ends\n" });
});

test("ml logs -n shows the last lines", async () => {
  await run("lines", "sh", "-c", "seq 1 100");
  expect((await alice.ml(["logs", "lines", "-n", "2"])).stdout).toBe("99\n100\n");
});
