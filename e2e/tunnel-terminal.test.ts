// `ml tunnel` on a terminal: ssh asks there for what it needs, and Ctrl-C typed there ends all of it.
import { afterAll, beforeAll, expect } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  hasSsh,
  needsSsh,
  openBoxBehindSsh,
  SSH_PATIENCE_MS,
  type BoxBehindSsh,
} from "./behind-ssh.ts";
import { ML, runToEnd, until } from "./box.ts";
import { childrenOf } from "./ssh-box.ts";

const withSsh = needsSsh("setsid");

let way: BoxBehindSsh;

beforeAll(async () => {
  if (hasSsh) way = await openBoxBehindSsh();
}, SSH_PATIENCE_MS);
afterAll(async () => {
  if (hasSsh) await way.close();
}, SSH_PATIENCE_MS);

withSsh("the passphrase of a key is asked for, and Ctrl-C closes the tunnel", async () => {
  const { box, ssh, alice, boxPort } = way;
  const passphrase = "correct horse";
  const env = { PATH: process.env["PATH"] ?? "", HOME: alice.home, TERM: "xterm" };
  const key = join(box.folder, "ssh/user");
  const locking = await runToEnd(["ssh-keygen", "-p", "-P", "", "-N", passphrase, "-f", key], {
    env,
  });
  expect(locking.code).toBe(0);
  await way.takePort();
  let screen = "";
  const terminal = new Bun.Terminal({
    cols: 200,
    rows: 24,
    data: (_terminal, data) => {
      screen += Buffer.from(data).toString("utf8");
    },
  });
  const words = ["tunnel", ssh.target, "--port", String(boxPort), "--", ...ssh.options];
  // The terminal becomes the one that /dev/tty means, where ssh asks.
  const child = Bun.spawn(["setsid", "--ctty", ML, ...words], { cwd: alice.home, env, terminal });
  try {
    await until(() => screen.includes("Enter passphrase for key"), "nothing is asked for");
    const pids = childrenOf(child.pid);
    const names = pids.map((pid) => readFileSync(`/proc/${pid}/comm`, "utf8").trim());
    expect(names).toContain("ssh");
    terminal.write(`${passphrase}\r`);
    await until(() => screen.includes(" is up: FetchML answers at "), "it is not up");
    expect(screen).not.toContain(passphrase);
    terminal.write("\u0003");
    expect(await child.exited).toBe(130);
    await until(() => screen.includes("is closed."), "it does not say that it is closed");
    expect(pids.filter((pid) => existsSync(`/proc/${pid}/exe`))).toEqual([]);
  } finally {
    child.kill("SIGKILL");
    terminal.close();
  }
});
