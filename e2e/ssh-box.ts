// A real sshd of its own on 127.0.0.1, with its own host key and one user's key, and the ssh options that lead to it.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { runToEnd, until } from "./box.ts";

/** A running sshd. */
export interface SshBox {
  /** What to type: the user of the tests at a host that only {@link options} know. */
  readonly target: string;
  /** Options of ssh: a config that knows the host, its key and the user's key. Nothing of this machine's own is read. */
  readonly options: readonly string[];
  /** The file of those options, for a test to add to. */
  readonly configPath: string;
  readonly knownHostsPath: string;
  readonly port: number;
  /** Ends every connection in the middle, as a bad line would; sshd itself goes on. Answers how many there were. */
  cut(): Promise<number>;
  /** Lets nobody in any more who is not in already. */
  refuseKeys(): void;
  /** Takes the user's key again. */
  takeKeys(): void;
  /** Ends sshd and all connections. Safe twice. */
  close(): Promise<void>;
}

/** Starts one in a folder that is made. @param settings further lines for sshd_config */
export async function startSshBox(folder: string, settings = ""): Promise<SshBox> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const at = (name: string): string => join(folder, name);
  for (const name of ["host", "user"]) {
    await succeed(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", at(name)]);
  }
  copyFileSync(at("user.pub"), at("authorized_keys"));
  // Where root runs sshd it wants this folder, which the service would make.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const port = await freePort();
  const hostKey = readFileSync(at("host.pub"), "utf8");
  writeFileSync(at("known_hosts"), `[127.0.0.1]:${port} ${hostKey}`);
  writeFileSync(at("sshd_config"), sshdConfig(folder, port) + settings);
  // Not what a variable says: ssh logs in by the account.
  const user = (await succeed(["id", "-un"])).trim();
  const host = ["HostName 127.0.0.1", `Port ${port}`, `User ${user}`, `IdentityFile ${at("user")}`];
  writeFileSync(
    at("ssh_config"),
    `Host gpubox\n  ${host.join("\n  ")}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${at("known_hosts")}\n  GlobalKnownHostsFile /dev/null\n`,
    { mode: 0o600 },
  );
  const sshd = Bun.spawn(
    [Bun.which("sshd") ?? "/usr/sbin/sshd", "-D", "-e", "-f", at("sshd_config")],
    {
      stdin: "ignore",
      stdout: "ignore",
      stderr: Bun.file(at("sshd.log")),
    },
  );
  await until(
    () =>
      existsSync(at("sshd.log")) &&
      readFileSync(at("sshd.log"), "utf8").includes("Server listening"),
    "sshd does not listen",
  );
  const cut = async (): Promise<number> => {
    const pids = childrenOf(sshd.pid);
    for (const pid of pids) killIfThere(pid);
    await until(() => pids.every((pid) => !existsSync(`/proc/${pid}/exe`)), "connections go on");
    return pids.length;
  };
  return {
    target: `${user}@gpubox`,
    options: ["-F", at("ssh_config")],
    configPath: at("ssh_config"),
    knownHostsPath: at("known_hosts"),
    port,
    cut,
    refuseKeys: () => writeFileSync(at("authorized_keys"), ""),
    takeKeys: () => copyFileSync(at("user.pub"), at("authorized_keys")),
    close: async () => {
      await cut();
      sshd.kill();
      await sshd.exited;
    },
  };
}

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** The processes that a process has started, and those of theirs. */
export function childrenOf(parent: number): readonly number[] {
  const parents = readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const ppid = /^PPid:\s+(\d+)/m.exec(statusOf(name))?.[1];
    return ppid === undefined ? [] : [[Number(name), Number(ppid)] as const];
  });
  const below = (pid: number): readonly number[] =>
    parents.flatMap(([child, of]) => (of === pid ? [child, ...below(child)] : []));
  return below(parent);
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It went with its parent.
  }
}

function sshdConfig(folder: string, port: number): string {
  return `ListenAddress 127.0.0.1
Port ${port}
HostKey ${join(folder, "host")}
AuthorizedKeysFile ${join(folder, "authorized_keys")}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
`;
}

async function succeed(command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runToEnd(command, {
    env: { PATH: process.env["PATH"] ?? "" },
  });
  if (code !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
  return stdout;
}
