// What "ml show" tells of the memory that a job used, and "ml status" of what holds jobs, without cgroups; with them: systemd-vm.test.ts.
import { expect, test } from "bun:test";
import { openBox } from "./box.ts";
import { needsSystem } from "./system-tool.ts";

const MIB = 1024 ** 2;

needsSystem("python3")(
  "a job that lasts is shown with the peak of its largest process, also after a restart, a short one with none",
  async () => {
    const box = await openBox();
    try {
      const alice = await box.addPerson("alice");
      const use = "import time; x = bytearray(200 << 20); del x; time.sleep(6)";
      await alice.ml(["queue", "large", "--", "python3", "-c", use]);
      expect((await alice.ml(["wait", "large"])).code).toBe(0);
      await box.stop("SIGKILL");
      await box.start();
      const shown = JSON.parse((await alice.ml(["show", "large", "--json"])).stdout);
      expect(shown.attempts[0].peak_mem_of).toBe("process");
      expect(shown.attempts[0].peak_mem_bytes).toBeGreaterThan(200 * MIB);
      expect(shown.attempts[0].peak_mem_bytes).toBeLessThan(300 * MIB);
      expect((await alice.ml(["show", "large"])).stdout).toMatch(
        / MEMORY .*\n.* ≥ 2\d\d(?:\.\d)? MiB /,
      );
      await alice.ml(["run", "short", "--", "true"]);
      expect((await alice.ml(["show", "short", "--json"])).stdout).not.toContain("peak_mem");
      expect((await alice.ml(["show", "short"])).stdout).not.toContain("MEMORY");
    } finally {
      await box.close();
    }
  },
  60_000,
);

test("the sandbox of the server is told, and whether it has cgroups", async () => {
  const hasBubblewrap = Bun.which("bwrap") !== null;
  const sandbox = hasBubblewrap ? "bubblewrap" : "none";
  const box = await openBox({ sandbox });
  try {
    const alice = await box.addPerson("alice");
    const { server } = JSON.parse((await alice.ml(["status", "--json"])).stdout);
    expect(server.sandbox).toBe(sandbox);
    const held = server.cgroups === true ? "with" : "without";
    expect((await alice.ml(["status"])).stdout).toMatch(
      new RegExp(`^Sandbox +${sandbox}, ${held} cgroups$`, "m"),
    );
  } finally {
    await box.close();
  }
});
