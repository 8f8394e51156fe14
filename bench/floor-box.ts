// Compiles the floor when it has changed, and runs it.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildFlags, executables } from "../scripts/build-steps/build-plan.ts";
import { openRawSocket, type RawSocket } from "./raw-socket.ts";
import { timed } from "./timed.ts";

const root = join(import.meta.dir, "..");
const SOURCES = ["main.ts", "ask.ts", "serve.ts"].map((name) => join(root, "bench/floor", name));

/** The compiled floor. */
export const FLOOR = join(root, "dist/bench/floor");

/** A running floor. */
export interface FloorBox {
  readonly pid: number;
  readonly url: string;
  socket(): Promise<RawSocket>;
  close(): Promise<void>;
}

/** Compiles `dist/bench/floor` with the flags of `ml`, unless it is current. */
export async function buildFloor(): Promise<void> {
  const flags = [...buildFlags, ...(executables.find(({ name }) => name === "ml")?.flags ?? [])];
  const hash = createHash("sha256").update(JSON.stringify(flags));
  for (const path of SOURCES) hash.update(readFileSync(path));
  const inputs = hash.digest("hex");
  const note = `${FLOOR}.inputs`;
  if (existsSync(FLOOR) && existsSync(note) && readFileSync(note, "utf8") === inputs) return;
  mkdirSync(dirname(FLOOR), { recursive: true });
  const [entry = ""] = SOURCES;
  const out = [`--compile-executable-path=${process.execPath}`, `--outfile=${FLOOR}`];
  await timed([process.execPath, "build", ...flags, ...out, entry]);
  writeFileSync(note, inputs);
}

/** Starts it with its rows in that folder. */
export async function openFloor(folder: string): Promise<FloorBox> {
  await buildFloor();
  mkdirSync(folder, { recursive: true });
  const server = Bun.spawn([FLOOR, "serve", join(folder, "floor.db")], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const reader = server.stdout.getReader();
  const { value } = await reader.read();
  const url = `ws://127.0.0.1:${new TextDecoder().decode(value).trim()}/`;
  return {
    pid: server.pid,
    url,
    socket: () => openRawSocket(url, "floor", { saysHello: false }),
    async close() {
      server.kill("SIGTERM");
      await server.exited;
    },
  };
}
