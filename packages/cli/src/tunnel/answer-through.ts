// Waits until FetchML answers through a tunnel that is being opened, or until it is plain that it does not.
import { whoAnswers } from "@fetchml/client";
import { FetchmlError } from "@fetchml/protocol";
import { plainText } from "../render/plain-text.ts";
import type { SshEnd, SshProcess } from "./ssh-process.ts";
import { forwardTrouble, stuck } from "./ssh-trouble.ts";
import { pauseUnless, whenAborted } from "./stop-signal.ts";
import type { TunnelPlan } from "./tunnel-plan.ts";

/** How to wait. */
export interface Waiting {
  /** Whether a tunnel to this box worked before: then a server that does not run yet, as after a reboot, is waited for. */
  readonly wasUp: boolean;
  /** Told once, when that waiting begins. */
  readonly onAbsent: () => void;
  /** Aborts when nobody wants the tunnel any more. */
  readonly signal: AbortSignal;
}

const FIRST_PAUSE_MS = 30;
const LONGEST_PAUSE_MS = 500;
const ANSWER_LIMIT_MS = 10_000;
/** So many connections that end without a word count as nobody listening; as a rule ssh says so sooner. */
const CLOSED_LIMIT = 5;

/**
 * Asks until FetchML answers. A passphrase may be typed meanwhile, so there is no limit in time.
 *
 * @returns `up`; how ssh ended, when it did; `null` when the signal came first
 * @throws FetchmlError `not-fetchml` when another program answers; `unreachable` when nothing listens on the box; `conflict` when
 *   the port of this machine is in use
 */
export async function answerThrough(
  ssh: SshProcess,
  plan: TunnelPlan,
  { wasUp, onAbsent, signal }: Waiting,
): Promise<"up" | SshEnd | null> {
  const { aborted, forget } = whenAborted(signal);
  const unlessOver = <T>(work: Promise<T>) => Promise.race([work, ssh.ended, aborted]);
  const absence = noticeAbsence(ssh, () => {
    if (!wasUp) throw nobodyThere(plan);
    onAbsent();
  });
  try {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)) {
      const answer = await unlessOver(whoAnswers(plan, ANSWER_LIMIT_MS));
      if (answer === null || "code" in answer) return answer;
      const trouble = forwardTrouble(ssh.said, plan);
      if (trouble !== null) throw trouble;
      if (answer.kind === "fetchml") return "up";
      refuseStranger(answer, plan);
      absence(answer);
      const end = await unlessOver(pauseUnless(signal, pauseMs));
      if (end !== undefined) return end;
    }
  } finally {
    forget();
  }
}

type Answer = Awaited<ReturnType<typeof whoAnswers>>;

/** @throws FetchmlError `not-fetchml` for an answer that no later one will mend */
function refuseStranger({ kind, sign }: Answer, plan: TunnelPlan): void {
  if (kind === "stranger" || kind === "untrusted") throw stranger(plan, sign);
  if (sign === "ETIMEDOUT") throw stranger(plan, `no answer within ${ANSWER_LIMIT_MS / 1000} s`);
}

/** Takes one answer after the other, and calls back once when they show that nothing listens on the box. */
function noticeAbsence(ssh: SshProcess, onAbsent: () => void): (answer: Answer) => void {
  let closed = 0;
  let isTold = false;
  return ({ kind }) => {
    if (kind === "closed") closed += 1;
    const isAbsent = closed >= CLOSED_LIMIT || ssh.said.includes(": open failed: ");
    if (!isAbsent || isTold) return;
    isTold = true;
    onAbsent();
  };
}

function stranger({ box, remotePort, apiUrl }: TunnelPlan, sign: string): FetchmlError {
  return new FetchmlError(
    "not-fetchml",
    `The tunnel opens, but what answers at ${apiUrl} through it is not FetchML (${sign}).\n` +
      `Port ${remotePort} of ${plainText(box)} is another program's; 9100 is also that of Prometheus node_exporter.\n` +
      'Where does FetchML listen there? Name that port with "--port N".',
  );
}

function nobodyThere(plan: TunnelPlan): FetchmlError {
  return stuck(plan, {
    why: `nothing listens on port ${plan.remotePort} there`,
    advice: `Does the server run? "fetchml doctor" on the box says how to start it, with systemctl or "fetchml serve"; if it listens elsewhere, name its port with "--port N".`,
  });
}
