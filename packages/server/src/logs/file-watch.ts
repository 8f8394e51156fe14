// Notices changes of a file or folder on this machine.
import { watch } from "node:fs";

/**
 * Bun 1.4.5 drops an event that follows another one within about a millisecond, the last of a burst too. So after each event a
 * second look is due, later than that.
 */
const SECOND_LOOK_MS = 3;

/**
 * Calls back when the file has changed, or an entry of the folder: at once, and a moment later again, so that no change goes
 * unnoticed. Never calls before it returns, and keeps no process alive.
 *
 * @returns what ends the watch, safe twice; `null` when the path is missing or the machine has no watch left to give.
 */
export function watchFile(path: string, onChange: () => void): (() => void) | null {
  let secondLook: ReturnType<typeof setTimeout> | null = null;
  let isOpen = true;
  const onEvent = () => {
    if (!isOpen) return;
    secondLook ??= setTimeout(() => {
      secondLook = null;
      onChange();
    }, SECOND_LOOK_MS).unref();
    onChange();
  };
  try {
    const watcher = watch(path, { persistent: false }, onEvent);
    // A folder that is removed ends its own watch.
    watcher.on("error", () => watcher.close());
    return () => {
      isOpen = false;
      if (secondLook !== null) clearTimeout(secondLook);
      watcher.close();
    };
  } catch {
    return null;
  }
}
