// Kills the client or the server in the middle of a transfer, and has the server running again afterwards.
import type { Box } from "../box.ts";
import type { Random } from "../torture/random.ts";

/** Who is killed: the client, the server, or the server and once more while it settles what the first kill has left. */
export type Victim = "client" | "server" | "server-twice";

/** Who it may be, the likelier the oftener. */
export const VICTIMS: readonly Victim[] = ["client", "client", "server", "server-twice"];

/** How a transfer ended that somebody was killed in. */
export interface Struck {
  /** Whether the client was still at work at that moment. */
  readonly isHit: boolean;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Lets a client that has just started work for a while, kills, and waits for its end. The server runs then. */
export async function strike(
  box: Box,
  client: Bun.Subprocess<"pipe", "pipe", "pipe">,
  how: { readonly victim: Victim; readonly delayMs: number; readonly random: Random },
): Promise<Struck> {
  void client.stdin.end();
  const said = Promise.all([
    new Response(client.stdout).text(),
    new Response(client.stderr).text(),
    client.exited,
  ]);
  // Either the time comes first or the end: both are what a random point means.
  await Promise.race([Bun.sleep(how.delayMs), client.exited]);
  const isHit = client.exitCode === null && client.signalCode === null;
  if (how.victim === "client") client.kill("SIGKILL");
  else await killServer(box, how);
  const [stdout, stderr, code] = await said;
  return { isHit, code, stdout, stderr };
}

async function killServer(
  box: Box,
  { victim, random }: { readonly victim: Victim; readonly random: Random },
): Promise<void> {
  await box.stop("SIGKILL");
  if (victim === "server-twice") {
    const starting = box.start().catch(() => undefined);
    await Bun.sleep(random.whole(0, 150));
    await box.stop("SIGKILL");
    await starting;
  }
  await box.start();
}
