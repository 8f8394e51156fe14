// A tunnel that is cut in the middle of a followed log, a pull and an upload: each ends complete once `ml tunnel` has opened it anew.
import { afterAll, beforeAll, beforeEach, expect } from "bun:test";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  hasSsh,
  needsSsh,
  openBoxBehindSsh,
  SSH_PATIENCE_MS,
  type BoxBehindSsh,
} from "./behind-ssh.ts";
import { until, writeProject, type Box, type Person } from "./box.ts";
import { startHoldingProxy } from "./holding-proxy.ts";
import type { OpenTunnel } from "./open-tunnel.ts";
import { sameTree } from "./same-tree.ts";
import type { SshBox } from "./ssh-box.ts";
import { startUploadProxy } from "./upload-proxy.ts";

const withSsh = needsSsh();

/** Each takes some two seconds; on a machine that has other work to do, a minute. */
const PATIENCE_MS = 300_000;

let way: BoxBehindSsh;
let box: Box;
let ssh: SshBox;
let alice: Person;

beforeAll(async () => {
  if (!hasSsh) return;
  way = await openBoxBehindSsh();
  ({ box, ssh, alice } = way);
}, SSH_PATIENCE_MS);
afterAll(async () => {
  if (hasSsh) await way.close();
}, SSH_PATIENCE_MS);
beforeEach(async () => {
  if (hasSsh) await way.takePort();
});

const MB = 1_000_000;
/** Straight to the server, past the tunnel. */
const straight = () => ({ env: { ML_API_URL: box.url, ML_API_KEY: alice.apiKey } });

/** Does the work while a tunnel to that port of the box is up. */
async function throughTunnel(
  port: number,
  work: (tunnel: OpenTunnel) => Promise<void>,
): Promise<void> {
  const tunnel = way.open([ssh.target, "--port", String(port)]);
  try {
    await tunnel.isUp();
    await work(tunnel);
  } finally {
    await tunnel.close();
  }
}

/** Cuts it, and waits until it is up again. */
async function cut(tunnel: OpenTunnel): Promise<void> {
  const before = tunnel.ups();
  expect(await ssh.cut()).toBeGreaterThan(0);
  await tunnel.isUp(before + 1);
}

withSsh(
  "a followed log",
  async () => {
    await throughTunnel(way.boxPort, async (tunnel) => {
      const gate = join(box.folder, "gate");
      const script = `seq 1 20000; until [ -e ${gate} ]; do sleep 0.02; done; seq 20001 40000`;
      expect((await alice.ml(["queue", "count", "--", "sh", "-c", script])).code).toBe(0);
      const follower = alice.start(["logs", "count", "-f"]);
      let seen = "";
      const reading = (async () => {
        const decoder = new TextDecoder();
        for await (const chunk of follower.stdout) seen += decoder.decode(chunk, { stream: true });
      })();
      await until(() => seen.endsWith("\n20000\n"), "the first half does not come");
      expect(await ssh.cut()).toBeGreaterThan(0);
      // The second half is printed while there is no way to it.
      writeFileSync(gate, "");
      await tunnel.isUp(2);
      expect(await follower.exited).toBe(0);
      await reading;
      expect(seen).toBe(Array.from({ length: 40_000 }, (_, index) => `${index + 1}\n`).join(""));
      expect(seen).toBe((await alice.ml(["logs", "count"], straight())).stdout);
    });
  },
  PATIENCE_MS,
);

withSsh(
  "a pull",
  async () => {
    const script = `head -c ${40 * MB} /dev/urandom > "$ML_OUTPUT_DIR/a.bin"; seq 1000 > "$ML_OUTPUT_DIR/b.txt"`;
    expect((await alice.ml(["run", "big", "--", "sh", "-c", script], straight())).code).toBe(0);
    const proxy = await startHoldingProxy(way.boxPort);
    try {
      await throughTunnel(proxy.port, async (tunnel) => {
        proxy.holdAfter(10 * MB);
        const pull = alice.start(["pull", "big", "-o", "pulled"]);
        const target = join(alice.home, "work/pulled");
        await until(() => proxy.held() > 0 && bytesInParts(target) > 5 * MB, "it is not held");
        await cut(tunnel);
        proxy.release();
        expect(await pull.exited).toBe(0);
        const attempt = readdirSync(join(box.dataDir, "attempts")).find((name) =>
          existsSync(join(box.dataDir, "attempts", name, "job/outputs/a.bin")),
        );
        sameTree(target, join(box.dataDir, "attempts", attempt ?? "", "job/outputs"));
      });
    } finally {
      proxy.close();
    }
  },
  PATIENCE_MS,
);

function bytesInParts(target: string): number {
  const folder = join(target, ".ml-pull");
  if (!existsSync(folder)) return 0;
  return readdirSync(folder).reduce(
    (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

withSsh(
  "an upload",
  async () => {
    const project = join(alice.home, "project");
    const noise = Buffer.alloc(40 * MB);
    for (let at = 0; at < noise.length; at += 65_536) {
      crypto.getRandomValues(noise.subarray(at, at + 65_536));
    }
    writeProject(project, { "ml.toml": '[project]\nmax_size = "1G"\nmax_file_size = "1G"\n' });
    writeFileSync(join(project, "model.bin"), noise);
    const proxy = await startUploadProxy(() => way.boxPort);
    try {
      await throughTunnel(proxy.port, async (tunnel) => {
        proxy.holdAfter(15 * MB);
        const queue = alice.ml(["queue", "sent", "--", "true"], { cwd: project });
        await until(() => proxy.held() > 0, "the upload does not get so far");
        await cut(tunnel);
        proxy.release();
        const { code, stdout } = await queue;
        expect(code).toBe(0);
        // What had arrived was not sent again.
        expect(proxy.sentBytes()).toBeLessThan(60 * MB);
        const id = /^Queued (\d+)/.exec(stdout)?.[1] ?? "";
        expect((await alice.ml(["wait", id])).code).toBe(0);
        sameTree(join(box.dataDir, "attempts", `${id}.1`, "job/work"), project);
      });
    } finally {
      proxy.close();
    }
  },
  PATIENCE_MS,
);
