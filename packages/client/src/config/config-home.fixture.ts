// A temporary home folder with a config file, for tests.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateApiKey } from "@fetchml/protocol";
import type { ConfigSurroundings } from "./surroundings.ts";

/** A home folder that is gone when it is disposed of. */
export interface ConfigHome extends Disposable {
  readonly home: string;
  /** `~/.ml`, mode 0700. */
  readonly folder: string;
  /** `~/.ml/config.toml`; there only after {@link ConfigHome.write}. */
  readonly file: string;
  write(content: string | Uint8Array, mode?: number): void;
  read(): string;
  /** The permission bits of a path, such as 0o600. */
  modeOf(path: string): number;
  /** For a command typed here, with these variables and flags and no others. */
  surroundings(
    env?: Record<string, string>,
    flags?: NonNullable<ConfigSurroundings["flags"]>,
  ): ConfigSurroundings;
}

/** Makes one. */
export function makeConfigHome(): ConfigHome {
  const home = mkdtempSync(join(tmpdir(), "fetchml-config-"));
  const folder = join(home, ".ml");
  const file = join(folder, "config.toml");
  mkdirSync(folder, { mode: 0o700 });
  return {
    home,
    folder,
    file,
    write(content, mode = 0o600) {
      writeFileSync(file, content);
      chmodSync(file, mode);
    },
    read: () => readFileSync(file, "utf8"),
    modeOf: (path) => statSync(path).mode & 0o777,
    surroundings: (env = {}, flags = {}) => ({ env, home, flags }),
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** A valid key, made here so that none stands in the tree. The same seed gives the same key. */
export function sampleKey(seed = 1): string {
  const randomBytes = (count: number) =>
    Uint8Array.from({ length: count }, (_, at) => (at * 7 + seed * 13) & 31);
  return generateApiKey({ id: "test", randomBytes });
}
