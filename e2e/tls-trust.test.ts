// Whom `ml` trusts over wss://: the system's authorities, or those of the CA file it is given, and what it says of any other.
import { afterAll, beforeAll, beforeEach, describe, expect } from "bun:test";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeCertificate } from "./bitwarden/vault/certificate.ts";
import {
  FRONT_PATIENCE_MS,
  hasFront,
  needsFront,
  openBoxBehindTls,
  type BoxBehindTls,
} from "./behind-tls.ts";
import type { Ended, Person } from "./box.ts";
import type { Front } from "./tls-front.ts";

const withNginx = needsFront("nginx.conf");

let way: BoxBehindTls;
let alice: Person;
let front: Front;
/** The authority of another box. */
let otherCa: string;

beforeAll(async () => {
  if (!hasFront("nginx.conf")) return;
  way = await openBoxBehindTls("nginx.conf");
  ({ alice, front } = way);
  const other = join(way.box.folder, "other");
  mkdirSync(other);
  otherCa = makeCertificate(other).authorityPath;
}, FRONT_PATIENCE_MS);
afterAll(async () => {
  if (hasFront("nginx.conf")) await way.close();
}, FRONT_PATIENCE_MS);
beforeEach(() => {
  if (!hasFront("nginx.conf")) return;
  rmSync(join(alice.home, ".ml/ca.pem"), { force: true });
  configure("");
});

const caFile = (): string => front.certificate.authorityPath;

function configure(line: string, url = front.url): void {
  const text = `api_key = "${alice.apiKey}"\napi_url = "${url}"\n${line}\n`;
  writeFileSync(join(alice.home, ".ml/config.toml"), text, { mode: 0o600 });
}

function expectRefusal({ code, stderr }: Ended, exit: number, ...parts: readonly string[]): void {
  for (const part of parts) expect(stderr).toContain(part);
  expect([code, stderr.trimEnd().split("\n").length <= 3]).toEqual([exit, true]);
}

describe("a certificate that nobody known has signed", () => {
  withNginx("is refused with words that tell of ca_file, and nothing is sent", async () => {
    const before = front.logs();
    for (const words of [["status"], ["pull", "1"], ["run", "x", "--", "true"]]) {
      expectRefusal(await alice.ml(words), 4, front.url, "is not trusted", "ca_file", "ML_CA_FILE");
    }
    expect(front.logs()).toBe(before);
  });

  withNginx(
    "is trusted with a path from the root, the home folder, or beside the config",
    async () => {
      copyFileSync(caFile(), join(alice.home, ".ml/ca.pem"));
      for (const path of [caFile(), "~/.ml/ca.pem", "ca.pem"]) {
        configure(`ca_file = "${path}"`);
        expect([path, (await alice.ml(["whoami"], { cwd: "/" })).code]).toEqual([path, 0]);
      }
    },
  );

  withNginx("is trusted with ML_CA_FILE, which wins over the config", async () => {
    configure(`ca_file = "${otherCa}"`);
    expect((await alice.ml(["whoami"], { env: { ML_CA_FILE: caFile() } })).code).toBe(0);
    const env = { ML_CA_FILE: caFile(), ML_API_URL: front.url, ML_API_KEY: alice.apiKey };
    expect((await alice.ml(["run", "x", "--", "true"], { env })).code).toBe(0);
  });

  withNginx("can be logged in to, with the CA file given before", async () => {
    writeFileSync(join(alice.home, ".ml/config.toml"), `ca_file = "${caFile()}"\n`, {
      mode: 0o600,
    });
    const { code, stdout } = await alice.ml(["login", front.url], { input: alice.apiKey });
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining(`Logged in at ${front.url} as alice`),
    ]);
    expect((await alice.ml(["whoami"])).code).toBe(0);
  });

  withNginx("is what ml doctor tells of, and with ca_file no more", async () => {
    const { stdout } = await alice.ml(["doctor"]);
    expect(stdout).toContain("export ML_CA_FILE=ca.pem");
    configure(`ca_file = "${caFile()}"`);
    const told = await alice.ml(["doctor", "--json"]);
    expect(told.stdout).toContain('"name":"round-trip"');
    expect(told.code).toBe(0);
  });
});

describe("a CA file", () => {
  withNginx(
    "that has not signed the certificate is not enough, and not beside the system's",
    async () => {
      configure(`ca_file = "${otherCa}"`);
      expectRefusal(
        await alice.ml(["status"]),
        4,
        "is not trusted",
        "The CA file given has not signed it",
      );
    },
  );

  withNginx("does not make a certificate good for another name", async () => {
    configure(`ca_file = "${caFile()}"`, front.url.replace("127.0.0.1", "localhost"));
    expectRefusal(
      await alice.ml(["status"]),
      4,
      "is for another name than localhost",
      "openssl s_client",
    );
  });

  withNginx("that is not there, or is none, is named", async () => {
    configure('ca_file = "gone.pem"');
    const gone =
      "Cannot read the CA file ~/.ml/gone.pem (ca_file in ~/.ml/config.toml): there is no such file.";
    expectRefusal(await alice.ml(["status"]), 2, gone);
    configure(`ca_file = "${front.certificate.keyPath}"`);
    expectRefusal(await alice.ml(["status"]), 2, "holds no certificate in PEM form");
    configure("ca_file = 1");
    expectRefusal(await alice.ml(["status"]), 2, "line 3: ca_file must be text in double quotes");
  });

  withNginx("is not read where there is no TLS", async () => {
    configure('ca_file = "gone.pem"', way.box.url);
    expect((await alice.ml(["whoami"])).code).toBe(0);
  });
});

withNginx("a server without TLS behind wss:// is told as such", async () => {
  configure("", `wss://127.0.0.1:${way.boxPort}/ws`);
  expectRefusal(await alice.ml(["status"]), 4, "the TLS handshake failed", "ws://");
  expect(readFileSync(join(alice.home, ".ml/config.toml"), "utf8")).toContain("wss://");
});
