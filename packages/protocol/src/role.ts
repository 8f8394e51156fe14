// The roles of users.

/** What a user may do, from least to most. */
export const ROLES = ["viewer", "member", "admin"] as const;

/** The word for what a user may do. */
export type Role = (typeof ROLES)[number];
