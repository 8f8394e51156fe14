// The words that ssh is started with.
import type { TunnelPlan } from "./tunnel-plan.ts";

/** Seconds between two questions whether the box is still there, and how many may stay unanswered. */
const ALIVE_INTERVAL_S = 15;
const ALIVE_COUNT = 3;

/**
 * The command line of ssh.
 *
 * @param canAsk whether somebody is there to type a passphrase; otherwise ssh fails at once instead of waiting for one
 */
export function sshArguments(plan: TunnelPlan, canAsk: boolean): readonly string[] {
  return [
    "ssh",
    ...plan.sshOptions,
    "-N",
    "-L",
    forwardOf(plan, ":"),
    ...(canAsk ? [] : ["-o", "BatchMode=yes"]),
    ...OPTIONS.flatMap((option) => ["-o", option]),
    "--",
    plan.box,
  ];
}

/** The lines for `~/.ssh/config` that do the same without `ml`. */
export function sshStanza({ box, ...plan }: TunnelPlan): string {
  const { user, host, port } = partsOf(box);
  return [
    '# For ~/.ssh/config: "ssh -N fetchml" then opens the tunnel. Where your ssh_config has a Host of that name already',
    `# (${host}), copy what it says below it, such as its IdentityFile.`,
    "Host fetchml",
    `  HostName ${host}`,
    ...(user === null ? [] : [`  User ${user}`]),
    ...(port === null ? [] : [`  Port ${port}`]),
    `  LocalForward ${forwardOf(plan, " ")}`,
    "  ExitOnForwardFailure yes",
    `  ServerAliveInterval ${ALIVE_INTERVAL_S}`,
    `  ServerAliveCountMax ${ALIVE_COUNT}`,
    "",
  ].join("\n");
}

const OPTIONS = [
  "ExitOnForwardFailure=yes",
  `ServerAliveInterval=${ALIVE_INTERVAL_S}`,
  `ServerAliveCountMax=${ALIVE_COUNT}`,
  "ConnectTimeout=15",
  // Nobody else on the network may use the tunnel, whatever ssh_config says of others.
  "GatewayPorts=no",
  // A master connection that is shared would keep the forwarding when this ssh ends, or be left behind by it.
  "ControlMaster=no",
  "ControlPath=none",
  // Less, and it would not be known why it failed.
  "LogLevel=INFO",
];

function forwardOf(
  { localPort, remotePort }: Pick<TunnelPlan, "localPort" | "remotePort">,
  between: ":" | " ",
): string {
  return `${localPort}${between}localhost:${remotePort}`;
}

interface Parts {
  readonly user: string | null;
  readonly host: string;
  readonly port: string | null;
}

function partsOf(box: string): Parts {
  const url = box.startsWith("ssh://") ? URL.parse(box) : null;
  if (url !== null) {
    return { user: url.username || null, host: url.hostname, port: url.port || null };
  }
  const at = box.lastIndexOf("@");
  return { user: at === -1 ? null : box.slice(0, at), host: box.slice(at + 1), port: null };
}
