// A box that is reached through a real sshd, and alice, whose config leads to her end of a tunnel.
import { join } from "node:path";
import { openBox, writeConfig, type Box, type Person } from "./box.ts";
import { openTunnel, type OpenTunnel } from "./open-tunnel.ts";
import { freePort, startSshBox, type SshBox } from "./ssh-box.ts";
import { needsSystem, type DeclareTest } from "./system-tool.ts";

const TOOLS = ["sshd", "ssh", "ssh-keygen"];

/** Whether a box can be put behind a sshd here. */
export const hasSsh = TOOLS.every((tool) => Bun.which(tool) !== null);

/** `test` itself where there are ssh, its server, and these tools; see {@link needsSystem}. */
export function needsSsh(...tools: readonly string[]): DeclareTest {
  return needsSystem(...TOOLS, ...tools);
}

/** What it takes to set one up or to close it, on a machine that has other work to do. */
export const SSH_PATIENCE_MS = 120_000;

/** The box and the way to it. */
export interface BoxBehindSsh {
  readonly box: Box;
  readonly ssh: SshBox;
  readonly alice: Person;
  /** The server's own port, at the far end of a tunnel. */
  readonly boxPort: number;
  /** Writes alice's config anew, with a port of this machine that is free, and answers that. */
  takePort(): Promise<number>;
  /** Starts `ml tunnel` as alice, with further words; {@link closeTunnels} ends it. @param options of ssh, instead of those that lead to the box */
  open(words: readonly string[], options?: readonly string[]): OpenTunnel;
  /** Ends all tunnels that were opened. */
  closeTunnels(): Promise<void>;
  /** Ends everything. */
  close(): Promise<void>;
}

/** Sets one up. */
export async function openBoxBehindSsh(): Promise<BoxBehindSsh> {
  const box = await openBox();
  const ssh = await startSshBox(join(box.folder, "ssh"));
  const alice = await box.addPerson("alice");
  const boxPort = Number(new URL(box.httpUrl).port);
  const lead = (port: number) => writeConfig(alice.home, { apiKey: alice.apiKey, port });
  const opened: OpenTunnel[] = [];
  const closeTunnels = async (): Promise<void> => {
    for (const tunnel of opened.splice(0)) await tunnel.close();
  };
  return {
    box,
    ssh,
    alice,
    boxPort,
    takePort: async () => {
      const port = await freePort();
      lead(port);
      return port;
    },
    open: (words, options = ssh.options) => {
      const tunnel = openTunnel(alice, { ...ssh, options }, words);
      opened.push(tunnel);
      return tunnel;
    },
    closeTunnels,
    close: async () => {
      await closeTunnels();
      // The box ends everybody's jobs when it closes, and does so by alice's config.
      lead(boxPort);
      await ssh.close();
      await box.close();
    },
  };
}
