// The help of `fetchml`, made from its command table.
import { PRODUCT_VERSION } from "@fetchml/protocol";
import type { AdminCommand } from "./command-table.ts";

/** Help about one command, or about some that are listed: all, or a family such as those of keys. */
export function helpText(about: AdminCommand | readonly AdminCommand[]): string {
  return "name" in about ? aboutOne(about) : overview(about);
}

function overview(commands: readonly AdminCommand[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `fetchml ${PRODUCT_VERSION}: the server of FetchML, and its admin's tools.

Usage: fetchml COMMAND [options]

${lines.join("\n")}

Every command takes --config FILE and --data-dir DIR. "fetchml COMMAND --help" shows one with an example.
`;
}

function aboutOne({ name, summary, usage, example }: AdminCommand): string {
  return `${summary}

Usage: fetchml ${name} ${usage}
Example: ${example}

Every command takes --config FILE (else /etc/fetchml/config.toml, else ~/.config/fetchml/config.toml)
and --data-dir DIR.
`;
}
