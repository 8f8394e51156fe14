// Tests of what counts as a secret, and of refusing it.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError, generateApiKey } from "@fetchml/protocol";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";
import { secretInContent } from "./secret-content.ts";
import { secretInName } from "./secret-name.ts";

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
  at.write("train.py");
});
afterEach(() => at[Symbol.dispose]());

const API_KEY = generateApiKey({
  id: "kpaz",
  randomBytes: (count) => new Uint8Array(count).fill(7),
});

const begin = (kind: string) => `-----BEGIN ${kind}-----`;
const PEM_KEY = `${begin("PRIVATE KEY")}\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n`;
const CERTIFICATE = `${begin("CERTIFICATE")}\nMIIB\n-----END CERTIFICATE-----\n`;

async function refusalOf(options = {}): Promise<FetchmlError | null> {
  const error: unknown = await at.freeze(options).then(
    () => null,
    (cause: unknown) => cause,
  );
  if (error === null) return null;
  if (!(error instanceof FetchmlError)) throw new Error("another failure", { cause: error });
  expect(error.code).toBe("bad-project");
  expect(error.message.split("\n").length).toBeLessThanOrEqual(3);
  return error;
}

describe("secretInName()", () => {
  test("knows what holds secrets by convention", () => {
    const names =
      "id_rsa a/id_ed25519 id_ecdsa_sk .env sub/.env .env.local .env.production .ENV .netrc _netrc a/.git-credentials .pgpass kaggle.json .aws/credentials x/.aws/credentials .streamlit/secrets.toml store.p12 cert.PFX";
    for (const name of names.split(" "))
      expect([name, secretInName(name)]).not.toEqual([name, null]);
  });

  test("lets through what is shared, public or only alike", () => {
    const names =
      "id_rsa.pub .env.example .env.local.sample .env.template .env.test .envrc env .environment a.env id_rsa/x myid_rsa credentials aws/credentials secrets.toml model.pem.py .env/bin/python";
    for (const name of names.split(" ")) expect([name, secretInName(name)]).toEqual([name, null]);
  });
});

describe("secretInContent()", () => {
  const found = (path: string, text: string) => secretInContent(path, Buffer.from(text)) !== null;

  test("knows private keys of all kinds, whatever the file is called", () => {
    const kinds = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"];
    const all = [...kinds, "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK"];
    for (const kind of all)
      expect([kind, found("deploy", `${begin(kind)}\nb3Bl`)]).toEqual([kind, true]);
    expect(found("x.ppk", "PuTTY-User-Key-File-3: ssh-ed25519\n")).toBe(true);
    expect(found("x", `\ufeff\n  ${PEM_KEY}`)).toBe(true);
  });

  test("knows a key behind a certificate, and that of a service account", () => {
    expect(found("server.pem", `Bag Attributes\n${CERTIFICATE}${PEM_KEY}`)).toBe(true);
    expect(found("server.PEM", `${CERTIFICATE}${PEM_KEY}`)).toBe(true);
    const account = { type: "service_account", private_key: PEM_KEY };
    expect(found("gcp.json", JSON.stringify(account, null, 2))).toBe(true);
    expect(found("gcp.json", JSON.stringify({ private_key: "none" }))).toBe(false);
  });

  test("lets through certificates, public keys, and programs that speak of keys", () => {
    expect(found("ca.pem", CERTIFICATE)).toBe(false);
    expect(found("a.pem", `${begin("PUBLIC KEY")}\nMIIB\n`)).toBe(false);
    expect(found("scan.py", `PATTERN = "${begin("PRIVATE KEY")}"\n`)).toBe(false);
    expect(found("test_keys.py", `KEY = """\n${PEM_KEY}"""\n`)).toBe(false);
    expect(found("README.md", `# Keys\n\n    ${PEM_KEY}`)).toBe(false);
    expect(found("ids.pem", `the text ${begin("PRIVATE KEY")} in a line`)).toBe(false);
    expect(found("x.json", JSON.stringify({ text: PEM_KEY }))).toBe(false);
    expect(found("empty.pem", "")).toBe(false);
  });
});

describe("freezeProject()", () => {
  test.each([0, 700, 1024 ** 2 - 10, 3 * 1024 ** 2])(
    "refuses a key that stands behind %d bytes of certificates",
    async (before) => {
      const lines = CERTIFICATE.repeat(Math.ceil(before / CERTIFICATE.length));
      const bundle = `${lines.slice(0, before)}\n${PEM_KEY}${CERTIFICATE.repeat(20_000)}`;
      at.write("bundle.pem", bundle);
      at.write("bundle.txt", `# notes\n${bundle}`);
      expect((await refusalOf())?.details["paths"]).toEqual(["bundle.pem"]);
      at.write("bundle.pem", bundle.replace("PRIVATE", "PUBLIC"));
      expect(await refusalOf()).toBeNull();
    },
  );

  test("refuses a large file that begins with a key", async () => {
    at.write("all-keys", PEM_KEY.repeat(20_000));
    expect((await refusalOf())?.details["paths"]).toEqual(["all-keys"]);
  });

  test("refuses secrets by name of the file, with the line that leaves each out", async () => {
    at.write("keys/id_rsa", "x");
    at.write("server.pem", PEM_KEY);
    at.write(".env", "TOKEN=hunter2\n");
    const error = await refusalOf();
    expect(error?.message).toContain('".env" holds environment variables');
    expect(error?.message).toContain('Likewise 2 more: "keys/id_rsa", "server.pem"');
    expect(error?.message).toContain("--allow-secrets");
    expect(error?.details["ignore_lines"]).toEqual(["/.env", "/keys/id_rsa", "/server.pem"]);
    expect(JSON.stringify(error)).not.toContain("hunter2");
    at.write(".gitignore", ".env\nkeys/\n*.pem\n");
    expect(await at.frozenPaths()).toEqual([".gitignore", "train.py"]);
  });

  test("takes them when it is told to, and refuses them again when it is not", async () => {
    at.write(".env", "TOKEN=hunter2\n");
    at.write("server.pem", PEM_KEY);
    for (let round = 0; round < 2; round++) {
      expect(await at.frozenPaths({ allowSecrets: true })).toContain("server.pem");
      // An unchanged project, then one in which another file has changed: nothing of it is read again.
      expect((await refusalOf())?.details["paths"]).toEqual([".env", "server.pem"]);
      at.write("train.py", `changed ${round}`);
      expect((await refusalOf())?.details["paths"]).toEqual([".env", "server.pem"]);
    }
  });

  test("never takes a FetchML key, even when it is told to take secrets", async () => {
    at.write("config.toml", `api_key = "${API_KEY}"`);
    const error = await refusalOf({ allowSecrets: true });
    expect(error?.message).toContain('"config.toml" holds the FetchML API key with the id kpaz');
    expect(error?.message).not.toContain("--allow-secrets");
  });

  test("takes empty files, folders and links of such names", async () => {
    at.write(".env", "");
    mkdirSync(join(at.root, "id_rsa"));
    at.write("id_rsa/readme", "x");
    symlinkSync("train.py", join(at.root, ".netrc"));
    expect(await refusalOf()).toBeNull();
  });
});
