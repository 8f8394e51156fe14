// Reads the paths of the box that a job cannot do without.
import { FetchmlError } from "@fetchml/protocol";
import { textsOf, type OptionValues } from "./option-values.ts";

/** The values of `--mount`. @throws FetchmlError usage for one that is not absolute */
export function readMounts(options: OptionValues): readonly string[] {
  const paths = textsOf(options, "mount");
  if (paths.length === 0) return paths;
  const wrong = paths.find((path) => !path.startsWith("/"));
  if (wrong === undefined) return paths;
  throw new FetchmlError(
    "usage",
    `--mount takes an absolute path of the box, such as /data, not ${JSON.stringify(wrong)}.`,
  );
}
