// A setup hands a folder of its project to another job of its user, which puts a link in the place of one while what the setup
// made is kept: nothing of the box is taken, and nothing is left there.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ended, ready } from "../attempt.fixture.ts";
import { sandbox, shellSubject, type ShellSubject } from "./shell-subject.fixture.ts";

const FILES = 100;
const ROUNDS = 10;

/** Exchanges `sub` of the last project it was handed with a link, to and fro, as fast as it can. */
const ACCOMPLICE = `
import ctypes, os, random, select, socket, time
libc = ctypes.CDLL(None)
listener = socket.socket(socket.AF_UNIX)
listener.bind(os.path.expanduser("~/here"))
listener.listen()
print("ready", flush=True)
fds = None
while True:
    if select.select([listener], [], [], 0 if fds else None)[0]:
        if fds:
            for fd in fds: os.close(fd)
        other, _ = listener.accept()
        fds = socket.recv_fds(other, 1, 2)[1]
        other.close()
        # Until its setup has been compared with the project, or not.
        time.sleep(random.random() / 8)
    for _ in range(100):
        libc.renameat2(fds[1], b"link", fds[0], b"sub", 2)
`;

const SETUP = `
import os, socket, sys
os.mkdir(".venv")
os.symlink(sys.argv[1], ".venv/link")
for n in range(${FILES}): open(f"sub/f{n}", "w").close()
open("sub/more", "w").close()
to = socket.socket(socket.AF_UNIX)
to.connect(os.path.expanduser("~/here"))
socket.send_fds(to, [b"x"], [os.open(path, os.O_RDONLY) for path in (".", ".venv")])
to.recv(1)
`;

function checkout(_snapshot: string | null, work: string): Promise<void> {
  mkdirSync(join(work, "sub"));
  writeFileSync(join(work, "sub/own"), "own");
  writeFileSync(join(work, "train.py"), "");
  writeFileSync(join(work, "accomplice.py"), ACCOMPLICE);
  writeFileSync(join(work, "setup.py"), SETUP);
  return Promise.resolve();
}

describe.skipIf(sandbox === undefined)("with a folder of the box that a link leads to", () => {
  let subject: ShellSubject;
  let host: string;
  const names = Array.from({ length: FILES }, (_, n) => `f${n}`).toSorted();
  beforeEach(async () => {
    subject = await shellSubject("dash", checkout);
    host = mkdtempSync(join(tmpdir(), "fetchml-raced-"));
    for (const name of names) writeFileSync(join(host, name), "precious");
  });
  afterEach(async () => {
    await subject.close();
    rmSync(host, { recursive: true });
  });

  test("a link that comes and goes while a setup is kept moves nothing of the box", async () => {
    const accomplice = subject.specOf("", "exec python3 accomplice.py", { setup: null });
    await subject.executor.start(accomplice);
    await ready(subject, accomplice);
    for (let round = 0; round < ROUNDS; round += 1) {
      const spec = subject.specOf(`python3 setup.py ${host} ${round}`, "cat sub/*");
      await subject.executor.start(spec);
      await ended(subject.executor, spec);
      const log = await subject.log(spec);
      expect(log).not.toContain("precious");
      expect(readdirSync(host).toSorted()).toEqual(names);
    }
    for (const name of names) expect(readFileSync(join(host, name), "utf8")).toBe("precious");
    await subject.executor.cancel(accomplice, 0);
    await ended(subject.executor, accomplice);
  }, 120_000);
});
