// `ml doctor` against the real server: through nothing, through TLS, and when key or server have gone.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { makeCertificate, type Certificate } from "./bitwarden/vault/certificate.ts";
import { openBox, personAt, writeConfig, type Box, type Person } from "./box.ts";
import { needsSystem } from "./system-tool.ts";

let box: Box;

beforeAll(async () => {
  box = await openBox();
});
afterAll(() => box.close());

interface Told {
  readonly code: number;
  readonly ok: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly fix?: string;
  }[];
}

async function doctor(person: Person, env: Record<string, string> = {}): Promise<Told> {
  const { code, stdout, stderr } = await person.ml(["doctor", "--json"], { env });
  expect(stderr).toBe("");
  expect(stdout).not.toContain(person.apiKey.slice(12));
  return { code, ...JSON.parse(stdout) };
}

/** Checks that are not ok, with what mends them. */
function troubles({ checks }: Told): readonly (readonly [string, string, string | undefined])[] {
  return checks
    .filter(({ status }) => status !== "ok")
    .map(({ name, status, fix }) => [name, status, fix]);
}

describe("ml doctor", () => {
  test("finds nothing wrong where nothing is, and changes nothing", async () => {
    const ada = await box.addPerson("ada");
    const config = join(ada.home, ".ml/config.toml");
    const before = readFileSync(config, "utf8");
    const told = await doctor(ada);
    expect([told.code, told.ok, troubles(told)]).toEqual([0, true, []]);
    expect(told.checks.map(({ name }) => name)).toEqual(
      "config git key tunnel tls server login expiry version clock round-trip".split(" "),
    );
    expect(readFileSync(config, "utf8")).toBe(before);
  });

  test("warns of a config with a key in a Git work tree", async () => {
    const ben = await box.addPerson("ben");
    Bun.spawnSync(["git", "init", "-q", ben.home]);
    const told = await doctor(ben);
    const [[name, status, fix = ""] = []] = troubles(told);
    expect([told.code, name, status]).toEqual([0, "git", "warning"]);
    Bun.spawnSync(["sh", "-c", fix]);
    expect(troubles(await doctor(ben))).toEqual([]);
  });

  test("warns of a key that ends soon", async () => {
    const cleo = await box.addPerson("cleo");
    const { stdout } = await box.admin(["key", "issue", "cleo", "--expires", "3d"]);
    const short = personAt(join(box.folder, "short"), { name: "cleo", apiKey: stdout.trim() });
    writeConfig(short.home, { apiKey: short.apiKey, port: portOfBox() });
    const told = await doctor(short);
    expect([told.code, troubles(told)]).toEqual([0, [["expiry", "warning", "ml key rotate"]]]);
    expect(troubles(await doctor(cleo))).toEqual([]);
  });

  test("fails for a key that was revoked", async () => {
    const dan = await box.addPerson("dan");
    await box.admin(["key", "revoke", "--user", "dan"]);
    const told = await doctor(dan);
    expect([told.code, troubles(told)]).toEqual([1, [["login", "failed", "ml login"]]]);
  });

  test("fails when the server is stopped, and is content when it is back", async () => {
    const eve = await box.addPerson("eve");
    await box.stop();
    const told = await doctor(eve);
    const fix = "ml tunnel you@box";
    expect([told.code, troubles(told)]).toEqual([1, [["tunnel", "failed", fix]]]);
    await box.start();
    expect((await doctor(eve)).code).toBe(0);
  });
});

describe("ml doctor over TLS", () => {
  let front: Server;
  let certificate: Certificate;
  let person: Person | undefined;
  const sockets = new Set<Socket>();
  const withTls = needsSystem("openssl");
  const flo = () => {
    if (person === undefined) throw new Error("openssl is missing");
    return person;
  };

  beforeAll(async () => {
    if (Bun.which("openssl") === null) return;
    const folder = join(box.folder, "tls");
    mkdirSync(folder);
    certificate = makeCertificate(folder);
    const cert = readFileSync(certificate.certificatePath);
    front = createServer({ cert, key: readFileSync(certificate.keyPath) }, (socket) => {
      const inner = connect(portOfBox(), "127.0.0.1");
      for (const each of [socket, inner]) {
        sockets.add(each);
        each.on("error", () => undefined);
        each.on("close", () => sockets.delete(each));
      }
      socket.pipe(inner).pipe(socket);
    });
    await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
    person = await box.addPerson("flo");
    const address = front.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const text = `api_key = "${person.apiKey}"\napi_url = "wss://127.0.0.1:${port}/ws"\n`;
    writeFileSync(join(person.home, ".ml/config.toml"), text, { mode: 0o600 });
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    front?.close();
    // The box ends everybody's jobs when it closes, and reaches nobody through this front.
    if (person !== undefined) {
      writeConfig(person.home, { apiKey: person.apiKey, port: portOfBox() });
    }
  });

  withTls("fails for a certificate that nobody known has signed, and sends no key", async () => {
    const told = await doctor(flo());
    expect(told.code).toBe(1);
    expect(troubles(told)).toEqual([["tls", "failed", "export ML_CA_FILE=ca.pem"]]);
    const { stdout } = await box.admin(["key", "list", "flo"]);
    expect(stdout).toContain("never");
  });

  withTls("warns of a certificate that ends within 14 days, and all else is well", async () => {
    const told = await doctor(flo(), { NODE_EXTRA_CA_CERTS: certificate.authorityPath });
    expect([told.code, troubles(told)]).toEqual([
      0,
      [["tls", "warning", "ssh 127.0.0.1 sudo certbot renew"]],
    ]);
    expect(told.checks.find(({ name }) => name === "tls")?.message).toMatch(/ends in 1d 2\dh/);
  });

  withTls("trusts the ca_file of the config, and says when that cannot be read", async () => {
    const config = join(flo().home, ".ml/config.toml");
    const before = readFileSync(config, "utf8");
    writeFileSync(config, `${before}ca_file = "${certificate.authorityPath}"\n`);
    const told = await doctor(flo());
    expect([told.code, told.checks.find(({ name }) => name === "login")?.status]).toEqual([
      0,
      "ok",
    ]);
    expect(told.checks.find(({ name }) => name === "tls")).toMatchObject({
      status: "warning",
      facts: { own_authority: true, certificate_ends_at: expect.any(Number) },
    });
    writeFileSync(config, `${before}ca_file = "gone.pem"\n`);
    const gone = await doctor(flo());
    expect([gone.code, troubles(gone)]).toEqual([
      1,
      [["config", "failed", "${EDITOR:-vi} ~/.ml/config.toml"]],
    ]);
    writeFileSync(config, before);
  });
});

function portOfBox(): number {
  return Number(new URL(box.httpUrl).port);
}
