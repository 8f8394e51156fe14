// Finds the cgroup of version 2 in which this process runs, from what the kernel tells of both; see cgroups(7) and proc(5).

/**
 * The folder of a process's cgroup, as the process sees the file system; `null` where version 2 is not mounted or shows another
 * part of the tree.
 *
 * @param cgroupText `/proc/PID/cgroup`.
 * @param mountText `/proc/PID/mountinfo`.
 */
export function findOwnCgroup(cgroupText: string, mountText: string): string | null {
  const path = /^0::(\/.*)$/m.exec(cgroupText)?.[1];
  if (path === undefined || path.startsWith("/..")) return null;
  for (const { root, mountPoint } of cgroupMounts(mountText)) {
    const below = pathBelow(root, path);
    if (below !== null) return `${mountPoint}${below}`;
  }
  return null;
}

/**
 * The unit of systemd to which a cgroup belongs, and whether a user's own systemd has it; `null` when none does.
 *
 * @param folder of the cgroup.
 */
export function unitOf(
  folder: string,
): { readonly name: string; readonly isUsers: boolean } | null {
  const parts = folder.split("/");
  const name = parts.findLast((part) => /\.(?:service|scope)$/.test(part));
  if (name === undefined || /^user@\d+\.service$/.test(name)) return null;
  return { name: unescape(name), isUsers: parts.some((part) => /^user@\d+\.service$/.test(part)) };
}

/** systemd puts `_` before a name that a file of the kernel could have. */
function unescape(name: string): string {
  return name.startsWith("_") ? name.slice(1) : name;
}

/** Mounts of version 2: which part of the tree they show (`root`) at which place. */
function cgroupMounts(
  mountText: string,
): readonly { readonly root: string; readonly mountPoint: string }[] {
  return mountText.split("\n").flatMap((line) => {
    const [mount = "", source = ""] = line.split(" - ");
    const [, , , root, mountPoint] = mount.split(" ");
    if (!source.startsWith("cgroup2 ") || root === undefined || mountPoint === undefined) return [];
    return [{ root: plain(root), mountPoint: plain(mountPoint) }];
  });
}

/** The kernel writes a space, a tab, a line break and a backslash as octal numbers. */
function plain(text: string): string {
  return text.replaceAll(/\\(\d{3})/g, (_, code: string) =>
    String.fromCodePoint(Number.parseInt(code, 8)),
  );
}

/** The rest of a path below a folder, with its slash, or empty; `null` when it does not lie there. */
function pathBelow(folder: string, path: string): string | null {
  if (folder === "/") return path === "/" ? "" : path;
  return path === folder || path.startsWith(`${folder}/`) ? path.slice(folder.length) : null;
}
