// How long and how deep the paths of a manifest may be: of one that comes in, and of one that was taken before.

/** What is asked of the paths and links of a tree. */
export interface TreeRules {
  /** Longest path of an entry, and longest target of a link; bytes of UTF-8. */
  readonly pathBytes: number;
  /** Most folders above an entry. */
  readonly depth: number;
  /** Most folders in all. */
  readonly folders: number;
  /** Whether names count as one that a Mac or Windows takes for one. */
  readonly foldsNames: boolean;
}

/**
 * Of a tree that is to be sent. 3,072 bytes for a path leave 1,023 of the kernel's 4,096 for the folder of an attempt in front of it.
 * 128 folders are three times what is seen: `node_modules` within each other come to 40.
 */
export const NEW_TREE: TreeRules = {
  pathBytes: 3072,
  depth: 128,
  folders: Infinity,
  foldsNames: true,
};

/** Of a tree that a server once took: what was asked then was less, and what was taken stays good on a box, which tells all names apart. */
export const STORED_TREE: TreeRules = {
  pathBytes: 4096,
  depth: Infinity,
  folders: Infinity,
  foldsNames: false,
};
