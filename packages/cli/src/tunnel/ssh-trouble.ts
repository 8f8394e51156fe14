// What ssh says when it fails, as words of ours, and whether trying again could help.
import { shellQuote } from "@fetchml/client";
import { FetchmlError } from "@fetchml/protocol";
import { plainText } from "../render/plain-text.ts";
import type { SshEnd } from "./ssh-process.ts";
import type { TunnelPlan } from "./tunnel-plan.ts";

/** The error for a port that cannot be forwarded, which ssh may say and go on; `null` for all else. */
export function forwardTrouble(said: string, plan: TunnelPlan): FetchmlError | null {
  // It goes on with ::1 alone where another program has 127.0.0.1.
  if (/^bind .*Address already in use|cannot listen to port/m.test(said)) {
    return portInUse(plan, "another program has taken it");
  }
  if (/^bind .*Permission denied|Privileged ports can only/m.test(said)) {
    return portInUse(plan, "ports below 1024 are for root alone");
  }
  if (!/open failed: administratively prohibited/.test(said)) return null;
  return stuck(plan, {
    why: "its sshd forwards no ports for you",
    advice: "Its admin has to set AllowTcpForwarding in sshd_config.",
  });
}

/** The error for an ssh that ended for what no later try can mend; `null` for all else. */
export function hopelessTrouble(said: string, plan: TunnelPlan): FetchmlError | null {
  const forwarding = forwardTrouble(said, plan);
  if (forwarding !== null) return forwarding;
  const ssh = plainSsh(plan);
  if (/HOST IDENTIFICATION HAS CHANGED/.test(said)) {
    return stuck(plan, {
      why: "its host key is not the one that is known, so another machine may pose as it",
      advice: `Ask its admin whether it was set up anew. Only then forget the old key with ssh-keygen -R, and type "${ssh}" once.`,
    });
  }
  if (/^Host key verification failed|^No .* host key is known for/m.test(said)) {
    return stuck(plan, {
      why: "its host key is not known here",
      advice: `Type "${ssh}" once, and compare the fingerprint with what its admin tells you.`,
    });
  }
  const [denied] = /.*Permission denied \(.*|.*Too many authentication failures.*/.exec(said) ?? [];
  if (denied !== undefined) {
    return stuck(plan, {
      why: `it does not let you in (${lastPart(denied)})`,
      advice: `Give your public SSH key to its admin, or put it there with ssh-copy-id; "${ssh}" must work first.`,
    });
  }
  const [usage] =
    /.*(?:Bad configuration option|^usage: ssh|unknown option --|Bad owner or permissions on|^Bad (?:port|\w+ forwarding)|contains invalid characters).*/m.exec(
      said,
    ) ?? [];
  if (usage === undefined) return null;
  return stuck(plan, {
    why: `ssh says ${JSON.stringify(lastPart(usage))}`,
    advice: 'Mend the name of the box, what stands after "--", or your ssh_config.',
  });
}

/**
 * The error for a name that nobody knows; `null` for all else. It says nothing of whether that name was known a moment ago, as
 * before a laptop changed networks.
 */
export function unknownName(said: string, plan: TunnelPlan): FetchmlError | null {
  const [, name, why] = /^[^:\s]+: Could not resolve hostname (.+?): (.*)$/m.exec(said) ?? [];
  if (name === undefined || why === undefined) return null;
  return stuck(plan, {
    why: `no address is known for the name "${plainText(name)}" (${lastPart(why)})`,
    advice: `Is the name right, and is this machine in the network or VPN that knows it? "${plainSsh(plan)}" must work first.`,
  });
}

/** Why a tunnel ended that is worth another try, as the end of a sentence. */
export function whyEnded({ code, said }: SshEnd): string {
  const last = said
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    // What it says of single connections through the tunnel is not why the tunnel ended.
    .findLast((line) => line !== "" && !/^channel \d+: |^Warning: /.test(line));
  if (last !== undefined) return lastPart(last);
  return code > 128 && code < 255
    ? `ssh was ended by signal ${code - 128}`
    : `ssh ended with exit code ${code}`;
}

/** The error for a port of this machine that cannot be listened on. */
export function portInUse({ localPort, box }: TunnelPlan, why: string): FetchmlError {
  return new FetchmlError(
    "conflict",
    `Cannot open the tunnel: port ${localPort} of this machine cannot be used, since ${why}.\n` +
      `See what listens there with "ss -ltnp 'sport = :${localPort}'", or take another port:\n` +
      `"ml tunnel ${shellQuote(box)} --local-port ${localPort + 1}" and api_url = "ws://localhost:${localPort + 1}/ws".`,
  );
}

/** `Cannot open the tunnel to BOX: why. What next` */
export function stuck(
  { box }: TunnelPlan,
  { why, advice }: { readonly why: string; readonly advice: string },
): FetchmlError {
  return new FetchmlError(
    "unreachable",
    `Cannot open the tunnel to ${plainText(box)}: ${why}.\n${advice}`,
  );
}

/** What a person types to go there without a tunnel. */
function plainSsh({ sshOptions, box }: TunnelPlan): string {
  return ["ssh", ...sshOptions, box].map(shellQuote).join(" ");
}

function lastPart(line: string): string {
  return plainText(
    line
      .replace(/^ssh: /, "")
      .replace(/^client_loop: send disconnect: /, "the line was cut: ")
      .replace(/[.\s]+$/, ""),
  ).slice(0, 200);
}
