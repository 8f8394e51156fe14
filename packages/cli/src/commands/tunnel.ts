// `ml tunnel`: open the way to the box through ssh, and keep it open.
import { readServerConfig } from "@fetchml/client";
import { EXIT, FetchmlError } from "@fetchml/protocol";
import { countOf, isSet } from "../args/option-values.ts";
import type { RunCommand } from "../command.ts";
import { plainText } from "../render/plain-text.ts";
import { surroundingsOf } from "../session.ts";
import { keepTunnel } from "../tunnel/keep-tunnel.ts";
import { sshStanza } from "../tunnel/ssh-arguments.ts";
import { planTunnel } from "../tunnel/tunnel-plan.ts";

const PORTS = { min: 1, max: 65_535 };

/**
 * Keeps the tunnel open until Ctrl-C, which ends it with 130. No key is read.
 *
 * @throws FetchmlError usage, bad-file; conflict, unreachable and not-fetchml as `keepTunnel` does
 */
export const run: RunCommand = async (invocation, environment) => {
  const { options, words, command } = invocation;
  const { stdout, stderr, home, variables } = environment;
  const config = readServerConfig(surroundingsOf(invocation, environment));
  for (const line of [...config.warnings, ...config.notes]) stderr.write(`${plainText(line)}\n`);
  const wish = {
    box: words[0] ?? null,
    localPort: countOf(options, "local-port", PORTS),
    remotePort: countOf(options, "port", PORTS),
    sshOptions: command ?? [],
  };
  const plan = planTunnel(wish, config, home);
  if (isSet(options, "print-config")) {
    stdout.write(sshStanza(plan));
    return EXIT.ok;
  }
  if (Bun.which("ssh", { PATH: variables["PATH"] ?? "" }) === null) {
    throw new FetchmlError(
      "unreachable",
      'Cannot open the tunnel: there is no "ssh" in PATH. Install the OpenSSH client.',
    );
  }
  const stop = new AbortController();
  const forget = environment.onInterrupt(() => stop.abort());
  try {
    const isTalkative = isSet(options, "debug") || plan.sshOptions.some((one) => /^-v+$/.test(one));
    await keepTunnel(plan, { environment, signal: stop.signal, isTalkative });
  } finally {
    forget();
  }
  stderr.write(`The tunnel to ${plainText(plan.box)} is closed.\n`);
  return EXIT.interrupted;
};
