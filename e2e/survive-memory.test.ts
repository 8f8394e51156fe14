// A server that the kernel gives no memory for another process: what runs goes on, and what is new starts when there is some.
import { expect } from "bun:test";
import { openBox, until } from "./box.ts";
import { needsSystem } from "./system-tool.ts";

needsSystem("strace")(
  "a start that finds no memory is no end of the job: it is tried again",
  async () => {
    const box = await openBox({ config: "cpus = 4\n" });
    try {
      const alice = await box.addPerson("alice");
      const long = ["sh", "-c", "echo begun; exec sleep 1000"];
      expect((await alice.ml(["queue", "long", "--", ...long])).code).toBe(0);
      await until(
        async () => (await alice.ml(["logs", "long"])).stdout !== "",
        "it does not begin",
      );
      const strace = Bun.spawn(
        [
          "strace",
          "-f",
          "-e",
          "trace=vfork",
          "-e",
          "inject=vfork:error=ENOMEM",
          "-p",
          `${box.pid}`,
        ],
        { stdio: ["ignore", "ignore", "pipe"] },
      );
      let said = "";
      const reading = (async () => {
        const decoder = new TextDecoder();
        for await (const chunk of strace.stderr) said += decoder.decode(chunk, { stream: true });
      })();
      await until(() => said.includes("attached"), "strace does not attach");
      expect((await alice.ml(["queue", "next", "--", "echo", "works"])).code).toBe(0);
      await until(() => said.includes("ENOMEM"), "no process is asked for");
      await until(() => box.log.includes("attempt-unknown"), "nothing is said of the start");
      const next = JSON.parse((await alice.ml(["show", "next", "--json"])).stdout);
      expect(next).toMatchObject({ state: "starting", attempt: 1 });
      strace.kill("SIGINT");
      await Promise.all([strace.exited, reading]);
      expect((await alice.ml(["wait", "next"])).code).toBe(0);
      expect((await alice.ml(["logs", "next"])).stdout).toBe("works\n");
      const shown = JSON.parse((await alice.ml(["show", "next", "--json"])).stdout);
      expect(shown.attempts).toHaveLength(1);
      const still = JSON.parse((await alice.ml(["show", "long", "--json"])).stdout);
      expect(still).toMatchObject({ state: "running", attempt: 1 });
    } finally {
      await box.close();
    }
  },
  90_000,
);
