// Has something happen to files of more than a megabyte each time one is read, for tests.
import { spyOn } from "bun:test";
import { promises } from "node:fs";

/** Does the work; meanwhile `change` is called with the path of each file that is opened to be read in pieces, before the first is read. */
export async function changingWhileRead<T>(
  change: (path: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  const open = promises.open.bind(promises);
  const spy = spyOn(promises, "open").mockImplementation(async (path, flags, mode) => {
    const handle = await open(path, flags, mode);
    change(String(path));
    return handle;
  });
  try {
    return await work();
  } finally {
    spy.mockRestore();
  }
}
