/** What goes wrong at the simulated Workspace, and when; changed by tests and at `/control`. */
export interface WorkspaceSwitches {
  /** Of the Admin SDK's requests every n-th is refused: 403 `rateLimitExceeded`, 429 and 503 in turns. */
  busyEvery: number | null;
  /** Seconds, with these refusals. */
  retryAfter: number | null;
  /** Nothing is answered but 503. */
  outage: boolean;
  /** The organization's approval is withdrawn. */
  delegation: boolean;
  /** Milliseconds before an answer. */
  latencyMs: number;
  /** Page tokens that were given before are refused; lifted by itself. */
  pageTokensDie: boolean;
  /** Listings end after so many pages, as if that were all; 0: empty. */
  truncateAfter: number | null;
  /** Which of them: `users`, `groups`, `members`, `domains`. */
  truncated: readonly string[];
  /** Entries of a page, fewer than what is asked for: the API may do so. */
  pageSize: number | null;
  /** The lists of these groups answer 403. */
  forbiddenGroups: readonly string[];
  /** Called before each page of users or members; absent: nothing happens. */
  beforePage: ((page: number, of: string) => void) | null;
}

export const initialSwitches = (): WorkspaceSwitches => ({
  busyEvery: null,
  retryAfter: null,
  outage: false,
  delegation: true,
  latencyMs: 0,
  pageTokensDie: false,
  truncateAfter: null,
  truncated: ['users'],
  pageSize: null,
  forbiddenGroups: [],
  beforePage: null,
});
