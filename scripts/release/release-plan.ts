// What a release is made of, as data: which files lie where, in an unpacked tarball and in the Debian package.
import type { Target } from "../build-steps/build-plan.ts";

/** One file of a release. */
export interface ReleaseFile {
  /** Relative to the project's root; `@made/` stands for the folder with what a build has made. */
  readonly from: string;
  /** Relative to the root of the tarball or of the package. */
  readonly to: string;
  readonly mode: number;
  /** Whether it is compressed on the way, as Debian wants its manuals. */
  readonly isGzipped?: true;
}

/** What an unpacked tarball has for a kind of machine; `install.sh` in it works as in a clone. */
export function tarballFiles({ name, executables }: Target): readonly ReleaseFile[] {
  const suffix = name.startsWith("windows") ? ".exe" : "";
  const hasServer = executables.includes("fetchml");
  return [
    ...executables.map((program) => ({
      from: `@made/${program}${suffix}`,
      to: `${program}${suffix}`,
      mode: 0o755,
    })),
    ...executables.map((program) => plain(`@made/man/${program}.1`, `man/${program}.1`)),
    ...executables
      .flatMap((program) => [`${program}.bash`, `_${program}`, `${program}.fish`])
      .map((each) => plain(`@made/completions/${each}`, `completions/${each}`)),
    ...(hasServer ? DEPLOYED.map((each) => plain(each, each)) : []),
    ...DOCUMENTS.map((each) => plain(each, each)),
    ...(suffix === "" ? SCRIPTS.map((each) => script(each, each)) : []),
  ];
}

/** Puts a key into the vault of whoever runs it; it finds an installed `fetchml` by PATH. */
const BITWARDEN = "create_bitwarden_fetchml_item.sh";

const SCRIPTS = ["install.sh", BITWARDEN];

/** For whoever puts a proxy or Prometheus beside the server. */
const EXAMPLES = [
  "deploy/Caddyfile",
  "deploy/grafana-dashboard.json",
  "deploy/nginx.conf",
  "deploy/prometheus/alerts.yml",
  "deploy/prometheus/prometheus.yml",
];

/** What the Debian package puts where, beside its control file and its changelog. */
export const debianFiles: readonly ReleaseFile[] = [
  { from: "@made/ml", to: "usr/bin/ml", mode: 0o755 },
  { from: "@made/fetchml", to: "usr/bin/fetchml", mode: 0o755 },
  gzipped("@made/man/ml.1", "usr/share/man/man1/ml.1.gz"),
  gzipped("@made/man/fetchml.1", "usr/share/man/man1/fetchml.1.gz"),
  ...["ml", "fetchml"].flatMap((each) => [
    plain(`@made/completions/${each}.bash`, `usr/share/bash-completion/completions/${each}`),
    plain(`@made/completions/_${each}`, `usr/share/zsh/vendor-completions/_${each}`),
    plain(`@made/completions/${each}.fish`, `usr/share/fish/vendor_completions.d/${each}.fish`),
  ]),
  plain("deploy/fetchml.service", "usr/lib/systemd/system/fetchml.service"),
  plain("deploy/fetchml.sysusers", "usr/lib/sysusers.d/fetchml.conf"),
  plain("deploy/apparmor/fetchml", "usr/share/fetchml/apparmor/fetchml"),
  ...EXAMPLES.map((each) =>
    plain(each, each.replace("deploy/", "usr/share/doc/fetchml/examples/")),
  ),
  script(BITWARDEN, `usr/share/fetchml/${BITWARDEN}`),
  plain("LICENSE", "usr/share/doc/fetchml/copyright"),
  plain("README.md", "usr/share/doc/fetchml/README.md"),
  plain("SECURITY.md", "usr/share/doc/fetchml/SECURITY.md"),
  gzipped("CHANGELOG.md", "usr/share/doc/fetchml/CHANGELOG.md.gz"),
  plain("deploy/debian/lintian-overrides", "usr/share/lintian/overrides/fetchml"),
  { from: "deploy/debian/preinst", to: "DEBIAN/preinst", mode: 0o755 },
  { from: "deploy/debian/postinst", to: "DEBIAN/postinst", mode: 0o755 },
  { from: "deploy/debian/prerm", to: "DEBIAN/prerm", mode: 0o755 },
  { from: "deploy/debian/postrm", to: "DEBIAN/postrm", mode: 0o755 },
];

/** What Debian calls the machines that a package is made for. */
export const debianArchitectures: ReadonlyMap<string, string> = new Map([
  ["linux-x64", "amd64"],
  ["linux-arm64", "arm64"],
]);

const DEPLOYED = [
  ...EXAMPLES,
  "deploy/README.md",
  "deploy/apparmor/fetchml",
  "deploy/fetchml-user.service",
  "deploy/fetchml.service",
  "deploy/fetchml.sysusers",
];

const DOCUMENTS = [
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
  "SECURITY.md",
  "docs/api-keys.md",
  "docs/bitwarden.md",
  "docs/configuration.md",
  "docs/operations.md",
];

function plain(from: string, to: string): ReleaseFile {
  return { from, to, mode: 0o644 };
}

function script(name: string, to: string): ReleaseFile {
  return { from: `scripts/${name}`, to, mode: 0o755 };
}

function gzipped(from: string, to: string): ReleaseFile {
  return { from, to, mode: 0o644, isGzipped: true };
}
