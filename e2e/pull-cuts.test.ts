// Pulls that are cut in the middle: a bad line, a killed `ml`, a killed server, a revoked key, a full disk.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keyIdOf } from "@fetchml/protocol";
import { openBox, until, type Box, type Person } from "./box.ts";
import { startCuttingProxy } from "./cutting-proxy.ts";
import { startHoldingProxy, type HoldingProxy } from "./holding-proxy.ts";
import { sameTree } from "./same-tree.ts";
import { needsSystem } from "./system-tool.ts";

let box: Box;
let alice: Person;
let outputs: string;
let target: string;
let proxies: { close(): void }[];

/** Sizes of the large files, in bytes. */
const LARGE = [40_000_000, 30_000_000];

beforeEach(async () => {
  proxies = [];
  box = await openBox();
  alice = await box.addPerson("alice");
  const script = `cd "$ML_OUTPUT_DIR"; head -c ${LARGE[0]} /dev/urandom > a.bin; head -c ${LARGE[1]} /dev/urandom > b.bin;
    mkdir many; i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo "file $i" > many/$i; done`;
  expect((await alice.ml(["run", "big", "--", "sh", "-c", script])).code).toBe(0);
  outputs = join(box.dataDir, "attempts/1.1/job/outputs");
  target = join(alice.home, "work/ml-outputs/big-1");
});
afterEach(async () => {
  for (const proxy of proxies) proxy.close();
  await box.close();
});

const boxPort = () => Number(new URL(box.httpUrl).port);

async function holding(): Promise<HoldingProxy> {
  const proxy = await startHoldingProxy(boxPort());
  proxies.push(proxy);
  return proxy;
}

/** The way through a proxy. */
function through(port: number) {
  return { env: { ML_API_URL: `ws://127.0.0.1:${port}/ws`, ML_API_KEY: alice.apiKey } };
}

/** Starts a pull that is held in the middle of the large files, and waits until it is. */
async function startHeld(proxy: HoldingProxy) {
  proxy.holdAfter(10_000_000);
  const pull = alice.start(["pull", "big"], through(proxy.port));
  await until(() => proxy.held() >= 1 && bytesInParts() > 5_000_000, "the pull is not held");
  return pull;
}

function bytesInParts(): number {
  const folder = join(target, ".ml-pull");
  if (!existsSync(folder)) return 0;
  return readdirSync(folder).reduce((sum, name) => {
    return sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  }, 0);
}

test("200 small files and two large ones come at the same time, and are the same", async () => {
  const { code, stdout } = await alice.ml(["pull", "big"]);
  expect([code, stdout.slice(0, 16)]).toEqual([0, "Pulled 202 files"]);
  sameTree(target, outputs);
});

test("a line that is cut again and again costs only what was under way", async () => {
  const proxy = await startCuttingProxy(boxPort());
  proxies.push(proxy);
  proxy.cutAfter(9_000_000);
  const { code } = await alice.ml(["pull", "big"], through(proxy.port));
  expect(code).toBe(0);
  sameTree(target, outputs);
});

test("ml that is killed leaves no file half made, and the next one goes on where it was", async () => {
  const proxy = await holding();
  const pull = await startHeld(proxy);
  pull.kill("SIGKILL");
  await pull.exited;
  for (const name of ["a.bin", "b.bin"]) expect(existsSync(join(target, name))).toBe(false);
  const before = bytesInParts();
  proxy.release();
  const next = await alice.ml(["pull", "big", "--json"], through(proxy.port));
  expect(next.code).toBe(0);
  expect(before).toBeGreaterThan(5_000_000);
  sameTree(target, outputs);
});

test("Ctrl-C ends with 130, and the same command goes on", async () => {
  const proxy = await holding();
  const pull = await startHeld(proxy);
  pull.kill("SIGINT");
  expect(await pull.exited).toBe(130);
  expect(await new Response(pull.stderr).text()).toContain("goes on from there");
  expect((await alice.ml(["pull", "big"])).code).toBe(0);
  sameTree(target, outputs);
});

test("a server that is killed and started again in the middle does not end a pull", async () => {
  const proxy = await holding();
  const pull = await startHeld(proxy);
  await box.stop("SIGKILL");
  proxy.release();
  await box.start();
  expect(await pull.exited).toBe(0);
  sameTree(target, outputs);
});

test("a key that is revoked in the middle ends it with 3, and what comes after it with nothing", async () => {
  const proxy = await holding();
  const pull = await startHeld(proxy);
  expect((await box.admin(["key", "revoke", keyIdOf(alice.apiKey) ?? ""])).code).toBe(0);
  proxy.release();
  expect(await pull.exited).toBe(3);
  const stderr = await new Response(pull.stderr).text();
  expect(stderr).toContain("revoked");
  expect(stderr).not.toContain(alice.apiKey);
  expect(existsSync(join(target, "a.bin"))).toBe(false);
});

test("a spoilt part is noticed and fetched anew", async () => {
  const proxy = await holding();
  const pull = await startHeld(proxy);
  pull.kill("SIGKILL");
  await pull.exited;
  proxy.release();
  const folder = join(target, ".ml-pull");
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    writeFileSync(path, new Uint8Array(statSync(path).size));
  }
  expect((await alice.ml(["pull", "big"])).code).toBe(0);
  sameTree(target, outputs);
});

needsSystem("unshare")(
  "a disk on the laptop that is too small is told in words before it is filled, and room made there is enough",
  async () => {
    const small = join(alice.home, "small");
    // A file system of its own of 20 MiB, which is gone with the shell.
    const script = `mkdir -p ${small} && mount -t tmpfs -o size=20m tmpfs ${small} && "$@"; code=$?;
    ls -A ${small} && mount -o remount,size=200m ${small} && "$@" && cp ${small}/a.bin ${alice.home}/a.bin && exit $code`;
    const pull = Bun.spawn(
      [
        "unshare",
        "-rm",
        "sh",
        "-c",
        script,
        "sh",
        join(import.meta.dir, "../dist/ml"),
        "pull",
        "big",
        "-o",
        small,
      ],
      {
        env: { PATH: process.env["PATH"] ?? "", HOME: alice.home },
        cwd: join(alice.home, "work"),
        stdout: "pipe",
        stderr: "pipe",
      },
    );
    const [code, stdout, stderr] = await Promise.all([
      pull.exited,
      new Response(pull.stdout).text(),
      new Response(pull.stderr).text(),
    ]);
    expect(stderr).toMatch(
      /^Cannot pull into .*small: [\d.]+ MiB is still to come, and that disk has 20 MiB free\.\nThe largest is "a\.bin" .*\nMake room and run the same command again/m,
    );
    // Nothing was written before there was room.
    expect(stdout).toStartWith("Pulled ");
    expect(code).toBe(5);
    expect(
      readFileSync(join(alice.home, "a.bin")).equals(readFileSync(join(outputs, "a.bin"))),
    ).toBe(true);
  },
);
