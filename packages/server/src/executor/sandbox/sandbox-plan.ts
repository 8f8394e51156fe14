// How jobs are kept apart from the box, as it was decided at start.

/** Accounts that belong to jobs alone: numbers `first` to `first + count - 1`, of users and of groups. */
export interface UidRange {
  readonly first: number;
  readonly count: number;
}

/** A folder or file of the box that jobs see at the same path. */
export interface AdminMount {
  /** Absolute and without `.`, `..` or a slash at its end. */
  readonly path: string;
  readonly mode: "ro" | "rw";
}

/** Every job in namespaces of its own, in which only an allow-list of the box is to be seen. */
export interface BubblewrapPlan {
  readonly kind: "bubblewrap";
  /** Absolute path of `bwrap`. */
  readonly program: string;
  /** Whether this bwrap can keep a job from making user namespaces of its own. */
  readonly canDisableUserns: boolean;
  /** Each user's jobs get an account from here; `null` where the server is not root and jobs keep its account. */
  readonly uids: UidRange | null;
}

/** Every attempt under an account of its own; it sees the box as any local account does. */
export interface AccountPlan {
  readonly kind: "account";
  readonly uids: UidRange;
}

/** One way of keeping jobs apart; `none` keeps nothing apart. */
export type SandboxPlan = BubblewrapPlan | AccountPlan | { readonly kind: "none" };

/** The account under which a job runs, and that its folders belong to. */
export interface JobOwner {
  readonly uid: number;
  readonly gid: number;
  /** Whether all jobs of the user have it; otherwise only its group is the same for them. */
  readonly isLasting: boolean;
}
