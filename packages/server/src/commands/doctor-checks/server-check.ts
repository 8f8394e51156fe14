// Checks that a server owns the data folder, answers on its socket, and is the release that is installed.
import { formatDuration, PRODUCT_VERSION } from "@fetchml/protocol";
import type { Settings } from "../../config/settings.ts";
import { tryLockDataFolder } from "../../store/data-folder-lock.ts";
import { failed, ok, warning, type BoxCheck } from "../box-checks/box-check.ts";
import { socketPath } from "../data-folder.ts";
import { listeningBeside } from "./listening.ts";
import type { Asked, Status } from "./running-server.ts";

const NAME = "server";

/** Judges by what came of asking it. */
export function checkServer({ dataDir }: Pick<Settings, "dataDir">, asked: Asked): BoxCheck {
  switch (asked.kind) {
    case "answers":
      return judge(asked.status, dataDir);
    case "absent":
      return absent(dataDir);
    case "mute":
      return failed(NAME, { message: asked.why, fix: restart(dataDir) });
  }
}

/** What a check of the server goes by. */
export type Told = Pick<Status, "counts"> & {
  readonly server: Pick<Status["server"], "version" | "started_at" | "now">;
  readonly box: Pick<Status["box"], "drained">;
};

/** What the answer says of the server. */
export function judge(
  {
    server: { version, started_at: startedAt, now },
    box: { drained },
    counts: { running, queued },
  }: Told,
  dataDir: string,
): BoxCheck {
  const facts = { version, started_at: startedAt, drained, running, queued };
  if (version !== PRODUCT_VERSION) {
    const message = `FetchML ${version} runs, and ${PRODUCT_VERSION} is installed: start it anew; jobs go on`;
    return warning(NAME, { message, fix: restart(dataDir), facts });
  }
  if (drained) {
    const message = "it is drained: nothing new starts";
    return warning(NAME, { message, fix: "fetchml resume", facts });
  }
  const up = formatDuration(Math.max(0, now - startedAt));
  return ok(NAME, `FetchML ${version}, up for ${up}; ${running} running, ${queued} queued`, facts);
}

function absent(dataDir: string): BoxCheck {
  const lock = tryLockDataFolder(dataDir);
  if (lock === null) {
    const message = `a process owns ${dataDir} and does not answer: it starts, stops or hangs`;
    return failed(NAME, { message, fix: restart(dataDir) });
  }
  lock.close();
  return failed(NAME, { message: `no server runs on ${dataDir}`, fix: start() });
}

function start(): string {
  return hasUnit() ? "sudo systemctl enable --now fetchml" : "fetchml serve";
}

function restart(dataDir: string): string {
  if (hasUnit()) return "sudo systemctl restart fetchml";
  const pid = listeningBeside(socketPath(dataDir))?.pid;
  return `${pid === undefined ? "pkill -x fetchml" : `kill ${pid}`}; fetchml serve`;
}

function hasUnit(): boolean {
  return (
    Bun.which("systemctl") !== null &&
    Bun.spawnSync(["systemctl", "is-enabled", "--quiet", "fetchml.service"], {
      stdio: ["ignore", "ignore", "ignore"],
    }).exitCode === 0
  );
}
