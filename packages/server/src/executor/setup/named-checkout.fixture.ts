// A project for tests whose snapshot's name tells what it holds.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes the files and links that a snapshot's name lists: `a=1 sub/b=2 link=@a`. */
export async function namedCheckout(snapshot: string | null, folder: string): Promise<void> {
  for (const file of (snapshot ?? "").split(" ").filter((each) => each !== "")) {
    const [path = "", text = ""] = file.split("=");
    mkdirSync(join(folder, path, ".."), { recursive: true });
    if (text.startsWith("@")) symlinkSync(text.slice(1), join(folder, path));
    else writeFileSync(join(folder, path), text);
  }
}
