// A process is known by pid and start time.
import { expect, test } from "bun:test";
import { waitFor } from "../attempt.fixture.ts";
import {
  findProcess,
  isAlive,
  isGroupAlive,
  parseIdentity,
  parseProcessStat,
} from "./process-identity.ts";

const FIELDS = "S 1 4242 4242 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 2703360 309";

test.each(["sh", "a b", ") S 1 (", "x)\ny"])(
  "parseProcessStat() copes with a process named %j",
  (name) => {
    expect(parseProcessStat(`77 (${name}) ${FIELDS}`)).toEqual({
      pid: 77,
      state: "S",
      parent: 1,
      processGroup: 4242,
      startTicks: 987_654,
    });
  },
);

test.each(["", "77", "77 (sh)", "x (sh) S 1 2", "77 (sh) S 1"])(
  "parseProcessStat() refuses %j",
  (text) => {
    expect(parseProcessStat(text)).toBeNull();
  },
);

test.each(["", "12", "12 ", "-1 5", "0 5", "12 x", "12 5x"])(
  "parseIdentity() refuses %j",
  (text) => {
    expect(parseIdentity(text)).toBeNull();
  },
);

test("isAlive() knows this process, and not another start time under its pid", () => {
  const own = findProcess(process.pid);
  expect(own).not.toBeNull();
  expect(isAlive({ pid: process.pid, startTicks: own?.startTicks ?? 0 })).toBeTrue();
  expect(isAlive({ pid: process.pid, startTicks: 1 })).toBeFalse();
});

test("a zombie is dead, and a group of zombies is too", async () => {
  // Nobody waits for the child while its parent sleeps.
  const parent = Bun.spawn({
    cmd: ["sh", "-c", "(echo $(exec sh -c 'echo $PPID')) & exec sleep 1000"],
    stdout: "pipe",
    detached: true,
  });
  const reader = parent.stdout.getReader();
  const pid = Number(new TextDecoder().decode((await reader.read()).value));
  await waitFor("the zombie", async () => {
    const stat = parseProcessStat(await Bun.file(`/proc/${pid}/stat`).text());
    return stat?.state === "Z";
  });
  expect(findProcess(pid)).toBeNull();
  expect(isGroupAlive(parent.pid)).toBeTrue();
  parent.kill("SIGKILL");
  await parent.exited;
  expect(isGroupAlive(parent.pid)).toBeFalse();
});
