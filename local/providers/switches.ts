/** The switches of a simulated provider; the table in control.ts says what each does. */
import { type AnswerShape, answerShapes } from './answer-shapes.ts';

export type Rotation = 'stable' | 'tolerant' | 'strict';

export interface Switches {
  outage: { at: 'all' | 'token'; as: '503' | 'reset' } | null;
  latencyMs: number;
  rotation: Rotation;
  graceSeconds: number;
  accessTokenSeconds: number;
  refreshTokenSeconds: number | null;
  liveRefreshTokens: number;
  withheldScopes: readonly string[];
  revocationEnds: 'token' | 'grant' | 'session';
  scopeSpelling: 'as_asked' | 'prefixed' | 'lower_case' | 'government';
  mfaRequired: boolean;
  clientSecretExpired: boolean;
  claimsChallenge: boolean;
  issuerSpelling: 'url' | 'host';
  idToken: Readonly<Record<string, unknown>>;
  commitThen: { fail: '504' | 'reset' | 'truncated'; next: number } | null;
  answerShape: { shape: AnswerShape; next: number } | null;
  tooManyRequests: { retryAfter: number; next: number } | null;
}

export const initialSwitches: Switches = {
  outage: null,
  latencyMs: 0,
  rotation: 'stable',
  graceSeconds: 0,
  accessTokenSeconds: 3599,
  refreshTokenSeconds: null,
  liveRefreshTokens: 100,
  withheldScopes: [],
  revocationEnds: 'token',
  scopeSpelling: 'as_asked',
  mfaRequired: false,
  clientSecretExpired: false,
  claimsChallenge: false,
  issuerSpelling: 'url',
  idToken: {},
  commitThen: null,
  answerShape: null,
  tooManyRequests: null,
};

const isBoolean = (value: unknown) => typeof value === 'boolean';
const isCount = (value: unknown) => typeof value === 'number' && Number.isInteger(value) && value >= 0;
const isOneOf = (choices: readonly unknown[]) => (value: unknown) => choices.includes(value);
const isListOfText = (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === 'string');

type Check = (value: unknown) => boolean;

/** `null`, or an object with exactly these members. */
const isOff =
  (members: Record<string, Check>): Check =>
  (value) => {
    if (value === null) return true;
    if (typeof value !== 'object') return false;
    const entries = Object.entries(value);
    return (
      entries.length === Object.keys(members).length &&
      entries.every(([name, member]) => members[name]?.(member) === true)
    );
  };

const checks: Record<keyof Switches, Check> = {
  outage: isOff({ at: isOneOf(['all', 'token']), as: isOneOf(['503', 'reset']) }),
  latencyMs: isCount,
  rotation: isOneOf(['stable', 'tolerant', 'strict']),
  graceSeconds: isCount,
  accessTokenSeconds: isCount,
  refreshTokenSeconds: (value) => value === null || isCount(value),
  liveRefreshTokens: isCount,
  withheldScopes: isListOfText,
  revocationEnds: isOneOf(['token', 'grant', 'session']),
  scopeSpelling: isOneOf(['as_asked', 'prefixed', 'lower_case', 'government']),
  mfaRequired: isBoolean,
  clientSecretExpired: isBoolean,
  claimsChallenge: isBoolean,
  issuerSpelling: isOneOf(['url', 'host']),
  idToken: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  commitThen: isOff({ fail: isOneOf(['504', 'reset', 'truncated']), next: isCount }),
  answerShape: isOff({ shape: isOneOf(answerShapes), next: isCount }),
  tooManyRequests: isOff({ retryAfter: isCount, next: isCount }),
};

const isSwitch = (name: string): name is keyof Switches => Object.hasOwn(checks, name);

/** A change that does not exist, has a wrong value, or would have no effect at this provider. */
export class WrongSwitch extends Error {}

/** Checks a change and applies it, wholly or not at all. */
export const changeSwitches = (switches: Switches, change: object, inert: readonly (keyof Switches)[]): void => {
  for (const [name, value] of Object.entries(change)) {
    if (!isSwitch(name)) throw new WrongSwitch(`There is no switch "${name}".`);
    if (inert.includes(name)) throw new WrongSwitch(`"${name}" has no effect at this provider.`);
    if (!checks[name](value)) throw new WrongSwitch(`"${name}" does not take this value.`);
  }
  Object.assign(switches, structuredClone(change));
};

/** Uses up one of the next N; `undefined` when the switch is off. */
export const useOne = <K extends 'commitThen' | 'answerShape' | 'tooManyRequests'>(
  switches: Switches,
  name: K,
): NonNullable<Switches[K]> | undefined => {
  const setting = switches[name];
  if (setting === null || setting.next === 0) return undefined;
  setting.next -= 1;
  const used = { ...setting };
  if (setting.next === 0) switches[name] = null as Switches[K];
  return used;
};
