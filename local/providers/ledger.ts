/** What a simulated provider has handed out: consents, codes, refresh tokens, access tokens. In memory, synchronous. */
import { randomBytes } from 'node:crypto';
import type { Account } from './accounts.ts';
import { type Refusal, Refused } from './refusals.ts';
import type { Rotation } from './switches.ts';

/** What a user agreed to in one flow; the tokens that come from it are one family. */
export interface Authorization {
  readonly clientId: string;
  readonly account: Account;
  readonly scopes: readonly string[];
  /** Whether a refresh token goes with it. */
  readonly offline: boolean;
  /** The user was there while the provider demanded it (`mfaRequired`). */
  readonly strong: boolean;
  readonly nonce?: string | undefined;
  readonly redirectUri: string;
  readonly codeChallenge?: string | undefined;
  /** A claims request, JSON text. */
  readonly claims?: string | undefined;
}

interface Code {
  readonly authorization: Authorization;
  readonly expiresAt: number;
  used: boolean;
}

export interface RefreshToken {
  readonly value: string;
  readonly authorization: Authorization;
  readonly expiresAt: number;
  lastUsedAt: number;
  /** First use, where tokens are good for one. */
  spentAt?: number;
  dead?: Refusal;
}

export interface AccessToken {
  readonly value: string;
  readonly account: Account;
  readonly scopes: readonly string[];
  /** The claims requests that it answers, JSON texts. */
  readonly claims: readonly string[];
  expiresAt: number;
}

export interface Issued {
  readonly kind: 'code' | 'access_token' | 'refresh_token' | 'id_token' | 'content';
  readonly value: string;
}

/** The provider's look of each secret, around a canary that a scan can find. */
export interface Marks {
  code(canary: string): string;
  accessToken(canary: string): string;
  refreshToken(canary: string): string;
}

const canary = (kind: 'CODE' | 'ACCESS' | 'REFRESH' | 'ID') =>
  `CANARY-${kind}-${randomBytes(24).toString('base64url')}`;

/** RFC 6749 section 4.1.2 recommends at most ten minutes. */
const CODE_SECONDS = 600;

export class Ledger {
  readonly #now: () => number;
  readonly #marks: Marks;
  readonly #idleSeconds: number;
  readonly #codes = new Map<string, Code>();
  readonly #refreshTokens = new Map<string, RefreshToken>();
  readonly #accessTokens = new Map<string, AccessToken>();
  readonly #consents = new Map<Account, { readonly scopes: Set<string>; readonly since: number }>();
  readonly #issued: Issued[] = [];
  /** How often a spent refresh token was presented. */
  reuseAlarms = 0;

  /** @param idleSeconds after which an unused refresh token dies */
  constructor(now: () => number, marks: Marks, idleSeconds: number) {
    this.#now = now;
    this.#marks = marks;
    this.#idleSeconds = idleSeconds;
  }

  note(kind: Issued['kind'], value: string): void {
    this.#issued.push({ kind, value });
  }

  issued(): readonly Issued[] {
    return this.#issued;
  }

  // --- Consent ------------------------------------------------------------------------------------------------------

  consented(account: Account): ReadonlySet<string> {
    return this.#consents.get(account)?.scopes ?? new Set();
  }

  consentedSince(account: Account): number | undefined {
    return this.#consents.get(account)?.since;
  }

  addConsent(account: Account, scopes: readonly string[]): void {
    const consent = this.#consents.get(account) ?? { scopes: new Set<string>(), since: this.#now() };
    for (const scope of scopes) consent.scopes.add(scope);
    this.#consents.set(account, consent);
  }

  consents(): { account: Account; scopes: readonly string[]; since: number }[] {
    return [...this.#consents].map(([account, { scopes, since }]) => ({ account, scopes: [...scopes], since }));
  }

  removeConsent(account: Account): void {
    this.#consents.delete(account);
  }

  // --- Codes --------------------------------------------------------------------------------------------------------

  issueCode(authorization: Authorization): string {
    const value = this.#marks.code(canary('CODE'));
    this.note('code', value);
    this.#codes.set(value, { authorization, expiresAt: this.#now() + CODE_SECONDS * 1000, used: false });
    return value;
  }

  /** Spends a code; one that does not pass `check` stays unspent. */
  redeemCode(value: string, check: (authorization: Authorization) => void): Authorization {
    const code = this.#codes.get(value);
    if (code === undefined) throw new Refused('code_unknown');
    if (code.used) throw new Refused('code_used');
    if (code.expiresAt <= this.#now()) throw new Refused('code_expired');
    check(code.authorization);
    code.used = true;
    return code.authorization;
  }

  // --- Refresh tokens -----------------------------------------------------------------------------------------------

  /** @param limit of live tokens per account; the oldest die silently */
  issueRefreshToken(authorization: Authorization, seconds: number | null, limit = Number.POSITIVE_INFINITY): string {
    const value = this.#marks.refreshToken(canary('REFRESH'));
    this.note('refresh_token', value);
    this.#refreshTokens.set(value, {
      value,
      authorization,
      expiresAt: seconds === null ? Number.POSITIVE_INFINITY : this.#now() + seconds * 1000,
      lastUsedAt: this.#now(),
    });
    const live = this.liveRefreshTokens(authorization.account);
    for (const token of live.slice(0, Math.max(0, live.length - limit))) token.dead = 'refresh_revoked';
    return value;
  }

  /** Oldest first. */
  liveRefreshTokens(account?: Account): RefreshToken[] {
    return [...this.#refreshTokens.values()].filter(
      (token) =>
        token.dead === undefined &&
        token.spentAt === undefined &&
        !this.#isOver(token) &&
        (account === undefined || token.authorization.account === account),
    );
  }

  refreshToken(value: string): RefreshToken | undefined {
    return this.#refreshTokens.get(value);
  }

  #isOver(token: RefreshToken): boolean {
    const idleUntil = token.lastUsedAt + this.#idleSeconds * 1000;
    return Math.min(token.expiresAt, idleUntil) <= this.#now();
  }

  /** A token that may be used now. A spent one ends its family once the grace is over (RFC 9700 section 4.14.2). */
  usableRefreshToken(value: string, graceSeconds: number): RefreshToken {
    const token = this.#refreshTokens.get(value);
    if (token === undefined) throw new Refused('refresh_unknown');
    if (token.spentAt !== undefined && token.spentAt + graceSeconds * 1000 <= this.#now()) {
      this.reuseAlarms += 1;
      for (const other of this.#refreshTokens.values()) {
        if (other.authorization === token.authorization) other.dead = 'refresh_revoked';
      }
      throw new Refused('refresh_reused');
    }
    if (token.dead !== undefined) throw new Refused(token.dead);
    if (this.#isOver(token)) throw new Refused('refresh_expired');
    return token;
  }

  /** Uses a token. @returns its successor, where the rotation class has one */
  useRefreshToken(token: RefreshToken, rotation: Rotation, seconds: number | null, limit?: number): string | undefined {
    token.lastUsedAt = this.#now();
    if (rotation === 'stable') return undefined;
    if (rotation === 'strict') token.spentAt ??= this.#now();
    return this.issueRefreshToken(token.authorization, seconds, limit);
  }

  // --- Access tokens ------------------------------------------------------------------------------------------------

  issueAccessToken(account: Account, scopes: readonly string[], claims: readonly string[], seconds: number): string {
    const value = this.#marks.accessToken(canary('ACCESS'));
    this.note('access_token', value);
    this.#accessTokens.set(value, { value, account, scopes, claims, expiresAt: this.#now() + seconds * 1000 });
    return value;
  }

  accessToken(value: string): AccessToken | undefined {
    const token = this.#accessTokens.get(value);
    return token !== undefined && token.expiresAt > this.#now() ? token : undefined;
  }

  /** The id of a new id_token. */
  idTokenId(): string {
    const value = canary('ID');
    this.note('id_token', value);
    return value;
  }

  // --- Endings ------------------------------------------------------------------------------------------------------

  endRefreshTokens(reason: Refusal, matches: (authorization: Authorization) => boolean): void {
    for (const token of this.#refreshTokens.values()) if (matches(token.authorization)) token.dead ??= reason;
  }

  endAccessTokens(matches: (token: AccessToken) => boolean): void {
    for (const token of this.#accessTokens.values()) if (matches(token)) token.expiresAt = this.#now();
  }

  /** Time runs out for tokens of one account, or of all. */
  expire(tokens: 'access' | 'refresh' | 'all', account: Account | undefined): void {
    const isMeant = (token: { readonly account: Account }) => account === undefined || token.account === account;
    if (tokens !== 'refresh') this.endAccessTokens(isMeant);
    if (tokens !== 'access') this.endRefreshTokens('refresh_expired', isMeant);
  }

  /** Codes too, so that a flow in the air yields nothing. */
  endCodes(account: Account): void {
    for (const code of this.#codes.values()) if (code.authorization.account === account) code.used = true;
  }
}
