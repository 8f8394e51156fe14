// What an admin types so that bubblewrap works, by what keeps it from it.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What is looked at. */
export interface AdvicePlaces {
  /** Stands for `/` where the box is looked at; default `/`. */
  readonly root?: string;
  /** The server's executable; default the one that runs. */
  readonly program?: string;
}

/** One line for the admin, of which the last part is what to type. */
export function mendingAdvice(complaint: string, places: AdvicePlaces = {}): string {
  const { root = "/", program = process.execPath } = places;
  if (complaint === "missing") return "Type: sudo apt-get install bubblewrap";
  if (existsSync(join(root, ".dockerenv")) || existsSync(join(root, "run/.containerenv"))) {
    return "In a container: start it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined";
  }
  if (lacksProfile(root)) return `Type: ${profileCommand(root, program)}`;
  const found = SWITCHES.find(({ file, blocks }) => read(root, `proc/sys/${file}`) === blocks);
  if (found !== undefined) {
    const name = found.file.replaceAll("/", ".");
    return `Type: echo ${name}=${found.mend} | sudo tee /etc/sysctl.d/60-fetchml.conf && sudo sysctl --system`;
  }
  return 'If you trust everyone who gets a key, type "fetchml serve --sandbox none"; read SECURITY.md first.';
}

/** Switches of the kernel that forbid the namespaces of an account that is not root. */
const SWITCHES = [
  { file: "kernel/unprivileged_userns_clone", blocks: "0", mend: "1" },
  { file: "user/max_user_namespaces", blocks: "0", mend: "15000" },
] as const;

/** Whether AppArmor forbids namespaces to programs without a profile, as on Ubuntu since 24.04, and this process has none. */
function lacksProfile(root: string): boolean {
  if (read(root, "proc/sys/kernel/apparmor_restrict_unprivileged_userns") !== "1") return false;
  const label =
    read(root, "proc/self/attr/apparmor/current") ?? read(root, "proc/self/attr/current");
  return label === null || label === "unconfined";
}

/** Loads the profile that was installed for this executable; where none was, a new one that says the same. */
function profileCommand(root: string, program: string): string {
  const installed = join(dirname(program), "../share/fetchml/apparmor/fetchml");
  const load = "sudo apparmor_parser --replace /etc/apparmor.d/fetchml";
  if (read(root, installed)?.includes(` ${program} `) === true) {
    return `sudo cp ${installed} /etc/apparmor.d/fetchml && ${load}`;
  }
  const lines = ["abi <abi/4.0>,", `profile fetchml "${program}" flags=(unconfined) { userns, }`];
  return `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")} | sudo tee /etc/apparmor.d/fetchml && ${load}`;
}

function read(root: string, path: string): string | null {
  try {
    return readFileSync(join(root, path), "utf8").trim();
  } catch {
    return null;
  }
}
