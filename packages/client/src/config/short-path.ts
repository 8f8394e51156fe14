// Paths as a person is shown them, and as a shell takes them: one rule for every message.
import { shellQuote } from "./shell-quote.ts";

/** A path with the home folder as `~`. */
export function shortPath(path: string, home: string): string {
  return home !== "" && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

/** The same for a command to be typed: whole and in quotes where a shell would take it apart, since quotes keep a `~`. */
export function typedPath(path: string, home: string): string {
  const short = shortPath(path, home);
  return shellQuote(short) === short ? short : shellQuote(path);
}
