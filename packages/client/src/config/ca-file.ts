// The file with the certificate authority that a server's certificate is signed by, where that is none the system knows.
import { readFileSync } from "node:fs";
import { FetchmlError } from "@fetchml/protocol";
import type { ConfigPath } from "./config-path.ts";
import { shortPath } from "./short-path.ts";
import type { ConfigSurroundings } from "./surroundings.ts";

/** Where the name of a CA file may come from. */
export interface CaChoice {
  readonly env: ConfigSurroundings["env"];
  readonly path: ConfigPath;
  /** `ca_file` of the config, as it is written; `null` when there is none. */
  readonly written: string | null;
}

/**
 * The certificates to trust, as PEM: those of `ML_CA_FILE`, else of `ca_file`, whose path may begin with `~/` and otherwise
 * starts at the config's folder. `null` where neither names a file: then the system's count.
 *
 * @throws FetchmlError `bad-file` when the file cannot be read or holds no certificate
 */
export function readCa({ env, path, written }: CaChoice): string | null {
  const fromEnvironment = env["ML_CA_FILE"];
  if (!fromEnvironment && written === null) return null;
  // Loaded only here: most have no use for it.
  const { dirname, join, resolve } = process.getBuiltinModule("node:path");
  if (fromEnvironment) return readCertificates(resolve(fromEnvironment), "ML_CA_FILE", path.home);
  if (written === null) return null;
  const file = written.startsWith("~/")
    ? join(path.home, written.slice(2))
    : resolve(dirname(path.file), written);
  return readCertificates(file, `ca_file in ${path.shown}`, path.home);
}

function readCertificates(file: string, source: string, home: string): string {
  const shown = shortPath(file, home);
  const text = readText(file, `Cannot read the CA file ${shown} (${source})`);
  if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
  throw new FetchmlError(
    "bad-file",
    `The CA file ${shown} (${source}) holds no certificate in PEM form.\n` +
      'It must have the lines from "-----BEGIN CERTIFICATE-----" on. Ask your admin for the right file.',
  );
}

function readText(file: string, complaint: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new FetchmlError(
      "bad-file",
      `${complaint}: ${code === "ENOENT" ? "there is no such file" : code}.\n` +
        "Put the file of your server's certificate authority there, or take the line out.",
      { cause: error },
    );
  }
}
