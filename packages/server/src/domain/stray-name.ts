// The name under which a folder is set aside that no job here can mean.

/** Such a name, as `stray-12.1-1a2b3c4d`. @param mark what no other has, lower-case hex digits */
export function strayName(name: string, mark: string): string {
  return `stray-${name}-${mark}`;
}

/** What {@link strayName} gives. */
export const STRAY_NAME = /^stray-\d+(?:\.\d+)?-[0-9a-f]+$/;
