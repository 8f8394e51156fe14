// Every command that docs/operations.md shows is run here, in its order, by a shell; what stands in for what is said below.
import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { personAt, runToEnd, type Ended, type Person } from "./box.ts";
import { openTunnel, type OpenTunnel } from "./open-tunnel.ts";
import { plainAccount, type PlainAccount } from "./plain-account.ts";
import { freePort, startSshBox, type SshBox } from "./ssh-box.ts";
import { writeStandIns } from "./stand-ins.ts";
import { needsSystem } from "./system-tool.ts";
import { startNginx, type Front } from "./tls-front.ts";
import { unpackRelease } from "./unpacked-release.ts";

const root = join(import.meta.dir, "..");
const page = readFileSync(join(root, "docs/operations.md"), "utf8");

/** Lines of the page's shell blocks. */
const lines = [...page.matchAll(/^```sh\n([^]*?)```/gm)]
  .flatMap((block) => (block[1] ?? "").split("\n"))
  .filter((line) => line !== "");

const TOOLS = ["sshd", "ssh", "ssh-keygen", "setpriv", "nginx", "openssl", "curl", "rsync"];
const isReady = TOOLS.every((tool) => Bun.which(tool) !== null);

let folder: string;
let release: string;
/** The account of the box; the new box has it, too, in a home of the same name. */
let box: PlainAccount;
/** The laptop, whose account is the one that runs the tests. */
let laptop: Person;
let ssh: SshBox;
let tunnel: OpenTunnel | null = null;
let front: Front;
let ports: { readonly box: number; readonly laptop: number };
let key = "";

beforeAll(async () => {
  if (!isReady) return;
  folder = mkdtempSync(join(tmpdir(), "fetchml-operations-"));
  chmodSync(folder, 0o755);
  ports = { box: await freePort(), laptop: await freePort() };
  release = unpackRelease(join(folder, "unpacked"));
  copyFileSync(join(root, "deploy/nginx.conf"), join(release, "deploy/nginx.conf"));
  writeStandIns(join(folder, "stand-ins"));
  box = openHome();
  for (const path of ["var-backups", "tmp", "etc/nginx/conf.d", "etc/prometheus"]) {
    mkdirSync(join(folder, path), { recursive: true });
    chmodSync(join(folder, path), 0o777);
  }
  laptop = personAt(join(folder, "laptop"), { name: "alice", apiKey: "" });
  ssh = await startSshBox(join(folder, "ssh"));
});

afterAll(async () => {
  if (!isReady) return;
  await tunnel?.close();
  await front?.close();
  await ssh.close();
  await box.run(["systemctl", "stop", "fetchml"]);
  rmSync(folder, { recursive: true });
});

function openHome(): PlainAccount {
  const home = join(folder, "box");
  return plainAccount({ home, bin: `${join(folder, "stand-ins")}:${join(home, "usr/local/bin")}` });
}

/** Paths, ports, hosts and accounts of the page, and what stands in for them; programs are in `stand-ins.ts`. */
function standIns(): readonly (readonly [RegExp, string])[] {
  const { home, uid, gid } = box;
  return [
    // Below a folder of the test, and owned by the account of the test.
    [/\.\/install\.sh/, `./install.sh --prefix ${home}/usr/local`],
    [/\/var\/lib\/fetchml/g, `${home}/.local/share/fetchml`],
    [/\/etc\/fetchml/g, `${home}/.config/fetchml`],
    [/\/var\/backups/g, `${folder}/var-backups`],
    [/\/etc\/(?=nginx|prometheus)/g, `${folder}/etc/`],
    // The home of a person on the new box.
    [/(?:~\/|you@newbox:)(?=move)/g, `${folder}/tmp/`],
    [/-o fetchml -g fetchml/, `-o ${uid} -g ${gid}`],
    [/--chown=fetchml:fetchml/, `--chown=${uid}:${gid}`],
    // A port that is free here in place of 9100, of which the box is told once.
    [/^sudo fetchml init/, `sudo fetchml init --listen 127.0.0.1:${ports.box}`],
    [/localhost:9100/, `localhost:${ports.box}`],
    [/^ml login$/, `ml login ws://localhost:${ports.laptop}/ws`],
    // nginx with a certificate that was made for this test.
    [/wss:\/\/box\.example\.org\/ws/, front?.url ?? ""],
  ];
}

/** Typed in the folder of the release. */
function onBox(line: string): Promise<Ended> {
  return box.run(["sh", "-c", `cd ${release} && ${line}`]);
}

function onLaptop(line: string): Promise<Ended> {
  const env = {
    ...box.env,
    HOME: laptop.home,
    ...(front !== undefined && { ML_CA_FILE: front.certificate.authorityPath }),
  };
  return runToEnd(["sh", "-c", line], { cwd: join(laptop.home, "work"), env, input: key });
}

/** What a line needs before it or brings about, beside being run. */
const around: Readonly<
  Record<string, { before?: () => unknown; after?: (ended: Ended) => unknown }>
> = {
  "sudo fetchml key issue alice --label laptop": { after: ({ stdout }) => (key = stdout) },
  "ml run hello -- echo it works": {
    after: ({ stdout }) => expect(stdout).toContain("it works"),
  },
  "sudo systemctl reload nginx": {
    before: async () => {
      const copied = readFileSync(join(folder, "etc/nginx/conf.d/fetchml.conf"), "utf8");
      expect(copied).toBe(readFileSync(join(root, "deploy/nginx.conf"), "utf8"));
      front = await startNginx({ folder: join(folder, "nginx"), boxPort: ports.box });
      expect((await front.check()).code).toBe(0);
    },
  },
  "sudo systemctl reload fetchml": {
    before: () => {
      const settings = /^```toml\n([^]*?)```/m.exec(page)?.[1] ?? "";
      appendFileSync(join(box.home, ".config/fetchml/config.toml"), `\n${settings}`);
    },
  },
  "sudo fetchml restore /var/backups/fetchml.backup.tar": {
    after: ({ stderr }) => expect(stderr).toContain("1 job, 2 users"),
  },
  "sudo rsync -a /var/lib/fetchml/attempts /var/lib/fetchml/checkpoints you@newbox:move/": {
    // From here on the box is another one.
    after: () => {
      renameSync(box.home, join(folder, "old-box"));
      box = openHome();
    },
  },
  "sudo rsync -a --ignore-existing --chown=fetchml:fetchml ~/move/attempts ~/move/checkpoints /var/lib/fetchml/":
    {
      after: () => {
        const { mode } = statSync(join(box.home, ".local/share/fetchml"));
        expect((mode & 0o7777).toString(8)).toBe("700");
      },
    },
  "sudo rm -rf ~/move ~/move.backup.tar": {
    before: () => {
      const log = join(box.home, ".local/share/fetchml/attempts/1.1/control/log");
      expect(readFileSync(log, "utf8")).toContain("it works");
    },
    // "rm -f" is silent about what it has not found.
    after: () => {
      expect(globSync("move*", { cwd: join(folder, "tmp") })).toEqual([]);
    },
  },
  "sudo sed 's/^/Authorization: Bearer /' /etc/prometheus/fetchml.key | curl -fsS -H @- http://localhost:9100/metrics":
    { after: ({ stdout }) => expect(stdout).toContain("fetchml_disk_free_bytes") },
};

const declare = needsSystem(...TOOLS);

for (const line of lines) {
  declare(
    `docs/operations.md: ${line}`,
    async () => {
      const { before, after } = around[line] ?? {};
      await before?.();
      if (line === "ml tunnel you@box") {
        // It stays open; the host is an sshd of this test.
        const at = ["--port", String(ports.box), "--local-port", String(ports.laptop)];
        tunnel = openTunnel(laptop, ssh, [ssh.target, ...at]);
        await tunnel.isUp();
        return;
      }
      const typed = standIns().reduce((text, [from, to]) => text.replace(from, to), line);
      const ended = await (line.startsWith("ml ") ? onLaptop(typed) : onBox(typed));
      expect([ended.code, ended.code === 0 ? "" : ended.stderr + ended.stdout]).toEqual([0, ""]);
      await after?.(ended);
    },
    60_000,
  );
}

test("docs/operations.md shows every command that something is done around", () => {
  expect(Object.keys(around).filter((line) => !lines.includes(line))).toEqual([]);
});

test("docs/operations.md says of each alarm what it means, and of no other", () => {
  const rules = readFileSync(join(root, "deploy/prometheus/alerts.yml"), "utf8");
  const alarms = [...rules.matchAll(/^\s+- alert: (\w+)$/gm)].map(([, name]) => name);
  expect(alarms.length).toBeGreaterThan(0);
  expect([...page.matchAll(/^### (\w+)$/gm)].map(([, name]) => name)).toEqual(alarms);
});

test("no page shows a command that has a key among its words, where every account can see it", () => {
  const pages = [
    "README.md",
    "SECURITY.md",
    "deploy/README.md",
    ...globSync("docs/*.md", { cwd: root }),
  ];
  for (const path of pages) {
    const blocks = readFileSync(join(root, path), "utf8").matchAll(/^```sh\n([^]*?)```/gm);
    const shown = [...blocks].flatMap(([, block = ""]) => block.split("\n"));
    const telling = shown.filter((line) =>
      /(?:bearer|--(?:api-)?key|user:)[ =]\S*\$\(/i.test(line),
    );
    expect([path, ...telling]).toEqual([path]);
  }
});
