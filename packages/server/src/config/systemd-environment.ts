// What systemd tells the service that it started, in the environment.

/** How to speak with systemd. */
export interface SystemdEnvironment {
  /** The socket that it listens on: a path, or with `@` before it a name; `null` when nobody asked for news. */
  readonly notifySocket: string | null;
  /** How long it waits for a sign of life, in milliseconds; `null` when it does not. */
  readonly watchdogMs: number | null;
}

/** Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`, as sd_notify(3) and sd_watchdog_enabled(3) say. */
export function systemdEnvironment(
  env: Readonly<Record<string, string | undefined>> = process.env,
  pid: number = process.pid,
): SystemdEnvironment {
  const socket = env["NOTIFY_SOCKET"] ?? "";
  const isOurs = ["", String(pid)].includes(env["WATCHDOG_PID"] ?? "");
  const microseconds = Number(env["WATCHDOG_USEC"] ?? "");
  return {
    notifySocket: /^[/@]./.test(socket) ? socket : null,
    watchdogMs:
      isOurs && Number.isSafeInteger(microseconds) && microseconds > 0 ? microseconds / 1000 : null,
  };
}
