// The text of a fresh config file, in which every setting is told of.
import { stringify } from "smol-toml";
import { DEFAULTS, type Sandbox } from "./settings.ts";
import { SETTING_NOTES } from "./setting-notes.ts";

/** A config that says where the data is and where the server listens; all else stands as a comment with its default. */
export function configText({
  dataDir,
  listen = DEFAULTS.listen,
  sandbox = DEFAULTS.sandbox,
}: {
  readonly dataDir: string;
  readonly listen?: string | undefined;
  readonly sandbox?: Sandbox | undefined;
}): string {
  const said = stringify({ data_dir: dataDir }).trim();
  const address = stringify({ listen }).trim();
  const notes = SETTING_NOTES.map(({ key, about, example }) =>
    key === "sandbox" && sandbox !== DEFAULTS.sandbox
      ? `# ${about}
${stringify({ sandbox }).trim()}
`
      : `# ${about}
# ${key} = ${example}
`,
  );
  return `# Settings of FetchML on this box, written by "fetchml init". A key that is left out has its default.
# "systemctl reload fetchml" (or SIGHUP) takes what can change while it runs; it says what needs a restart.

# Folder of the database, logs, snapshots and outputs.
${said}

# Where it listens. Keep it on loopback: people come through SSH, or through a proxy with TLS.
${address}

${notes.join("\n")}`;
}
