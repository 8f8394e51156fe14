// Which outputs a person means by the patterns that were typed.
import { toByteString } from "../project/byte-string.ts";
import { compileGlob } from "../project/glob.ts";

/**
 * A test for paths. As in ignore files, a pattern without a slash fits a name at any depth, one with a slash fits from the top,
 * `**` stands for any number of folders, and what fits a folder takes all that is in it. A pattern fits also what is named like
 * it, sign by sign. No patterns fit everything.
 */
export function compileGlobs(globs: readonly string[]): (path: string) => boolean {
  if (globs.length === 0) return () => true;
  const tests = globs.map(compile);
  return (path) => {
    const bytes = toByteString(path);
    return tests.some((fits) => fits(bytes));
  };
}

/** Those of the patterns that fit none of the paths, each once, in their order. */
export function globsWithoutMatch(
  globs: readonly string[],
  paths: readonly string[],
): readonly string[] {
  const bytes = paths.map(toByteString);
  return [...new Set(globs)].filter((glob) => !bytes.some(compile(glob)));
}

function compile(glob: string): (path: string) => boolean {
  const pattern = toByteString(glob.replace(/^(?:\.?\/+)+/, "").replace(/\/+$/, ""));
  const fits = compileGlob(pattern);
  const isFromTop = pattern.includes("/") || /^\.?\//.test(glob);
  return (path) => {
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      const whole = path.slice(0, end);
      const name = isFromTop ? whole : whole.slice(whole.lastIndexOf("/") + 1);
      if (name === pattern || fits(name)) return true;
    }
    return false;
  };
}
