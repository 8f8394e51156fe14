// A set of a great many hashes in little memory.

/**
 * Keeps 52 bits of each hash, 16 to 32 bytes a hash; a million strings would take ten times that. A hash that was never added
 * counts as being in it with a chance of one in 10⁹ for a million hashes.
 */
export class HashSet {
  /** 0: empty. Open addressing, never more than half full. */
  #slots = new Float64Array(1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param hash lower-case hex, at least 13 digits */
  add(hash: string): void {
    if ((this.#size + 1) * 2 > this.#slots.length) this.#grow();
    const key = keyOf(hash);
    const slot = this.#slotOf(key);
    if (this.#slots[slot] === key) return;
    this.#slots[slot] = key;
    this.#size += 1;
  }

  has(hash: string): boolean {
    const key = keyOf(hash);
    return this.#slots[this.#slotOf(key)] === key;
  }

  /** The slot that holds the key, or the empty one in which it belongs. */
  #slotOf(key: number): number {
    const mask = this.#slots.length - 1;
    let slot = key % this.#slots.length;
    while (this.#slots[slot] !== 0 && this.#slots[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Float64Array(old.length * 2);
    for (const key of old) if (key !== 0) this.#slots[this.#slotOf(key)] = key;
  }
}

/** The first 52 bits, which a double holds; 0 stands for an empty slot. */
function keyOf(hash: string): number {
  return Number.parseInt(hash.slice(0, 13), 16) || 1;
}
