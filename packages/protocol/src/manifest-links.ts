// Which links a manifest may hold.
import { foldPath } from "./manifest-fold.ts";
import { STORED_TREE, type TreeRules } from "./manifest-rules.ts";
import { manifestTextProblem, quotedPath } from "./manifest-text.ts";

/** The problem of a link that was told before, as the end of a sentence that begins with its path; `null` if it has none. */
export type LinkCheck = (path: string, target: string) => string | null;

/**
 * Says for each link whether it may stand in a manifest. A link must stay inside the tree whatever other links its way leads
 * through; where names are folded, also those that it names in another spelling. One that leads nowhere, or in circles, may
 * stand. `links` are all links of the tree, target by path. No path of the tree may lie below a link.
 */
export function createLinkCheck(
  links: ReadonlyMap<string, string>,
  rules: TreeRules = STORED_TREE,
): LinkCheck {
  const steps = linkCheckSteps(links, rules);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** The same for whoever has other things to do meanwhile: it pauses after each link. */
export function* linkCheckSteps(
  links: ReadonlyMap<string, string>,
  { pathBytes, foldsNames }: TreeRules,
): Generator<void, LinkCheck, void> {
  const folded = new Map<string, string>();
  for (const [path, target] of foldsNames ? links : []) {
    if (target.length <= pathBytes) folded.set(foldPath(path), foldPath(target));
    yield;
  }
  const walks = foldsNames ? 2 : 1;
  let left = MAX_WORK * walks;
  return (path, target) => {
    const problem = manifestTextProblem(target, pathBytes);
    if (problem !== null) return `is a link to ${quotedPath(target)}, which ${problem}`;
    const granted = Math.min(left, MAX_WORK_OF_LINK * walks);
    const budget = { characters: granted };
    const leaves =
      leavesTree({ path, target }, links, budget) ||
      (foldsNames &&
        leavesTree({ path: foldPath(path), target: foldPath(target) }, folded, budget));
    left -= granted - budget.characters;
    return leaves ? `is a link to ${quotedPath(target)}, which leads out of the project` : null;
  };
}

// The kernel follows 40 links before it gives up.
const MAX_HOPS = 40;

// Over all links of one manifest and for each of the ways to read their names, in characters looked at. 50,000 links of a real
// tree need a third of it; all of it takes a quarter of a second.
const MAX_WORK = 100_000_000;
const WORK_OF_A_STEP = 32;

// For one link, so that whoever looks at many can pause between two: a hundredth of a second.
const MAX_WORK_OF_LINK = 4_000_000;

/** Follows the target as the kernel would; text alone does not tell, since `..` behind a link leads elsewhere. */
function leavesTree(
  { path, target }: { readonly path: string; readonly target: string },
  links: ReadonlyMap<string, string>,
  budget: { characters: number },
): boolean {
  let place = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  const ahead = target.split("/").toReversed();
  let hops = 0;
  for (let part = ahead.pop(); part !== undefined; part = ahead.pop()) {
    budget.characters -= place.length + part.length + WORK_OF_A_STEP;
    // Only a manifest made to be slow gets here; it is refused like a link that leaves.
    if (budget.characters < 0) return true;
    if (part === "" || part === ".") continue;
    const parent = place;
    if (part === "..") {
      if (place === "") return true;
      place = place.slice(0, Math.max(0, place.lastIndexOf("/")));
      continue;
    }
    place = place === "" ? part : `${place}/${part}`;
    const next = links.get(place);
    if (next === undefined) continue;
    hops += 1;
    if (hops > MAX_HOPS) return false;
    if (next.startsWith("/")) return true;
    place = parent;
    ahead.push(...next.split("/").toReversed());
  }
  return false;
}
