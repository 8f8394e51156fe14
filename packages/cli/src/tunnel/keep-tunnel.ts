// Keeps a tunnel open: opens it, sees who answers, and opens it anew when it was lost.
import { shellQuote, whoAnswers } from "@fetchml/client";
import { FetchmlError } from "@fetchml/protocol";
import { probePort } from "../doctor/probe.ts";
import type { Environment } from "../environment.ts";
import { plainLines, plainText } from "../render/plain-text.ts";
import { answerThrough } from "./answer-through.ts";
import { sshArguments } from "./ssh-arguments.ts";
import { SshProcess, type SshEnd } from "./ssh-process.ts";
import { hopelessTrouble, portInUse, unknownName, whyEnded } from "./ssh-trouble.ts";
import { pauseUnless, whenAborted } from "./stop-signal.ts";
import type { TunnelPlan } from "./tunnel-plan.ts";

/** What the work needs from outside. */
export interface Keeping {
  readonly environment: Pick<Environment, "stderr" | "stdin" | "variables" | "platform" | "now">;
  /** Aborts when nobody wants the tunnel any more. */
  readonly signal: AbortSignal;
  /** Whether all that ssh says is told. */
  readonly isTalkative: boolean;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Keeps the tunnel open until the signal comes. Pauses between tries double from half a second to half a minute, each shortened
 * by chance to no less than half, and start anew after a tunnel that lasted longer than the longest.
 *
 * @throws FetchmlError for what another try cannot mend: `conflict` for a port in use, `unreachable` for a box that does not let
 *   one in, is not the one that is known, or whose name nobody has known since the beginning, `not-fetchml` when another program
 *   answers
 */
export async function keepTunnel(plan: TunnelPlan, keeping: Keeping): Promise<void> {
  const { signal, environment } = keeping;
  const say = (line: string) => environment.stderr.write(`${line}\n`);
  let wasUp = false;
  // Whether the box's name was known once: then it is this machine that left the network, as a laptop does.
  let wasKnown = false;
  for (let pauseMs = FIRST_PAUSE_MS; ;) {
    await refuseTakenPort(plan);
    const openedAt = environment.now();
    const end = await openOnce(plan, keeping, {
      wasUp,
      onUp: () => {
        wasUp = true;
        say(upWords(plan));
      },
    });
    if (end === null) return;
    const trouble = hopelessTrouble(end.said, plan);
    if (trouble !== null) throw trouble;
    const unknown = unknownName(end.said, plan);
    if (unknown === null) wasKnown = true;
    else if (!wasKnown) throw unknown;
    if (environment.now() - openedAt > LONGEST_PAUSE_MS) pauseMs = FIRST_PAUSE_MS;
    const waitMs = pauseMs * (0.5 + Math.random() / 2);
    const what = wasUp ? "The tunnel to BOX was lost" : "Cannot open the tunnel to BOX yet";
    say(
      `${what.replace("BOX", plainText(plan.box))}: ${whyEnded(end)}. Trying again in ${(waitMs / 1000).toFixed(1)} s; Ctrl-C ends it.`,
    );
    await pauseUnless(signal, waitMs);
    if (signal.aborted) return;
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

interface OneTime {
  readonly wasUp: boolean;
  readonly onUp: () => void;
}

/** From the start of one ssh to its end; `null` when the signal came first. */
async function openOnce(
  plan: TunnelPlan,
  { environment, signal, isTalkative }: Keeping,
  { wasUp, onUp }: OneTime,
): Promise<SshEnd | null> {
  const { stderr, stdin, variables, platform } = environment;
  const ssh = new SshProcess({
    words: sshArguments(plan, stdin.isTerminal),
    variables,
    platform,
    ...(isTalkative ? { onSaid: (text: string) => stderr.write(plainLines(text)) } : {}),
  });
  const { aborted, forget } = whenAborted(signal);
  try {
    const answer = await answerThrough(ssh, plan, {
      wasUp,
      onAbsent: () =>
        stderr.write(`The tunnel is open again; FetchML on the box does not answer yet.\n`),
      signal,
    });
    if (answer !== "up") return answer;
    onUp();
    return await Promise.race([ssh.ended, aborted]);
  } finally {
    forget();
    await ssh.close();
  }
}

/** @throws FetchmlError `conflict` when something listens on this machine's end of the tunnel */
async function refuseTakenPort(plan: TunnelPlan): Promise<void> {
  const { localPort: port, apiUrl, box } = plan;
  // ssh is content with one of the two, and whoever has the other would get the connections.
  const troubles = await Promise.all(
    ["127.0.0.1", "::1"].map((host) => probePort({ host, port, timeLimitMs: 1000 })),
  );
  if (!troubles.includes(null)) return;
  const { kind } = await whoAnswers(plan, 1000);
  if (kind !== "fetchml") throw portInUse(plan, "another program listens on it");
  throw new FetchmlError(
    "conflict",
    `Cannot open the tunnel: FetchML answers at ${apiUrl} already, so a tunnel is up or the server runs on this machine.\n` +
      `Try "ml status"; for a second box "ml tunnel ${shellQuote(box)} --local-port ${port + 1}".`,
  );
}

function upWords({ box, apiUrl, isConfigured }: TunnelPlan): string {
  const use = isConfigured ? "" : ` For ml to use it, set api_url = "${apiUrl}" in its config.`;
  return `The tunnel to ${plainText(box)} is up: FetchML answers at ${apiUrl}.${use} Leave this open; Ctrl-C closes it.`;
}
