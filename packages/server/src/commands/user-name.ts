// The name of a user as the admin types it: what it may look like, and the one that was probably meant.
import { FetchmlError, nearestUserName, USER_NAME, USER_NAME_RULE } from "@fetchml/protocol";
import { refuseWholeKey, shownWord } from "./key-word.ts";

/**
 * The name, when a user may have it.
 * @param again the command with the right name in its place, to be typed instead.
 * @throws FetchmlError usage, with that command for the nearest name
 */
export function parseUserName(text: string, again: (name: string) => string): string {
  if (USER_NAME.test(text)) return text;
  refuseWholeKey(text, "the name of a user");
  const near = nearestUserName(text);
  throw new FetchmlError(
    "usage",
    `${shownWord(text)} is not a user's name: ${USER_NAME_RULE}.${near === null ? "" : `\nTry: ${again(near)}`}`,
  );
}
