// `scripts/install.sh` into an empty folder, as a plain user: what it installs works, and it takes away what it put there.
import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  globSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runToEnd, type Ended } from "./box.ts";
import { needsSystem } from "./system-tool.ts";
import { unpackRelease } from "./unpacked-release.ts";

let folder: string;
/** A release as it is unpacked. */
let release: string;
/** A home that belongs to the plain user. */
let home: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-install-"));
  chmodSync(folder, 0o755);
  release = unpackRelease(folder);
  home = join(folder, "home");
  mkdirSync(home);
  if (process.geteuid?.() === 0) Bun.spawnSync(["chown", "65534:65534", home]);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a command as a plain user, whoever runs the tests. */
function asPlainUser(command: readonly string[]): Promise<Ended> {
  const drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const env = { HOME: home, PATH: "/usr/local/bin:/usr/bin:/bin" };
  return runToEnd([...(process.geteuid?.() === 0 ? drop : []), ...command], { cwd: home, env });
}

const install = (...args: readonly string[]) => asPlainUser([join(release, "install.sh"), ...args]);

/** Everything below a folder, with mode, size and time of change. */
function listing(below: string): readonly string[] {
  return globSync("**", { cwd: below })
    .map((path) => {
      const { mode, size, mtimeMs } = lstatSync(join(below, path));
      return `${path} ${mode.toString(8)} ${size} ${mtimeMs}`;
    })
    .toSorted();
}

test("install.sh says what it does, installs, changes nothing the second time, and removes all of it", async () => {
  const prefix = join(home, "one");
  const dry = await install("--prefix", prefix, "--dry-run");
  expect([dry.code, dry.stderr]).toEqual([0, ""]);
  expect(existsSync(prefix)).toBe(false);
  const first = await install("--prefix", prefix);
  expect([first.code, first.stderr]).toEqual([0, ""]);
  expect(first.stdout).toStartWith(dry.stdout);
  const files = globSync("**", { cwd: prefix }).filter((path) =>
    lstatSync(join(prefix, path)).isFile(),
  );
  for (const path of files) expect(dry.stdout).toContain(path);
  expect(files).toHaveLength(15);

  const before = listing(prefix);
  const second = await install("--prefix", prefix);
  expect([second.code, second.stdout]).toEqual([
    0,
    `Nothing to do: FetchML is installed below ${prefix}, and nothing was changed.\n`,
  ]);
  expect(listing(prefix)).toEqual(before);

  // What somebody else has put there stays, and with it its folder.
  writeFileSync(join(prefix, "share/man/man1/other.1"), "");
  const gone = await install("--prefix", prefix, "--uninstall");
  expect([gone.code, gone.stderr]).toEqual([0, ""]);
  for (const path of files) expect(gone.stdout).toContain(path);
  expect(
    globSync("**", { cwd: prefix })
      .filter((path) => path !== ".")
      .toSorted(),
  ).toEqual(["share", "share/man", "share/man/man1", "share/man/man1/other.1"]);
  const again = await install("--prefix", prefix, "--uninstall");
  expect([again.code, again.stderr]).toEqual([
    1,
    `Nothing to remove: this script has installed nothing below ${prefix}.\n`,
  ]);
});

test("what install.sh installed runs, names the right paths, and mends what was changed", async () => {
  const prefix = join(home, "two");
  await install("--prefix", prefix);
  expect((await asPlainUser([join(prefix, "bin/ml"), "--version"])).stdout).toStartWith("ml ");
  const served = await asPlainUser([join(prefix, "bin/fetchml"), "--version"]);
  expect(served.stdout).toStartWith("fetchml ");
  const unit = readFileSync(join(prefix, "lib/systemd/system/fetchml.service"), "utf8");
  expect(unit).toContain(`ExecStart=${prefix}/bin/fetchml serve\n`);
  const profile = readFileSync(join(prefix, "share/fetchml/apparmor/fetchml"), "utf8");
  expect(profile).toContain(`profile fetchml ${prefix}/bin/fetchml flags=(unconfined)`);
  const bitwarden = join(prefix, "share/fetchml/create_bitwarden_fetchml_item.sh");
  expect((await asPlainUser([bitwarden, "--help"])).stdout).toContain(
    "create_bitwarden_fetchml_item.sh alice",
  );
  rmSync(join(prefix, "bin/ml"));
  writeFileSync(join(prefix, "share/man/man1/ml.1"), "spoilt");
  const mended = await install("--prefix", prefix);
  expect(mended.stdout).toContain("  bin/ml\n  share/man/man1/ml.1\nand");
  expect(existsSync(join(prefix, "bin/ml"))).toBe(true);
  expect((await install("--prefix", prefix, "--uninstall")).code).toBe(0);
  expect(globSync("**", { cwd: prefix }).filter((path) => path !== ".")).toEqual([]);
});

needsSystem(
  "man",
  "zsh",
  "fish",
)("manuals and completions are found where they lie", async () => {
  const prefix = join(home, "three");
  await install("--prefix", prefix);
  const share = join(prefix, "share");
  const shown = await asPlainUser(["man", "--manpath", join(share, "man"), "ml"]);
  expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining("ml queue NAME")]);
  const warned = await asPlainUser([
    "man",
    "--warnings",
    "-E",
    "UTF-8",
    "-l",
    join(share, "man/man1/fetchml.1"),
  ]);
  expect([warned.code, warned.stderr]).toEqual([0, ""]);
  for (const [program, typed] of [
    ["ml", "que"],
    ["fetchml", "doc"],
  ] as const) {
    const shells = [
      ["bash", "-c", `. ${share}/bash-completion/completions/${program} && complete -p ${program}`],
      [
        "zsh",
        "-f",
        "-c",
        `fpath=(${share}/zsh/site-functions $fpath); autoload -Uz compinit; compinit -D -u; print $_comps[${program}]`,
      ],
      [
        "fish",
        "--no-config",
        "-c",
        `source ${share}/fish/vendor_completions.d/${program}.fish; complete -C '${program} ${typed}'`,
      ],
    ];
    const said = [
      new RegExp(`_${program} ${program}\n$`),
      `_${program}\n`,
      new RegExp(`^${typed}`),
    ];
    for (const [index, shell] of shells.entries()) {
      const { stdout, stderr } = await asPlainUser(shell);
      expect([stderr, stdout]).toEqual(["", expect.stringMatching(said[index] ?? "")]);
    }
  }
});

test("install.sh --user installs below ~/.local, with a unit for the account", async () => {
  expect((await install("--user")).code).toBe(0);
  const unit = readFileSync(join(home, ".local/share/systemd/user/fetchml.service"), "utf8");
  expect(unit).toContain(`ExecStart=${home}/.local/bin/fetchml serve\n`);
  expect(unit).not.toContain("User=");
  // Config and data of the same account are none of its business.
  const data = join(home, ".local/share/fetchml/fetchml.db");
  await asPlainUser(["sh", "-c", `echo data > '${data}'`]);
  expect((await install("--user", "--uninstall")).code).toBe(0);
  expect(globSync(".local/**", { cwd: home }).filter((path) => path.includes("."))).toContain(
    ".local/share/fetchml/fetchml.db",
  );
  expect(existsSync(join(home, ".local/bin"))).toBe(false);
});

test("install.sh touches no file of somebody else, and obeys no manifest that leads outside", async () => {
  const prefix = join(home, "four");
  await asPlainUser(["mkdir", "-p", join(prefix, "bin"), join(prefix, "share/fetchml")]);
  await asPlainUser(["sh", "-c", `echo mine > '${prefix}/bin/ml'`]);
  const refused = await install("--prefix", prefix);
  expect([refused.code, refused.stderr]).toEqual([
    1,
    `Cannot install: ${prefix}/bin/ml is there, and this script did not put it there.\nRemove it, or take another --prefix.\n`,
  ]);
  expect(readFileSync(join(prefix, "bin/ml"), "utf8")).toBe("mine\n");
  await asPlainUser([
    "sh",
    "-c",
    `echo 'file ../four/bin/ml' > '${prefix}/share/fetchml/installed'`,
  ]);
  const hostile = await install("--prefix", prefix, "--uninstall");
  expect([hostile.code, hostile.stderr]).toEqual([1, expect.stringContaining("Will not go by")]);
  expect(existsSync(join(prefix, "bin/ml"))).toBe(true);
});

test("install.sh says what is wrong with what was typed, and what to do", async () => {
  expect((await install("--nonsense")).code).toBe(2);
  expect((await install("--prefix")).code).toBe(2);
  const blank = await install("--prefix", join(home, "a b"));
  expect([blank.code, blank.stderr]).toEqual([1, expect.stringContaining("a path with blanks")]);
  const closed = await install("--prefix", join(folder, "closed"));
  expect([closed.code, closed.stderr]).toEqual([1, expect.stringContaining("--user")]);
  const empty = await install("--prefix", "");
  expect([empty.code, empty.stderr]).toEqual([2, expect.stringContaining("not nothing")]);
  const both = await install("--user", "--prefix", join(home, "five"));
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("not both")]);
  // Typed in a folder right below the root, so that ".." is the root.
  const inTmp = ["sh", "-c", 'cd /tmp && exec "$0" "$@"', join(release, "install.sh")];
  for (const root of ["/", "//", "/.", "//.", "/usr/..", "/usr/../", "..", "../usr/.."]) {
    const system = await asPlainUser([...inTmp, "--prefix", root, "--dry-run"]);
    expect([root, system.code, system.stdout]).toEqual([root, 1, ""]);
    expect(system.stderr).toStartWith("Cannot install below /: ");
  }
  const atRoot = ["sh", "-c", 'cd / && exec "$0" --prefix "$1" --dry-run'];
  for (const root of [".", "./", "usr/.."]) {
    const system = await asPlainUser([...atRoot, join(release, "install.sh"), root]);
    expect([root, system.code, system.stdout]).toEqual([root, 1, ""]);
  }
  const homeless = ["env", "-u", "HOME", join(release, "install.sh"), "--user"];
  const lost = await asPlainUser(homeless);
  expect([lost.code, lost.stderr]).toEqual([1, expect.stringContaining("HOME is not set.\nName")]);
  const crooked = await install("--prefix", "a/../six", "--dry-run");
  expect(crooked.stdout).toStartWith(`This installs below ${home}/six:\n`);
});

test("an install that is cut off, or finds no room, says so and leaves nothing that --uninstall does not remove", async () => {
  const prefix = join(home, "seven");
  const left = () => readdirSync(prefix, { recursive: true }).map(String);
  const bin = join(home, "cutting");
  mkdirSync(bin);
  chmodSync(bin, 0o755);
  const installWith = async (cat: string) => {
    writeFileSync(join(bin, "cat"), `#!/bin/sh\n${cat}\n`, { mode: 0o755 });
    const path = `PATH=${bin}:/usr/bin:/bin`;
    return asPlainUser(["env", path, join(release, "install.sh"), "--prefix", prefix]);
  };
  const full = await installWith('head -c 1000 "$1"; echo "No space left on device" >&2; exit 1');
  expect([full.code, full.stderr]).toEqual([1, expect.stringContaining("type the same again")]);
  expect(left().filter((path) => lstatSync(join(prefix, path)).isFile())).toEqual([
    "share/fetchml/installed",
  ]);
  // Killed, it can clear up nothing itself.
  const killed = await installWith('head -c 1000 "$1"; kill -KILL "$PPID"');
  expect(killed.code).not.toBe(0);
  expect(left()).toContain("bin/.ml.fetchml-new");
  expect((await install("--prefix", prefix, "--uninstall")).code).toBe(0);
  expect(left()).toEqual([]);
});

test("--uninstall by somebody who may not says so, and how", async () => {
  if (process.geteuid?.() !== 0) return;
  const prefix = join(folder, "of-root");
  expect((await runToEnd([join(release, "install.sh"), "--prefix", prefix])).code).toBe(0);
  const refused = await install("--prefix", prefix, "--uninstall");
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('Take "sudo"')]);
  expect(existsSync(join(prefix, "bin/ml"))).toBe(true);
});
