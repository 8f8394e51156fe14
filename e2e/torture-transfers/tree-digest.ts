// One line that stands for a whole tree: names, kinds, executable bits, links and contents, as the tools of the system see them.
import { runToEnd } from "../box.ts";

/** A script that prints the digest of the folder in which it runs: `tree HASH`. A job can run it as well as a test. */
export const DIGEST_SCRIPT = `{
  find . -mindepth 1 \\( -type d -printf 'folder %P\\n' \\) -o \\( -type f -perm -100 -printf 'program %P\\n' \\) \\
    -o \\( -type f -printf 'file %P\\n' \\) -o -printf 'other %y %P %l\\n'
  find . -type f -exec sha256sum -- {} +
} | LC_ALL=C sort | sha256sum | sed 's/ .*//; s/^/tree /'`;

/** What the script prints in a folder, without the line break. @throws Error when it cannot be run there */
export async function digestOf(folder: string): Promise<string> {
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin" };
  const { code, stdout, stderr } = await runToEnd(["sh", "-c", DIGEST_SCRIPT], {
    cwd: folder,
    env,
  });
  if (code !== 0 || stderr !== "") throw new Error(`the digest of ${folder}: ${stderr}`);
  return stdout.trim();
}
