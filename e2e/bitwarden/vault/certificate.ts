// A certificate authority and a certificate for 127.0.0.1, both made for one run of the tests by openssl.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Files of one run. */
export interface Certificate {
  /** The authority, for `NODE_EXTRA_CA_CERTS`. */
  readonly authorityPath: string;
  readonly certificatePath: string;
  readonly keyPath: string;
}

/** Makes them in `folder`, valid for two days. @throws Error with what openssl said. */
export function makeCertificate(folder: string): Certificate {
  const inFolder = (line: string) => openssl(line.split(" "), folder);
  const newKey = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
  writeFileSync(join(folder, "san.cnf"), "subjectAltName=IP:127.0.0.1\n");
  inFolder(`req -x509 ${newKey} -days 2 -subj /CN=fetchml-test -keyout ca.key -out ca.pem`);
  inFolder(`req ${newKey} -subj /CN=127.0.0.1 -keyout server.key -out server.csr`);
  inFolder(
    "x509 -req -in server.csr -days 2 -extfile san.cnf -CA ca.pem -CAkey ca.key -CAcreateserial -out server.pem",
  );
  return {
    authorityPath: join(folder, "ca.pem"),
    certificatePath: join(folder, "server.pem"),
    keyPath: join(folder, "server.key"),
  };
}

function openssl(args: readonly string[], cwd: string): void {
  const { success, stderr } = Bun.spawnSync(["openssl", ...args], { cwd });
  if (!success) throw new Error(`openssl ${args.join(" ")}: ${stderr.toString()}`);
}
