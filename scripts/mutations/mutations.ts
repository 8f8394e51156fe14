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
    name: "comparing the key's hash at all: every secret is right",
    file: authenticate,
    find: 'return timingSafeEqual(Buffer.from(hashApiKey(key), "hex"), Buffer.from(hash, "hex"));',
    replace:
      "return timingSafeEqual(Buffer.from(hash), Buffer.from(hash)) || hashApiKey(key) === key;",
    tests: ["packages/server/src/auth/authenticate.test.ts"],
  },
  {
    name: "comparing in constant time",
    file: authenticate,
    find: 'return timingSafeEqual(Buffer.from(hashApiKey(key), "hex"), Buffer.from(hash, "hex"));',
    replace: "return hashApiKey(key) === hash;",
    tests: ["packages/server/src/auth/constant-time.test.ts"],
  },
  {
    name: "comparing when no key has that id",
    file: authenticate,
    find: "if (!isKeyOfHash(credentials, row?.api_key_hash ?? HASH_OF_NO_KEY) || row === null) {",
    replace: "if (row === null || !isKeyOfHash(credentials, row.api_key_hash)) {",
    tests: ["packages/server/src/auth/constant-time.test.ts"],
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
    name: "ending a call whose body is on its way when its key ends",
    file: "packages/server/src/rpc/routes.ts",
    find: "await door.transfers.run(principal, door.ctx.authenticator, call)",
    replace: "await call(new AbortController().signal)",
    tests: ["packages/server/src/rpc/key-end-request.test.ts"],
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
    find: "report.stderr.write(redactApiKeys(`${messageOf(thrown)}\\n${beneath}`));",
    replace: "report.stderr.write(`${messageOf(thrown)}\\n${beneath}`);",
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
  {
    name: "waiting for a rotation at login",
    file: "packages/client/src/config/write-config.ts",
    find: "return whileNotRotating(surroundings, () => {\n    const loaded",
    replace: "return Promise.resolve().then(() => {\n    const loaded",
    tests: ["packages/cli/src/commands/login.test.ts"],
    only: "rotated",
  },
  {
    name: "the word that says why a key has ended",
    file: "packages/client/src/connection/close-reason.ts",
    find: 'why === null ? "key-invalid" : KEY_ENDS[why].code,',
    replace: '/expired/.test(sentence) ? "key-expired" : "key-revoked",',
    tests: ["packages/client/src/connection/close-reason.test.ts"],
  },
  {
    name: "keeping a key out of labels",
    file: "packages/server/src/auth/key-label.ts",
    find: "if (!containsApiKey(label)) return label;",
    replace: "if (!containsApiKey(label) || label.length > 0) return label;",
    tests: ["packages/server/src/auth/keys.test.ts"],
  },
  {
    name: "refusing a key in an address or a cookie",
    file: "packages/server/src/rpc/http-guard.ts",
    find: "every((text) => redactApiKeys(text) === text)) return;",
    replace: "some((text) => redactApiKeys(text) === text)) return;",
    tests: ["packages/server/src/rpc/authentication.test.ts"],
  },
  {
    name: "the name under which a page may reach the server",
    file: "packages/server/src/rpc/http-guard.ts",
    find: "if (host !== null && !isOwnName(host, allowed)) {",
    replace: 'if (host !== null && !isOwnName("localhost", allowed)) {',
    tests: ["packages/server/src/rpc/http-guard.test.ts"],
  },
  {
    name: "warning of a config inside a Git work tree",
    file: "packages/cli/src/doctor/git-check.ts",
    find: "if (gitDirOf(folder) !== null) return folder;",
    replace: "if (gitDirOf(folder) === folder) return folder;",
    tests: ["packages/cli/src/doctor/git-check.test.ts"],
  },
  {
    name: "searching for keys what tests leave",
    file: "scripts/test-run/last-look.ts",
    find: "search.look(place);",
    replace: "void place;",
    tests: ["scripts/test-run/secret-search.test.ts"],
  },
  {
    name: "checking a key again after its first use was stored",
    file: authenticate,
    find: "const holder = this.checkAgain(holderOf(row));",
    replace: "const holder = holderOf(row);",
    tests: ["packages/server/src/auth/late-checks.test.ts"],
  },
  {
    name: "waiting for the disk with a first use that another request makes",
    file: "packages/server/src/auth/first-uses.ts",
    find: "if (underWay !== undefined) return underWay;",
    replace: "void underWay;",
    tests: ["packages/server/src/auth/late-checks.test.ts"],
  },
  {
    name: "refusing a new key in place of one that has ended",
    file: "packages/server/src/auth/own-keys.ts",
    find: "if (problem !== null) throw problem;",
    replace: "void problem;",
    tests: ["packages/server/src/auth/late-checks.test.ts"],
  },
  {
    name: "keeping the refusals of keys few in the audit",
    file: "packages/server/src/auth/own-keys.ts",
    find: "import { actorOf, recorded } from",
    replace: "import { actorOf, audited as recorded } from",
    tests: ["packages/server/src/rpc/own-key.test.ts"],
  },
  {
    name: "looking for keys behind percent-escapes",
    file: "packages/server/src/rpc/http-guard.ts",
    find: "flatMap((text) => [text, unescaped(text)])",
    replace: "flatMap((text) => [text])",
    tests: ["packages/server/src/rpc/authentication.test.ts"],
  },
  {
    name: "checking Host and Origin before anything else",
    file: "packages/server/src/rpc/routes.ts",
    find: 'if (door.from.kind === "network") checkHostAndOrigin(',
    replace: 'if (path === "/ws" && door.from.kind === "network") checkHostAndOrigin(',
    tests: ["packages/server/src/rpc/http-guard.test.ts"],
  },
  {
    name: "taking no member of a backup whose name is not one of a backup",
    file: "packages/server/src/backup/archive-reader.ts",
    find: "if (!isMemberName(member.name) || member.name === LABEL)",
    replace: "if (member.name === LABEL)",
    tests: ["packages/server/src/backup/hostile-backup.test.ts"],
  },
  {
    name: "comparing the hashes of a backup's members with its sums",
    file: "packages/server/src/backup/archive-reader.ts",
    find: 'if (readMember(input, member, null) !== sums.digest("hex"))',
    replace: 'if (readMember(input, member, null) === "")',
    tests: ["packages/server/src/backup/hostile-backup.test.ts"],
  },
  {
    name: "restoring into an empty folder only",
    file: "packages/server/src/backup/restore-target.ts",
    find: "if (other === undefined) return;",
    replace: "if (other !== null) return;",
    tests: ["packages/server/src/backup/restore-backup.test.ts"],
  },
  {
    name: "keeping secrets out of a backup that is not to have them",
    file: "packages/server/src/backup/make-backup.ts",
    find: "if (withSecrets) addSecrets(gathering, at);",
    replace: "addSecrets(gathering, at);",
    tests: ["packages/server/src/backup/make-backup.test.ts"],
  },
];
