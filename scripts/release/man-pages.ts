// Makes the manual pages of `ml` and `fetchml` from their command tables.
import { EXIT, PRODUCT_VERSION } from "@fetchml/protocol";
import { GLOBAL_OPTIONS } from "../../packages/cli/src/args/global-options.ts";
import type { Command, OptionSpec, OptionSpecs } from "../../packages/cli/src/command.ts";
import type { AdminCommand } from "../../packages/server/src/commands/command-table.ts";
import { entry, literal, paragraph, section, subsection } from "./roff.ts";

/** `ml.1`. */
export function mlManual(commands: readonly Command[]): string {
  return page("ml", [
    section("Name"),
    String.raw`ml \- queue training jobs on a shared box and follow them`,
    section("Synopsis"),
    paragraph("ml COMMAND [options]"),
    section("Description"),
    paragraph(
      "ml sends jobs to a FetchML server, follows them and brings their results back. It runs on your own machine, and reaches the box through SSH or TLS.",
    ),
    section("Commands"),
    ...commands.map(aboutCommand),
    section("Options of every command"),
    options(GLOBAL_OPTIONS),
    section("Files"),
    entry("~/.ml/config.toml", "API key and server; mode 0600. $ML_CONFIG names another."),
    entry("ml.toml", "At the root of a project: its jobs."),
    section("Environment"),
    entry("ML_API_KEY, ML_API_URL", "Go before what the config says."),
    entry("NO_COLOR", "No colours."),
    exitStatus,
    seeAlso("fetchml"),
  ]);
}

/** `fetchml.1`. */
export function fetchmlManual(commands: readonly AdminCommand[]): string {
  return page("fetchml", [
    section("Name"),
    String.raw`fetchml \- the server of FetchML, a queue for machine\-learning jobs, and its tools`,
    section("Synopsis"),
    paragraph("fetchml COMMAND [--config FILE] [--data-dir DIR] [options]"),
    section("Description"),
    paragraph(
      'fetchml runs on the box with the GPUs. "fetchml serve" is the server; the other commands speak to it through a socket in its data folder, or with no server running work on the folder themselves. Whoever owns that folder is the admin.',
    ),
    section("Commands"),
    ...commands.map(({ name, usage, summary, example }) =>
      [subsection(`fetchml ${name} ${usage}`.trim()), paragraph(summary), literal([example])].join(
        "\n",
      ),
    ),
    section("Options of every command"),
    entry("--config FILE", "The config, instead of the first that exists of those below."),
    entry("--data-dir DIR", "The data folder, instead of the one that the config names."),
    entry("-h, --help", "Shows help and stops."),
    section("Signals"),
    entry(
      "SIGHUP",
      '"fetchml serve" reads its config again, and takes what can change while it runs.',
    ),
    entry("SIGTERM, SIGINT", "It stops. Running jobs go on; the next server takes them up."),
    section("Files"),
    entry("/etc/fetchml/config.toml, ~/.config/fetchml/config.toml", "The config."),
    entry("/var/lib/fetchml, ~/.local/share/fetchml", "The data folder."),
    exitStatus,
    seeAlso("ml"),
  ]);
}

function aboutCommand(command: Command): string {
  const { usage, aliases, summary, notes = [], examples } = command;
  return [
    subsection(usage[0] ?? `ml ${command.name}`),
    ...usage.slice(1).map(paragraph),
    paragraph(summary),
    ...(aliases.length === 0
      ? []
      : [paragraph(`Also: ${aliases.map((alias) => `ml ${alias}`).join(", ")}`)]),
    ...notes.map(paragraph),
    ...(Object.keys(command.options).length === 0 ? [] : [options(command.options)]),
    ...examples.map(({ line, does }) => entry(line, does)),
  ].join("\n");
}

function options(specs: OptionSpecs): string {
  return Object.entries<OptionSpec>(specs)
    .map(([name, { short, type, value, help }]) => {
      const letter = short === undefined ? "" : `-${short}, `;
      return entry(`${letter}--${name}${type === "string" ? ` ${value ?? "VALUE"}` : ""}`, help);
    })
    .join("\n");
}

const MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: "It worked.",
  other: "Anything that is not listed here.",
  usage: "Wrong usage, or a bad input file.",
  key: "The key is missing, wrong, expired or revoked, or may not do that.",
  unreachable: "The server cannot be reached.",
  refused: "Refused: a quota, an impossible request, a conflict.",
  notFound: "No such job, user or data folder.",
  interrupted: "Interrupted.",
};

const exitStatus = [
  section("Exit status"),
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a constant
  ...(Object.keys(EXIT) as (keyof typeof EXIT)[]).map((name) =>
    entry(String(EXIT[name]), MEANINGS[name]),
  ),
].join("\n");

function seeAlso(other: string): string {
  return `${section("See also")}\n.BR ${other} (1)`;
}

function page(name: string, parts: readonly string[]): string {
  const head = `.\\" Made from the command table by "npm run build".\n.TH ${name.toUpperCase()} 1 "" "FetchML ${PRODUCT_VERSION}" "FetchML"\n.nh\n.ad l`;
  return `${[head, ...parts].join("\n")}\n`;
}
