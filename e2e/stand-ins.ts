// What stands in for the parts of a box that a test must not touch: small programs that come first in PATH.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The GPU that the stand-in for `nvidia-smi` lists. */
const GPU = "GPU-00000000-0000-0000-0000-000000000001";

/** Each program, and what it does instead. */
const PROGRAMS: Readonly<Record<string, string>> = {
  // The account of the test does everything itself.
  sudo: 'exec "$@"',
  // Runs the server as the unit would; nginx is started by the test.
  systemctl: `
log=$HOME/server.log
pid=$(cat "$HOME/server.pid" 2>/dev/null || echo none)
is_up() { kill -0 "$pid" 2>/dev/null; }
start() {
  is_up && return
  # Emptied here: else the line of the server before could be taken for this one's.
  : >"$log"
  fetchml serve >>"$log" 2>&1 </dev/null &
  pid=$!
  echo "$pid" >"$HOME/server.pid"
  until grep -q '"listening"' "$log"; do is_up || { cat "$log" >&2; exit 1; }; sleep 0.05; done
}
stop() {
  is_up || return 0
  kill "$pid"
  while is_up; do sleep 0.05; done
}
case "$*" in
  'reload nginx') ;;
  'enable --now fetchml' | 'start fetchml') start ;;
  'disable --now fetchml' | 'stop fetchml') stop ;;
  'restart fetchml') stop; start ;;
  'reload fetchml') kill -HUP "$pid" ;;
  *) exit 1 ;;
esac`,
  // The log that systemctl above has written.
  journalctl: 'tail -n 50 "$HOME/server.log"',
  // There is one account only.
  "systemd-sysusers": "exit 0",
  // The other box is a folder of this machine.
  scp: 'cp "$1" "${2#*:}"',
  // The test starts nginx itself, with this very file.
  nginx: "exit 0",
  // A box with one GPU, which nobody uses.
  "nvidia-smi": `
case "$*" in
  --list-gpus) echo 'GPU 0: Stand-in (UUID: ${GPU})' ;;
  *--query-gpu*) echo '${GPU}, 0, Stand-in, 1024' ;;
esac`,
};

/** Writes the programs into a folder that is made. */
export function writeStandIns(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(PROGRAMS)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  }
}
