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

// The beginnings of what gpg 2.2 exports of an RSA key.
const SECRET_PACKET = Buffer.from("950398046b0400000108", "hex");
const PUBLIC_PACKET = Buffer.from("99010d046b0400000108", "hex");

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
      "id_rsa a/id_ed25519 id_ecdsa_sk .env sub/.env .env.local .env.test.local .env.ci.Local .env.production .ENV .netrc _netrc a/.git-credentials .pgpass kaggle.json .aws/credentials x/.aws/credentials .streamlit/secrets.toml store.p12 cert.PFX";
    for (const name of names.split(" "))
      expect([name, secretInName(name)]).not.toEqual([name, null]);
  });

  test("lets through what is shared, public or only alike", () => {
    const names =
      "id_rsa.pub .env.example .env.local.sample .env.template .env.test .env.ci .envrc env .environment a.env id_rsa/x myid_rsa credentials aws/credentials secrets.toml model.pem.py .env/bin/python";
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

  test("knows a key in UTF-16 of either order, with and without a byte order mark", () => {
    const account = JSON.stringify({ private_key: PEM_KEY });
    for (const mark of ["", "\ufeff"]) {
      for (const swap of [false, true]) {
        const isFound = (path: string, text: string): boolean => {
          const bytes = Buffer.from(mark + text, "utf16le");
          return secretInContent(path, swap ? bytes.swap16() : bytes) !== null;
        };
        expect(isFound("key.pem", PEM_KEY)).toBe(true);
        expect(isFound("deploy", PEM_KEY.replaceAll("\n", "\r\n"))).toBe(true);
        expect(isFound("server.crt", `notes\r\n${CERTIFICATE}${PEM_KEY}`)).toBe(true);
        expect(isFound("gcp.json", account)).toBe(true);
        expect(isFound("ca.pem", CERTIFICATE)).toBe(false);
        expect(isFound("notes.txt", `# Keys\r\n${PEM_KEY}`)).toBe(false);
      }
    }
    const appended = Buffer.concat([Buffer.from(CERTIFICATE), Buffer.from(PEM_KEY, "utf16le")]);
    expect(secretInContent("server.pem", appended)).not.toBeNull();
    expect(found("key.pem", `\ufeff${PEM_KEY}`)).toBe(true);
  });

  test("knows a key behind something else in PEM, whatever the file is called", () => {
    expect(found("notes.txt", `${CERTIFICATE}${PEM_KEY}`)).toBe(true);
    expect(found("client_key", `${begin("EC PARAMETERS")}\nBggq\n${PEM_KEY}`)).toBe(true);
    expect(found("out", `Bag Attributes\n    localKeyID: 01\n${CERTIFICATE}${PEM_KEY}`)).toBe(true);
    expect(found("key.txt", `${"\r\n".repeat(5000)}${PEM_KEY}`)).toBe(true);
    expect(found("chain.txt", `${CERTIFICATE}${CERTIFICATE}`)).toBe(false);
    expect(found("keys.txt", `${begin("PUBLIC KEY")}\nMIIB\n`)).toBe(false);
    expect(found("about.txt", `${CERTIFICATE}Its ${begin("PRIVATE KEY")} is elsewhere.\n`)).toBe(
      false,
    );
    expect(found("test.py", `\n\nKEY = """\n${PEM_KEY}"""\n`)).toBe(false);
    expect(found("bags.md", `Bags\n\n${PEM_KEY}`)).toBe(false);
  });

  test("knows a secret key that OpenPGP wrote in binary", () => {
    for (const path of ["secret.gpg", "secret.PGP", "a/my.key"])
      expect([path, secretInContent(path, SECRET_PACKET)]).toEqual([path, "holds a private key"]);
    expect(secretInContent("public.gpg", PUBLIC_PACKET)).toBeNull();
    expect(secretInContent("image.bin", SECRET_PACKET)).toBeNull();
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

  test("refuses a large file that begins with a key, or with a certificate that has its key below", async () => {
    at.write("all-keys", PEM_KEY.repeat(20_000));
    at.write("chain", `${CERTIFICATE.repeat(20_000)}${PEM_KEY}`);
    at.write("chain-16", Buffer.from(`\ufeff${CERTIFICATE.repeat(20_000)}${PEM_KEY}`, "utf16le"));
    at.write("secring.gpg", Buffer.concat([SECRET_PACKET, Buffer.alloc(2 * 1024 ** 2)]));
    at.write("public.gpg", Buffer.concat([PUBLIC_PACKET, Buffer.alloc(2 * 1024 ** 2)]));
    at.write("only-certificates", CERTIFICATE.repeat(40_000));
    const paths = ["all-keys", "chain", "chain-16", "secring.gpg"];
    expect((await refusalOf())?.details["paths"]).toEqual(paths);
  });

  test.each([0, 1024 ** 2 - 30, 1024 ** 2, 3 * 1024 ** 2 - 60])(
    "refuses the key of a service account behind %d bytes in a large file of JSON",
    async (before) => {
      const account = JSON.stringify({ type: "service_account", private_key: PEM_KEY }, null, 2);
      const file = (inner: string) =>
        `["${"x".repeat(before)}",\n${inner},\n"${"x".repeat(1024 ** 2)}"]`;
      at.write("accounts.json", file(account));
      at.write("accounts-16.json", Buffer.from(`\ufeff${file(account)}`, "utf16le"));
      at.write("accounts.txt", file(account));
      // Programs that hold keys, as lines of a data set.
      at.write("programs.json", file(JSON.stringify({ text: account })));
      at.write("names.json", file('{"private_key": "-----BEGIN PUBLIC KEY-----"}'));
      const error = await refusalOf();
      expect(error?.details["paths"]).toEqual(["accounts-16.json", "accounts.json"]);
      expect(error?.message).toContain("holds the private key of a service account");
    },
  );

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

  test.each([
    ["as it is", API_KEY],
    ["in capitals", API_KEY.toUpperCase()],
    ["as login takes it", API_KEY.replace("fetchml", "FetchML")],
  ])("never takes a FetchML key %s, even when it is told to take secrets", async (_, key) => {
    at.write("config.toml", `api_key = "${key}"`);
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
