// Decides at start how jobs are kept apart, by running something in each sandbox that comes into question.
import { FetchmlError } from "@fetchml/protocol";
import { option } from "./bwrap-option.ts";
import { namespaceOptions } from "./bubblewrap-options.ts";
import { findProgram } from "./find-program.ts";
import type { AccountPlan, BubblewrapPlan, SandboxPlan, UidRange } from "./sandbox-plan.ts";
import { deviceOptions, systemOptions } from "./visible-system.ts";
import { wayProblem } from "./way-problem.ts";
import { mendingAdvice } from "./mending-advice.ts";

/** What a sandbox is looked for with. */
export interface SandboxSearch {
  /** What the admin asked for; `auto` takes bubblewrap, or where the server is root and that does not work, accounts. */
  readonly asked: SandboxPlan["kind"] | "auto";
  /** PATH in which the programs are looked for. */
  readonly path: string;
  /** Accounts for jobs, where the server is root. */
  readonly uids: UidRange;
  /** The data folder; it exists. */
  readonly dataDir: string;
}

/**
 * Answers a plan that was seen to work.
 *
 * @throws FetchmlError box-unfit, which says what to type, when what was asked for does not work here.
 */
export async function proveSandbox(search: SandboxSearch): Promise<SandboxPlan> {
  const isRoot = process.geteuid?.() === 0;
  switch (search.asked) {
    case "none":
      return { kind: "none" };
    case "bubblewrap": {
      const found = await tryBubblewrap(search, isRoot);
      if (typeof found !== "string") return found;
      throw unfit("bubblewrap", found);
    }
    case "account": {
      const found = await tryAccount(search, isRoot);
      if (typeof found !== "string") return found;
      throw unfit("accounts", found);
    }
    case "auto": {
      const found = await tryBubblewrap(search, isRoot);
      if (typeof found !== "string") return found;
      const other = isRoot ? await tryAccount(search, isRoot) : "";
      if (typeof other !== "string") return other;
      throw unfit("bubblewrap", found);
    }
  }
}

/** The plan, or why it does not work and what mends that, in two lines. */
async function tryBubblewrap(
  { path, uids, dataDir }: SandboxSearch,
  isRoot: boolean,
): Promise<BubblewrapPlan | string> {
  const program = Bun.which("bwrap", { PATH: path });
  if (program === null) return `There is no "bwrap" in ${path}.\n${mendingAdvice("missing")}`;
  const blocked = isRoot ? wayProblem(dataDir) : null;
  if (blocked !== null) return blocked;
  const plan = { kind: "bubblewrap", program, uids: isRoot ? uids : null } as const;
  let complaint = "";
  for (const canDisableUserns of [true, false]) {
    const command = [
      ...(isRoot ? dropTo(findProgram("setpriv", path), uids) : []),
      program,
      ...namespaceOptions({ canDisableUserns }),
      ...systemOptions(),
      ...deviceOptions([]),
      ...option("--remount-ro", "/", "--", "/bin/sh", "-c", "true"),
    ];
    complaint = await complaintOf(command);
    if (complaint === "") return { ...plan, canDisableUserns };
  }
  return `${complaint}\n${mendingAdvice(complaint)}`;
}

async function tryAccount(
  { path, uids, dataDir }: SandboxSearch,
  isRoot: boolean,
): Promise<AccountPlan | string> {
  if (!isRoot)
    return "Only a server that is root can give jobs accounts of their own.\nRun it as root, or with --sandbox bubblewrap.";
  const blocked = wayProblem(dataDir);
  if (blocked !== null) return blocked;
  const complaint = await complaintOf([
    ...dropTo(findProgram("setpriv", path), uids),
    "/bin/sh",
    "-c",
    "true",
  ]);
  if (complaint !== "")
    return `${complaint}\nName accounts that this box can use as job_uids in config.toml, such as "50000-50999".`;
  // Otherwise a job could link a file of somebody else's into its folders, and have it given to it with them.
  const protectedLinks = await Bun.file("/proc/sys/fs/protected_hardlinks").text();
  if (protectedLinks.trim() === "1") return { kind: "account", uids };
  return "Any account may make hard links to files of others here.\nType: sudo sysctl -w fs.protected_hardlinks=1";
}

function dropTo(setpriv: string, { first }: UidRange): readonly string[] {
  return [
    setpriv,
    "--reuid",
    String(first),
    "--regid",
    String(first),
    "--clear-groups",
    "--no-new-privs",
  ];
}

/** What a command complains of; empty when it ends well. */
async function complaintOf(command: readonly string[]): Promise<string> {
  try {
    const child = Bun.spawn({
      cmd: [...command],
      cwd: "/",
      env: {},
      stdio: ["ignore", "ignore", "pipe"],
      timeout: PATIENCE_MS,
    });
    const [complaint, code] = await Promise.all([child.stderr.text(), child.exited]);
    if (code === 0) return "";
    return complaint.trim().split("\n").at(-1)?.slice(0, 300) || `It ended with ${code}.`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** More than a hundred times what it takes. */
const PATIENCE_MS = 10_000;

function unfit(what: string, why: string): FetchmlError {
  return new FetchmlError("box-unfit", `Cannot keep jobs apart with ${what}. ${why}`);
}
