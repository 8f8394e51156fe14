// The step that writes the config file.
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { configText } from "../../config/config-text.ts";
import type { SetUpPlan } from "./set-up-plan.ts";
import type { SetUpStep } from "./set-up-step.ts";

/** Writes a commented config, and never over one that is there. It holds no secret: everybody may read it. */
export function configStep({ configPath, dataDir, settings }: SetUpPlan): SetUpStep {
  if (existsSync(configPath)) return { isDone: true, says: `The config ${configPath} is there` };
  const { host, port } = settings.listen;
  const listen = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return {
    isDone: false,
    says: `Write the config ${configPath}`,
    act: () => writeWhole(configPath, configText({ dataDir, listen, sandbox: settings.sandbox })),
  };
}

function writeWhole(path: string, text: string): void {
  try {
    openToAll(dirname(path), mkdirSync(dirname(path), { recursive: true, mode: 0o755 }));
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, text, { mode: 0o644, flag: "wx" });
    // Whatever the umask: the account of the service reads it.
    chmodSync(temporary, 0o644);
    renameSync(temporary, path);
  } catch (error) {
    const why = error instanceof Error ? error.message : "unknown reason";
    throw new FetchmlError(
      "bad-file",
      `Cannot write the config ${path}: ${why}.\nName another with --config, or type "sudo fetchml init".`,
      { cause: error },
    );
  }
}

/** What root makes here is for the account of the service, whatever the umask: a config that it cannot reach would not count. */
function openToAll(folder: string, firstMade: string | undefined): void {
  if (firstMade === undefined || process.geteuid?.() !== 0) return;
  for (let made = folder; ; made = dirname(made)) {
    chmodSync(made, 0o755);
    if (made === firstMade || made === dirname(made)) return;
  }
}
