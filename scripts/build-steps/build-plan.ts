// What `npm run build` makes, as data: the executables, the machines they are for, the flags.

/** One program to compile into a single file. */
export interface Executable {
  readonly name: string;
  /** Its main file, relative to the project's root. */
  readonly entry: string;
  /**
   * Files it starts as workers, likewise. Only the main file may name them, as `new URL("./room/x.ts", import.meta.url)`:
   * inside an executable every `import.meta.url` is that of the main file's folder.
   */
  readonly workers: readonly string[];
  /** Flags for it alone, beside {@link buildFlags}. */
  readonly flags: readonly string[];
}

/** A kind of machine to compile for. */
export interface Target {
  /** Name of its folder under `dist/`. */
  readonly name: string;
  /** What Bun calls it. x64 is always the baseline: old Xeons have no AVX2. */
  readonly bunTarget: string;
  /** The platform and processor as `process.platform` and `process.arch` say them. */
  readonly host: string;
  /** Names of the executables made for it. */
  readonly executables: readonly string[];
}

/** The two programs. */
export const executables: readonly Executable[] = [
  {
    name: "ml",
    entry: "packages/cli/src/main.ts",
    workers: [],
    flags: [
      // A command is over before compiled code has paid for itself: 2 ms of 13. Ten times later than usual is soon enough for
      // 20,000 files; at a hundred times they take longer.
      "--compile-jit-policy=10",
      // Many small pieces cost more to find than to load.
      "--min-chunk-size=16384",
    ],
  },
  { name: "fetchml", entry: "packages/server/src/main.ts", workers: [], flags: [] },
];

/** The machines of `--all-targets`: the box is Linux, a user's may be anything. */
export const targets: readonly Target[] = [
  {
    name: "linux-x64",
    bunTarget: "bun-linux-x64-baseline",
    host: "linux-x64",
    executables: ["ml", "fetchml"],
  },
  {
    name: "linux-arm64",
    bunTarget: "bun-linux-arm64",
    host: "linux-arm64",
    executables: ["ml", "fetchml"],
  },
  {
    name: "macos-arm64",
    bunTarget: "bun-darwin-arm64",
    host: "darwin-arm64",
    executables: ["ml"],
  },
  { name: "macos-x64", bunTarget: "bun-darwin-x64", host: "darwin-x64", executables: ["ml"] },
  { name: "windows-x64", bunTarget: "bun-windows-x64", host: "win32-x64", executables: ["ml"] },
];

/** Flags of every build. */
export const buildFlags: readonly string[] = [
  "--compile",
  "--minify",
  // 14 ms of start become 9 ms with zod inside.
  "--bytecode",
  // Bytecode alone means CommonJS, and there `import.meta.url` is the source's path on the machine that built it:
  // it tells a stranger our folders, and a worker would be loaded from that path.
  "--format=esm",
  // A command's code is loaded when it is typed, not before: 2 ms of 15.
  "--splitting",
  // Otherwise a hostile folder runs its own code in our commands.
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
];
