// The package of this machine, installed by the real dpkg into a layer above this system: install, upgrade under a running job, remove, purge.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runToEnd, until } from "./box.ts";
import { openOverlaidSystem, whyNoOverlaidSystem, type OverlaidSystem } from "./overlaid-system.ts";
import { freePort } from "./ssh-box.ts";
import { needsParts } from "./system-tool.ts";
import { makeHostPackage, makeOlderPackage } from "./unpacked-release.ts";

const TOOLS = ["dpkg", "dpkg-deb", "systemd-sysusers", "bwrap", "unshare", "nsenter", "setpriv"];
const missing = TOOLS.filter((tool) => Bun.which(tool) === null);
const why = missing.length > 0 ? null : whyNoOverlaidSystem();
const lacks = [...missing, ...(why === null ? [] : [why])];
const declare = needsParts(lacks);

const PATIENCE_MS = 300_000;
const DATA = "/var/lib/fetchml";

let folder: string;
let system: OverlaidSystem;
let port: number;
let packages: { readonly new: string; readonly old: string };

beforeAll(async () => {
  if (lacks.length > 0) return;
  folder = mkdtempSync(join(tmpdir(), "fetchml-deb-"));
  chmodSync(folder, 0o755);
  const made = await makeHostPackage(folder);
  packages = {
    new: made,
    old: await makeOlderPackage(made, "echo '# older' >>usr/share/fetchml/apparmor/fetchml"),
  };
  system = await openOverlaidSystem(folder);
  for (const [name, text] of Object.entries(STAND_INS)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    await system.succeed(`cp ${join(folder, name)} /usr/sbin/${name}`);
  }
  port = await freePort();
}, PATIENCE_MS);

afterAll(async () => {
  if (lacks.length > 0) return;
  await system.close();
  rmSync(folder, { recursive: true });
}, PATIENCE_MS);

/** What this machine has not: a systemd that runs, a parser of AppArmor 4. Each notes what it was told. */
const STAND_INS = {
  systemctl: 'echo "systemctl $*" >>/tmp/told',
  apparmor_parser: 'echo "apparmor_parser $*" >>/tmp/told',
  "policy-rc.d": "exit 0",
};

const dpkg = (words: string) =>
  system.succeed(`DEBIAN_FRONTEND=noninteractive dpkg --force-unsafe-io --no-triggers ${words}`);
const install = (name: "old" | "new") => dpkg(`--install ${packages[name]}`);

/** What the stand-ins were told since the last time. */
async function told(): Promise<readonly string[]> {
  const { stdout } = await system.sh("cat /tmp/told; rm -f /tmp/told");
  return stdout.split("\n").filter((line) => !/skip-kernel-load|^$/.test(line));
}

/** A kernel and a bubblewrap as Ubuntu has them. */
const FORBID_NAMESPACES = `
rm -f /.dockerenv
cp -r --no-preserve=all /proc/sys/kernel /tmp/kernel 2>/dev/null
echo 1 >/tmp/kernel/apparmor_restrict_unprivileged_userns
mount --bind /tmp/kernel /proc/sys/kernel
mv /usr/bin/bwrap /usr/bin/bwrap.real
printf '#!/bin/sh\\necho "bwrap: setting up uid map: Permission denied" >&2; exit 1\\n' >/usr/bin/bwrap
chmod 755 /usr/bin/bwrap`;

const AS_FETCHML = "setpriv --reuid=fetchml --regid=fetchml --init-groups";

/** Starts the server as the unit would, and waits until it answers; answers its pid. */
async function serve(): Promise<string> {
  await system.succeed(
    `cd / && { ${AS_FETCHML} env STATE_DIRECTORY=${DATA} fetchml serve >/tmp/log 2>&1 & echo $! >/tmp/pid; }`,
  );
  await until(
    async () => (await system.sh("ML_CONFIG=/root/ml.toml ml status")).code === 0,
    "the server does not answer",
  ).catch(async (error: unknown) => {
    throw new Error(`${String(error)}: ${(await system.sh("cat /tmp/log")).stdout}`);
  });
  return (await system.succeed("cat /tmp/pid")).trim();
}

const ml = (line: string) =>
  system.succeed(`cd /root/project && ML_CONFIG=/root/ml.toml ml ${line}`);

describe("the package", () => {
  declare(
    "installs where systemd does not run: account, programs, nothing started",
    async () => {
      expect(await install("old")).toContain("Next, type: sudo fetchml init\n");
      expect(await told()).toEqual([]);
      expect(await system.succeed("dpkg --verify fetchml")).toBe("");
      expect(await system.succeed("getent passwd fetchml")).toMatch(
        /^fetchml:.*:\/var\/lib\/fetchml:.*nologin$/m,
      );
      expect(await system.succeed("id -nG fetchml")).toContain("render");
      expect(await system.succeed("man --path ml fetchml")).toContain("/usr/share/man/man1/");
    },
    PATIENCE_MS,
  );

  declare(
    "is upgraded under a running server: neither it nor its job ends, and config and data stay as they were",
    async () => {
      await system.succeed(`fetchml init --yes --user alice --listen 127.0.0.1:${port}`);
      await system.succeed("echo '# mine' >>/etc/fetchml/config.toml");
      const key = (await system.succeed("fetchml key issue alice")).trim();
      await system.succeed(
        `mkdir -p project; umask 077; printf 'api_key = "%s"\\napi_url = "ws://localhost:${port}/ws"\\n' ${key} >/root/ml.toml`,
      );
      const server = await serve();
      await ml("queue gated -- sh -c 'until [ -e ~/go ]; do sleep 0.1; done; exit 7'");
      await until(async () => (await ml("list --state running")).includes("gated"), "no job");
      // From here on systemd and AppArmor are there.
      await system.succeed("mkdir -p /run/systemd/system /sys/kernel/security/apparmor");
      const config = await system.succeed("cat /etc/fetchml/config.toml; stat -c %y /etc/fetchml");

      expect(await install("new")).not.toContain("Next, type");
      expect(await told()).toEqual([
        "apparmor_parser --replace /etc/apparmor.d/fetchml",
        "systemctl daemon-reload",
        "systemctl try-restart fetchml.service",
      ]);
      expect(await system.succeed("cat /etc/fetchml/config.toml; stat -c %y /etc/fetchml")).toBe(
        config,
      );
      expect(await ml("list --state running")).toContain("gated");
      // What the stand-in was told, systemd would have done: TERM to the server alone, and the new program.
      expect(await system.succeed(`readlink /proc/${server}/exe`)).toContain("(deleted)");
      await system.succeed(`kill -TERM ${server}`);
      await until(async () => (await system.sh(`kill -0 ${server}`)).code !== 0, "it goes on");
      await serve();
      await system.succeed(`touch ${DATA}/homes/alice/go`);
      expect(
        (await system.sh("cd /root/project && ML_CONFIG=/root/ml.toml ml wait gated")).code,
      ).toBe(7);
      expect(await ml("show gated --json")).toContain('"attempt":1');
    },
    PATIENCE_MS,
  );

  declare(
    "replaces its AppArmor profile in an upgrade, unless somebody has changed it",
    async () => {
      const profile = "/etc/apparmor.d/fetchml";
      expect(await system.succeed(`cat ${profile}`)).not.toContain("# older");
      await dpkg(`--force-downgrade --install ${packages.old}`);
      expect(await system.succeed(`cat ${profile}`)).toContain("# older");
      await system.succeed(`echo '# mine' >>${profile}`);
      expect(await install("new")).toContain(`${profile} was changed here, and stays as it is`);
      expect(await system.succeed(`cat ${profile}`)).toEndWith("# older\n# mine\n");
      await told();
    },
    PATIENCE_MS,
  );

  declare(
    "obeys a policy that forbids to restart",
    async () => {
      await system.succeed("printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d");
      await install("new");
      expect(await told()).not.toContain("systemctl try-restart fetchml.service");
      await system.succeed("printf '#!/bin/sh\\nexit 0\\n' >/usr/sbin/policy-rc.d");
    },
    PATIENCE_MS,
  );

  declare(
    "names its AppArmor profile where that alone keeps bubblewrap from working: doctor, init and serve",
    async () => {
      const mends =
        "sudo cp /usr/share/fetchml/apparmor/fetchml /etc/apparmor.d/fetchml && sudo apparmor_parser --replace /etc/apparmor.d/fetchml";
      await system.succeed(FORBID_NAMESPACES);
      for (const command of ["doctor", "init --yes", "serve --data-dir /tmp/other"]) {
        const { code, stdout, stderr } = await system.sh(`${AS_FETCHML} fetchml ${command}`);
        expect([command, code === 0]).toEqual([command, false]);
        expect(stdout + stderr).toContain(mends);
        expect(stdout + stderr).not.toContain("sysctl");
      }
      // Root can do without bubblewrap, and is told all the same.
      expect((await system.sh("fetchml doctor")).stdout).toContain(mends);
      await system.succeed("umount /proc/sys/kernel && mv /usr/bin/bwrap.real /usr/bin/bwrap");
      await told();
    },
    PATIENCE_MS,
  );

  declare(
    "upgraded or removed beside a FetchML of install.sh, leaves that one's unit alone",
    async () => {
      const shipped = "$(dpkg --listfiles fetchml | grep 'systemd/system/fetchml.service$')";
      const touchesUnit = async () =>
        (await told()).filter((line) => / (?:stop|disable|try-restart) |disable/.test(line));
      for (const unit of [
        "/usr/local/lib/systemd/system/fetchml.service",
        "/etc/systemd/system/fetchml.service",
      ]) {
        await system.succeed(
          `mkdir -p ${dirname(unit)} && sed s:/usr/bin/fetchml:/usr/local/bin/fetchml: ${shipped} >${unit}`,
        );
        await install("new");
        expect(await dpkg("--remove fetchml")).toContain(
          `Left as it is: the FetchML that ${unit} starts.\n`,
        );
        expect(await touchesUnit()).toEqual([]);
        await system.succeed(`rm ${unit}`);
        await install("new");
        await told();
      }
      // A copy that an admin has changed starts this program all the same.
      const own = "/etc/systemd/system/fetchml.service";
      await system.succeed(`cp ${shipped} ${own}; echo '# mine' >>${own}`);
      await dpkg("--remove fetchml");
      expect(await touchesUnit()).toEqual([
        "systemctl stop fetchml.service",
        "systemctl --quiet disable fetchml.service",
      ]);
      await system.succeed(`rm ${own}`);
      await install("new");
      await told();
    },
    PATIENCE_MS,
  );

  declare(
    "removed, stops the server and leaves config and data; purged, leaves the data; installed again, has them",
    async () => {
      await system.succeed("kill -TERM $(cat /tmp/pid)");
      await system.succeed("cp /usr/share/fetchml/apparmor/fetchml /etc/apparmor.d/fetchml");
      const data = await system.succeed(`find ${DATA} | sort`);
      await dpkg("--remove fetchml");
      expect(await told()).toEqual([
        "systemctl stop fetchml.service",
        "systemctl --quiet disable fetchml.service",
        "apparmor_parser --remove /etc/apparmor.d/fetchml",
        "systemctl daemon-reload",
      ]);
      expect((await system.sh("command -v ml fetchml; ls /etc/apparmor.d/fetchml")).stdout).toBe(
        "",
      );
      expect(await system.succeed("cat /etc/fetchml/config.toml")).toContain("# mine\n");
      expect(await system.succeed(`find ${DATA} | sort`)).toBe(data);

      // As long as a server below /usr/local lives by it, a purge keeps the config.
      const unit = "/usr/local/lib/systemd/system/fetchml.service";
      await system.succeed(`install -D /dev/null ${unit}; echo mine >/etc/apparmor.d/fetchml`);
      expect(await dpkg("--purge fetchml")).toContain(`Kept for the FetchML that ${unit} starts: `);
      const kept = "cat /etc/fetchml/config.toml /etc/apparmor.d/fetchml";
      expect(await system.succeed(kept)).toEndWith("# mine\nmine\n");
      await system.succeed(`rm ${unit} /etc/apparmor.d/fetchml`);

      await system.succeed("ln -s /nowhere/at/all /etc/apparmor.d/fetchml");
      expect(await install("new")).toContain("was changed here, and stays as it is");
      expect(await system.succeed("readlink /etc/apparmor.d/fetchml")).toBe("/nowhere/at/all\n");
      await dpkg("--remove fetchml");
      await told();
      expect(await dpkg("--purge fetchml")).toContain(
        `Left for you to remove: ${DATA} and the account fetchml.\n`,
      );
      expect((await system.sh("ls -d /etc/fetchml /usr/share/fetchml")).stdout).toBe("");
      expect(await system.succeed(`find ${DATA} | sort`)).toBe(data);

      await install("new");
      expect(await system.succeed(`fetchml user list --data-dir ${DATA}`)).toContain("alice");
    },
    PATIENCE_MS,
  );
});

test.skipIf(lacks.length > 0)("nothing of all this has reached this system", async () => {
  const outside = await runToEnd(["sh", "-c", "dpkg-query --show fetchml; ls /etc/fetchml"], {
    env: { PATH: process.env["PATH"] ?? "" },
  });
  expect(outside.stdout).toBe("");
});
