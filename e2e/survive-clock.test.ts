// A clock that is set under the running server: deadlines stay where they were, and what waits for a time of day follows it.
import { expect } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Box, FETCHML, until } from "./box.ts";
import { fakeTime, needsFakeTime } from "./fake-time.ts";

const test = needsFakeTime();

test.each(["+2d", "-2d"])(
  "a clock set by %s ends no running job, breaks no key and loses no job; nothing is ended wrongly when it is set back",
  async (jump) => {
    const folder = mkdtempSync(join(tmpdir(), "fetchml-clock-"));
    const offset = join(folder, "offset");
    writeFileSync(offset, "+0\n");
    const program = ["env", ...fakeTime(offset), FETCHML];
    writeFileSync(join(folder, "config.toml"), "cpus = 4\n");
    const box = new Box(folder, { hasConfig: true, sandbox: "none", program });
    await box.start();
    try {
      const alice = await box.addPerson("alice");
      const gate = join(folder, "gate");
      const script = `echo begun; until [ -e '${gate}' ]; do sleep 0.05; done; echo done; exit 7`;
      await alice.ml(["queue", "long", "--timeout", "1h", "--", "sh", "-c", script]);
      await alice.ml(["queue", "later", "--begin", "+1h", "--", "echo", "later"]);
      await until(async () => (await alice.ml(["logs", "1"])).stdout !== "", "it does not begin");
      const follower = alice.start(["logs", "-f", "long"]);
      const shown = new Response(follower.stdout).text();

      writeFileSync(offset, `${jump}\n`);
      expect((await alice.ml(["run", "now", "--", "echo", "works"])).stdout).toBe("works\n");
      expect((await alice.ml(["whoami"])).code).toBe(0);
      expect((await alice.ml(["status"])).code).toBe(0);
      if (jump.startsWith("+")) expect((await alice.ml(["wait", "later"])).code).toBe(0);
      await box.stop("SIGKILL");
      await box.start();
      expect(JSON.parse((await alice.ml(["show", "long", "--json"])).stdout)).toMatchObject({
        state: "running",
        attempt: 1,
      });
      writeFileSync(offset, "+0\n");
      expect((await alice.ml(["run", "again", "--", "echo", "works"])).stdout).toBe("works\n");
      expect(existsSync(join(box.dataDir, "attempts/1.1/control/timed-out"))).toBe(false);
      writeFileSync(gate, "");
      expect(await follower.exited).toBe(7);
      expect(await shown).toBe("begun\ndone\n");
    } finally {
      await box.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
  90_000,
);
