/** The parts of JSON settings: each says what is wrong by place, and never repeats a value. All throw `FormError`. */
import { FormError } from './load.ts';

export type Members = Readonly<Record<string, unknown>>;

export const members = (value: unknown, name: string): Members => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new FormError(`${name} is no object`);
  return value as Members;
};
export const text = (value: unknown, name: string): string => {
  if (typeof value !== 'string' || value === '') throw new FormError(`${name} is missing or no text`);
  return value;
};
/** Whether http or a private address will do is decided where it is used: only development origins may. */
export const url = (value: unknown, name: string): string => {
  const given = text(value, name);
  if (!URL.canParse(given) || !/^https?:\/\//.test(given)) throw new FormError(`${name} is not an http(s) URL`);
  return given;
};
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** JSON with exactly these members: URLs of stand-ins on this machine. What goes there must not leave it. */
export const loopbackUrls =
  <N extends string>(...names: readonly N[]) =>
  (value: string): Readonly<Record<N, string>> => {
    const given = { ...members(JSON.parse(value), 'it') };
    const local = names.map((name) => {
      const each = text(given[name], name);
      delete given[name];
      if (!URL.canParse(each) || !LOOPBACK.has(new URL(each).hostname)) {
        throw new FormError(`${name} is not on loopback`);
      }
      return [name, each] as const;
    });
    none(given, 'it');
    return Object.fromEntries(local) as Record<N, string>;
  };
export const urls = (value: unknown, known: readonly string[], name: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(members(value, name)).map(([key, each]) => {
      if (!known.includes(key)) throw new FormError(`${name}.${key} is unknown`);
      // Microsoft's issuer is a template.
      url(String(each).replace('{tenantid}', 'tenant'), `${name}.${key}`);
      return [key, text(each, `${name}.${key}`)];
    }),
  );
/** `Scope` in openapi.yaml (RFC 6749 section 3.3); one at least. */
export const scopeList = (value: unknown, name: string): string[] => {
  const isScope = (each: unknown) => typeof each === 'string' && /^[\x21\x23-\x5B\x5D-\x7E]{1,256}$/.test(each);
  if (!Array.isArray(value) || value.length === 0 || !value.every(isScope)) {
    throw new FormError(`${name} is not a list of scopes`);
  }
  return value;
};
/** A provider's error codes, exactly as it spells them: `invalid_token`, `AADSTS50105`, `invalid_grant/user_disabled`. */
export const errorCodeList = (value: unknown, name: string): string[] => {
  const isCode = (each: unknown) => typeof each === 'string' && /^[\w./:*-]{1,128}$/.test(each);
  if (!Array.isArray(value) || value.length === 0 || !value.every(isCode)) {
    throw new FormError(`${name} must be a list of error codes, each of letters, digits and _ . / : * -`);
  }
  return value;
};
export const oneOf = <T extends string>(value: unknown, allowed: readonly T[], name: string): T => {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new FormError(`${name} is not one of ${allowed.join(', ')}`);
  return found;
};
export const none = (rest: Members, name: string): void => {
  const [first] = Object.keys(rest);
  if (first !== undefined) throw new FormError(`${name}.${first} is unknown`);
};
