// A box behind one of the proxies of deploy/, and alice, whose config leads through it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBox, writeConfig, type Box, type Person } from "./box.ts";
import { needsSystem, type DeclareTest } from "./system-tool.ts";
import { documented, serverSettings, startCaddy, startNginx, type Front } from "./tls-front.ts";

/** What the proxies are called, by the file of deploy/ that they are set up with. */
const PROXIES = {
  "nginx.conf": { program: "nginx", start: startNginx },
  Caddyfile: { program: "caddy", start: startCaddy },
} as const;

/** A file of deploy/ that sets a proxy up. */
export type FrontFile = keyof typeof PROXIES;

/** Whether a box can be put behind it here. */
export function hasFront(file: FrontFile): boolean {
  return toolsOf(file).every((tool) => Bun.which(tool) !== null);
}

/** `test` itself where there is what it takes; see {@link needsSystem}. */
export function needsFront(file: FrontFile): DeclareTest {
  return needsSystem(...toolsOf(file));
}

/** What it takes to set one up or to close it, on a machine that has other work to do. */
export const FRONT_PATIENCE_MS = 120_000;

/** The box and the way to it. */
export interface BoxBehindTls {
  readonly box: Box;
  readonly alice: Person;
  readonly front: Front;
  /** The server's own port. */
  readonly boxPort: number;
  /** Makes alice's config lead through a proxy, with its CA file. */
  goThrough(front: Front): void;
  /** Ends everything. */
  close(): Promise<void>;
}

/** Sets one up, with the settings that the file asks of the server. */
export async function openBoxBehindTls(file: FrontFile): Promise<BoxBehindTls> {
  const { program, start } = PROXIES[file];
  const box = await openBox({ config: serverSettings(documented(file)) });
  const alice = await box.addPerson("alice");
  const boxPort = Number(new URL(box.httpUrl).port);
  const front = await start({ folder: join(box.folder, program), boxPort });
  const goThrough = ({ url, certificate }: Front): void => {
    const config = `api_key = "${alice.apiKey}"\napi_url = "${url}"\nca_file = "${certificate.authorityPath}"\n`;
    writeFileSync(join(alice.home, ".ml/config.toml"), config, { mode: 0o600 });
  };
  goThrough(front);
  return {
    box,
    alice,
    front,
    boxPort,
    goThrough,
    close: async () => {
      // The box ends everybody's jobs when it closes, and does so by alice's config.
      writeConfig(alice.home, { apiKey: alice.apiKey, port: boxPort });
      await front.close();
      await box.close();
    },
  };
}

function toolsOf(file: FrontFile): readonly string[] {
  return [PROXIES[file].program, "openssl"];
}
