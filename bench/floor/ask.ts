// The floor of a command: one WebSocket round trip, and what came is printed.
import { readdirSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Sends a text and prints answers until the connection ends or, of one call, the answer; looks at each file of a folder first. */
export function ask(url: string, text: string, folder?: string): Promise<void> {
  const sum = folder === undefined ? 0 : lookAtAll(folder);
  const isFollowing = text.includes('"run"');
  return new Promise((resolve) => {
    const ws = new WebSocket(url, { headers: { Authorization: "Bearer floor" } });
    ws.addEventListener("message", ({ data }) => {
      // Not process.stdout, whose first use takes 9 ms; nor a close, which the end of the process does as well.
      writeSync(1, String(data));
      if (!isFollowing) process.exit(0);
    });
    ws.addEventListener("open", () => ws.send(sum < 0 ? "" : text));
    ws.addEventListener("close", () => resolve());
  });
}

function lookAtAll(folder: string): number {
  let sum = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    sum += entry.isDirectory() ? lookAtAll(path) : statSync(path).mtimeMs;
  }
  return sum;
}
