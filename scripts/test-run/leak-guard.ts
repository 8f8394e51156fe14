// Loaded before all tests: fails the run when they leave a child process or a listening socket in the test process.

import { afterAll } from "bun:test";
import { findChildren, findListeners, socketsOf } from "./process-table.ts";

const before = new Set(socketsOf("self"));
const patienceMs = 2000;

afterAll(async () => {
  const deadline = performance.now() + patienceMs;
  let leaks = findLeaks();
  while (leaks.length > 0 && performance.now() < deadline) {
    await Bun.sleep(20);
    leaks = findLeaks();
  }
  if (leaks.length > 0) throw new Error(`The tests left behind:\n${leaks.join("\n")}`);
}, patienceMs * 2);

function findLeaks(): readonly string[] {
  const mine = socketsOf("self");
  const listeners = findListeners().filter(({ inode }) => mine.has(inode) && !before.has(inode));
  return [
    ...findChildren().map(({ pid, command }) => `process ${pid}: ${command}`),
    ...listeners.map(({ address }) => `listening socket: ${address}`),
  ];
}
