// The floors of the house as data: which package and which room may import which, and who may touch what.

/** A workspace package, or a folder beside `packages/`, and what it may import from the others. */
export interface Zone {
  /** The name: `protocol` is `packages/protocol` and `@fetchml/protocol`; `e2e` is the folder `e2e`. */
  readonly name: string;
  /** What it is, in a few words. */
  readonly role: string;
  /** Names of the zones it may import, and of their further doors, such as `protocol/schemas`. */
  readonly imports: readonly string[];
  /** Entries of the package beside its `src/index.ts`: `schemas` is `src/schemas.ts`. */
  readonly doors?: readonly string[];
}

/** A folder of `packages/server/src`, and what it may import from its siblings. */
export interface Room {
  readonly name: string;
  /** 0 is the ground; a room imports only rooms of lower floors, or those named in `imports`. */
  readonly floor: number;
  /** Names of the sibling rooms it may import. */
  readonly imports: readonly string[];
  /** The outside things that are this room's own, in words. */
  readonly touches: string;
}

/** Something of the outside world that only few files may touch. */
export interface ReservedAccess {
  /** The thing, as a complaint names it. */
  readonly thing: string;
  /** Modules that give access to it; `node:*` stands for all that begin so. */
  readonly modules: readonly string[];
  /** Modules that match but do no harm. */
  readonly harmless?: readonly string[];
  /** Globals that give access to it, such as `Bun.spawn`; `Bun.*` stands for all that begin so. */
  readonly globals: readonly string[];
  /** The rule holds for files under these paths. */
  readonly within: readonly string[];
  /** Files, and folders ending in `/`, that may touch it all the same. */
  readonly allowed: readonly string[];
  /** Whether tests under `within` may touch it. */
  readonly testsMay: boolean;
}

/** The workspace packages, from the bedrock up. */
export const packages: readonly Zone[] = [
  {
    name: "protocol",
    role: "the words both sides speak; `ml` stays out of its schemas",
    imports: [],
    doors: ["pasted-key", "schemas"],
  },
  {
    name: "client",
    role: "the only way to reach a server",
    imports: ["protocol", "protocol/pasted-key"],
    doors: ["code", "project", "pull"],
  },
  {
    name: "server",
    role: "`fetchml`, on the box",
    imports: ["protocol", "protocol/pasted-key", "protocol/schemas"],
  },
  {
    name: "cli",
    role: "`ml`, anywhere",
    imports: [
      "protocol",
      "protocol/pasted-key",
      "client",
      "client/code",
      "client/project",
      "client/pull",
    ],
  },
];

/** The folders with code beside `packages/`. */
export const outbuildings: readonly Zone[] = [
  {
    name: "e2e",
    role: "tests of the whole",
    imports: ["protocol", "protocol/schemas", "client", "scripts"],
  },
  {
    name: "bench",
    role: "measurements",
    imports: ["protocol", "protocol/schemas", "client", "scripts"],
  },
  {
    name: "scripts",
    role: "the project's own tools",
    imports: packages.flatMap(({ name, doors = [] }) => [
      name,
      ...doors.map((door) => `${name}/${door}`),
    ]),
  },
];

/** Files outside a package that the package's tests may import. */
export const openToTests: readonly string[] = ["e2e/system-tool.ts"];

const aboveTelemetry = (...others: readonly string[]) => ["domain", "telemetry", ...others];

const lowerRooms: readonly Room[] = [
  { name: "domain", floor: 0, imports: [], touches: "nothing" },
  { name: "config", floor: 1, imports: ["domain"], touches: "environment, config file" },
  { name: "store", floor: 1, imports: ["domain"], touches: "SQLite" },
  { name: "logs", floor: 1, imports: ["domain"], touches: "its own folder" },
  { name: "snapshots", floor: 1, imports: ["domain"], touches: "its own folder" },
  { name: "outputs", floor: 1, imports: ["domain"], touches: "its own folder" },
  { name: "secrets", floor: 1, imports: ["domain"], touches: "its own folder" },
  { name: "telemetry", floor: 1, imports: ["domain"], touches: "stdout, counters" },
  { name: "auth", floor: 2, imports: aboveTelemetry("store"), touches: "crypto" },
  { name: "queue", floor: 2, imports: aboveTelemetry("store"), touches: "–" },
  {
    name: "executor",
    floor: 2,
    imports: aboveTelemetry("logs", "snapshots", "outputs", "secrets"),
    touches: "processes, signals, GPUs",
  },
  {
    name: "retention",
    floor: 2,
    imports: aboveTelemetry("store", "logs", "snapshots", "outputs"),
    touches: "what ended jobs have left",
  },
  // What a backup holds comes from several folders, which no room below may read together.
  {
    name: "backup",
    floor: 3,
    imports: ["domain", "store", "snapshots", "secrets", "executor"],
    touches: "backup files, an empty data folder",
  },
  {
    name: "scheduler",
    floor: 3,
    imports: aboveTelemetry("queue", "executor", "retention"),
    touches: "timers",
  },
  {
    name: "rpc",
    floor: 4,
    imports: aboveTelemetry(
      "auth",
      "queue",
      "logs",
      "snapshots",
      "outputs",
      "secrets",
      "retention",
    ),
    touches: "network",
  },
];

/** The rooms of `packages/server/src`, from the ground up. `commands` builds the rest, so it may import every room. */
export const rooms: readonly Room[] = [
  ...lowerRooms,
  {
    name: "commands",
    floor: 5,
    imports: lowerRooms.map(({ name }) => name),
    touches: "process, stdout",
  },
];

/** What the files directly in `packages/server/src` (`main.ts`, `index.ts`) may import. */
export const serverDoor = { files: ["main.ts", "index.ts"], imports: ["commands"] } as const;

/** Every outside thing with few allowed users. What a module lists here, no other file of `within` may touch. */
export const reservedAccesses: readonly ReservedAccess[] = [
  {
    thing: "the SQLite driver",
    modules: ["bun:sqlite"],
    globals: [],
    within: ["packages/"],
    allowed: ["packages/server/src/store/database.ts"],
    testsMay: false,
  },
  {
    thing: "the environment",
    modules: [],
    globals: ["process.env", "Bun.env", "import.meta.env"],
    within: ["packages/"],
    allowed: ["packages/server/src/config/", "packages/cli/src/environment.ts"],
    testsMay: true,
  },
  {
    thing: "a listening socket",
    modules: ["node:net", "node:http", "node:https", "node:http2", "node:tls", "node:dgram"],
    globals: ["Bun.serve", "Bun.listen", "Bun.udpSocket"],
    within: ["packages/"],
    allowed: ["packages/server/src/rpc/"],
    testsMay: true,
  },
  {
    thing: "another process",
    modules: ["node:child_process", "node:cluster"],
    globals: ["Bun.spawn", "Bun.spawnSync", "Bun.$"],
    within: ["packages/server/src/", "packages/protocol/src/"],
    // `commands` asks systemd and the box; `snapshots` copies trees with the box's own tools, and `retention` removes them.
    allowed: [
      "packages/server/src/executor/",
      "packages/server/src/commands/",
      "packages/server/src/snapshots/",
      "packages/server/src/retention/",
    ],
    testsMay: true,
  },
  {
    thing: "I/O, a clock or randomness",
    modules: ["node:*", "bun", "bun:*"],
    harmless: ["node:path", "node:path/posix"],
    globals: [
      "Bun.*",
      "process.*",
      "performance.*",
      "crypto.*",
      "console.*",
      "import.meta.*",
      "Date.now",
      "new Date()",
      "Math.random",
      "fetch()",
      "setTimeout()",
      "setInterval()",
      "queueMicrotask()",
    ],
    within: ["packages/server/src/domain/"],
    allowed: [],
    testsMay: true,
  },
];

/** Words that say nothing: no file name and no folder name has one of them as a whole part. */
export const emptyWords: readonly string[] = [
  "util",
  "utils",
  "helper",
  "helpers",
  "common",
  "shared",
  "misc",
  "manager",
  "service",
  "base",
  "core",
];

/** The most lines a source file may have, tests and fixtures included. */
export const maxLines = 300;

/** Whether a file is a test or a part of tests, which does not ship: `x.test.ts`, `x.fixture.ts`, `fixtures/…`. */
export function isTestFile(path: string): boolean {
  return /\.(?:test|fixture|conformance)\.tsx?$|(?:^|\/)(?:fixtures|testing)\//.test(path);
}
