// Tests of the file with the certificate authorities to trust.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { makeConfigHome, type ConfigHome } from "./config-home.fixture.ts";
import { readServerConfig } from "./read-config.ts";

const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

let at: ConfigHome;
beforeEach(() => {
  at = makeConfigHome();
});
afterEach(() => at[Symbol.dispose]());

/** What is trusted with such a config. */
function caOf(lines: string, env: Readonly<Record<string, string>> = {}): string | null {
  at.write(`api_url = "wss://box.example.org/ws"\n${lines}\n`);
  return readServerConfig(at.surroundings(env)).ca;
}

function failureOf(work: () => unknown): FetchmlError {
  try {
    work();
  } catch (error) {
    if (error instanceof FetchmlError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

describe("ca_file", () => {
  test("is none where the config does not name one, or an empty one", () => {
    expect(caOf("")).toBeNull();
    expect(caOf('ca_file = " "')).toBeNull();
  });

  test("stands beside the config, at home or where its path says", () => {
    const file = join(at.folder, "ca.pem");
    writeFileSync(file, `# our own\n${PEM}`);
    for (const path of ["ca.pem", "./ca.pem", "~/.ml/ca.pem", file]) {
      expect(caOf(`ca_file = "${path}"`)).toBe(`# our own\n${PEM}`);
    }
  });

  test("is overruled by ML_CA_FILE, unless that is empty", () => {
    const [one, two] = [join(at.folder, "one.pem"), join(at.folder, "two.pem")];
    writeFileSync(one, PEM);
    writeFileSync(two, PEM + PEM);
    expect(caOf(`ca_file = "${one}"`, { ML_CA_FILE: two })).toBe(PEM + PEM);
    expect(caOf(`ca_file = "${one}"`, { ML_CA_FILE: "" })).toBe(PEM);
    expect(caOf("", { ML_CA_FILE: two })).toBe(PEM + PEM);
  });

  test("that cannot be read or is none is named, and nothing of it is shown", () => {
    const secret = join(at.folder, "secret");
    writeFileSync(secret, "hunter2");
    const gone = failureOf(() => caOf('ca_file = "gone.pem"'));
    expect(gone.code).toBe("bad-file");
    expect(gone.message).toStartWith(
      "Cannot read the CA file ~/.ml/gone.pem (ca_file in ~/.ml/config.toml): there is no such file.\n",
    );
    const wrong = failureOf(() => caOf("", { ML_CA_FILE: secret }));
    expect(wrong.message).toContain("The CA file ~/.ml/secret (ML_CA_FILE) holds no certificate");
    expect(wrong.message).not.toContain("hunter2");
    expect(failureOf(() => caOf('ca_file = "."')).message).toContain("EISDIR");
  });

  test("is not looked at for a server without TLS", () => {
    at.write('ca_file = "gone.pem"\n');
    expect(readServerConfig(at.surroundings()).ca).toBeNull();
  });
});

describe("workerHost", () => {
  test("is told where the config names the server that is asked", () => {
    at.write('worker_host = "alice@gpubox"\napi_url = "ws://localhost:9100/ws"\n');
    expect(readServerConfig(at.surroundings()).workerHost).toBe("alice@gpubox");
    const other = { ML_API_URL: "ws://localhost:9200/ws" };
    expect(readServerConfig(at.surroundings(other)).workerHost).toBeNull();
  });

  test("gives the host of an api_url that is left out, without the user", () => {
    at.write('worker_host = "alice@gpubox"\n');
    expect(readServerConfig(at.surroundings()).apiUrl).toBe("ws://gpubox:9100/ws");
  });
});
