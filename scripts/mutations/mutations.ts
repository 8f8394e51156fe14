// The guards that tests must miss when they are gone: each as the text that holds it up and what stands there without it.

/** One guard taken out. */
export interface Mutation {
  /** What is gone, in words. */
  readonly name: string;
  /** From the project's root. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** The tests that must notice: files, or folders ending in `/`. */
  readonly tests: readonly string[];
  /** Only tests whose name fits, where the rest takes long; a regular expression as `bun test -t` takes it. */
  readonly only?: string;
}

const authenticate = "packages/server/src/auth/authenticate.ts";
const privateFile = "packages/client/src/config/private-file.ts";

/** All of them. */
export const mutations: readonly Mutation[] = [
  {
    name: "comparing the key's hash: every secret is right",
    file: authenticate,
    find: 'return timingSafeEqual(Buffer.from(hashApiKey(key), "hex"), Buffer.from(hash, "hex"));',
    replace:
      "return timingSafeEqual(Buffer.from(hash), Buffer.from(hash)) || hashApiKey(key) === key;",
    tests: ["packages/server/src/auth/authenticate.test.ts"],
  },
  {
    name: "closing sockets when a key ends",
    file: "packages/server/src/auth/connections.ts",
    find: "this.#live.delete(connection);\n      connection.end(",
    replace: "this.#live.delete(connection);\n      void (",
    tests: [
      "packages/server/src/auth/connections.test.ts",
      "packages/server/src/rpc/key-end.test.ts",
    ],
  },
  {
    name: "refusing a config that others can write",
    file: privateFile,
    find: "if (othersMayWrite(stats)) {",
    replace: "if (othersMayWrite(stats) && stats.size < 0) {",
    tests: ["packages/client/src/config/private-file.test.ts"],
  },
  {
    name: "mending a config that others can read",
    file: privateFile,
    find: "fchmodSync(descriptor, 0o600);",
    replace: "fchmodSync(descriptor, stats.mode);",
    tests: ["packages/client/src/config/private-file.test.ts"],
  },
  {
    name: "keeping the old config when the new one cannot be put in its place",
    file: "packages/client/src/config/replace-file.ts",
    find:
      "const temporary = `${target}.${crypto.randomUUID()}.tmp`;\n" +
      "  const descriptor = openSync(\n    temporary,\n    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,",
    replace:
      "const temporary = target;\n" +
      "  const descriptor = openSync(\n    temporary,\n    constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC,",
    tests: [
      "packages/client/src/config/write-config.test.ts",
      "packages/cli/src/commands/key-rotate.test.ts",
    ],
  },
  {
    name: "the exact name of a Bitwarden item",
    file: "scripts/create_bitwarden_fetchml_item.sh",
    find: "select(.type == 1 and .name == $name)",
    replace: "select(.type == 1)",
    tests: ["e2e/bitwarden/bitwarden.test.ts"],
    only: "similar name",
  },
  {
    name: "the role of job.cancel",
    file: "packages/protocol/src/methods/job-methods.ts",
    find: 'KILL.",\n    access: "member",',
    replace: 'KILL.",\n    access: "viewer",',
    tests: ["packages/server/src/rpc/access-table.test.ts"],
  },
  {
    name: "asking for the role at all",
    file: "packages/server/src/auth/authorize.ts",
    find: "if (mayCall(principal, access)) return;",
    replace: "if (mayCall(principal, access) || access !== what) return;",
    tests: [
      "packages/server/src/auth/authorize.test.ts",
      "packages/server/src/rpc/access-table.test.ts",
    ],
  },
  {
    name: "the redactor of the server's log",
    file: "packages/server/src/telemetry/redact.ts",
    find: "return redactApiKeys(text)",
    replace: "return text",
    tests: ["packages/server/src/telemetry/log.test.ts"],
  },
  {
    name: "the redactor of ml's errors",
    file: "packages/cli/src/report-error.ts",
    find: "report.stderr.write(`${redactApiKeys(messageOf(thrown))}\\n`);",
    replace: "report.stderr.write(`${messageOf(thrown)}\\n`);",
    tests: ["packages/cli/src/report-error.test.ts"],
  },
  {
    name: "hiding the keys of a config that is printed",
    file: "packages/client/src/config/hidden-keys.ts",
    find: 'names.flatMap((name) => (value[name] === null ? [] : [[name, "[hidden]"]])),',
    replace: "names.map((name) => [name, value[name]]),",
    tests: ["packages/client/src/config/read-config.test.ts"],
  },
  {
    name: "stopping at a redirect",
    file: "packages/client/src/connection/http-request.ts",
    find: 'redirect: "manual",',
    replace: 'redirect: "follow",',
    tests: ["packages/client/src/connection/connect.test.ts"],
  },
  {
    name: "keeping the key off the open network",
    file: "packages/client/src/config/choose-key.ts",
    find: "if (!url.isReadableOnTheWay ||",
    replace: "if (url.isReadableOnTheWay ||",
    tests: [
      "packages/client/src/config/read-config.test.ts",
      "packages/cli/src/commands/login.test.ts",
    ],
  },
  {
    name: "keeping a config's key for its own server",
    file: "packages/client/src/config/choose-key.ts",
    find: "if (file.url.origin !== url.origin)",
    replace: "if (file.url.origin === path)",
    tests: ["packages/client/src/config/read-config.test.ts"],
  },
  {
    name: "keeping the old key until the new one has been used",
    file: "packages/client/src/config/rotate-config.ts",
    find: "[KEY_BEFORE]: keys.from",
    replace: "[KEY_BEFORE]: null",
    tests: ["packages/cli/src/commands/key-rotate.test.ts"],
  },
  {
    name: "one rotation of a config's key at a time",
    file: "packages/client/src/config/rotation-lock.ts",
    find: "if (!create(path)) return null;",
    replace: "create(path);",
    tests: ["packages/client/src/config/rotation-lock.test.ts"],
  },
];
