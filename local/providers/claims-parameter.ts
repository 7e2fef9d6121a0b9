import { Refused } from './refusals.ts';

/** The `claims` parameter (OpenID Connect Core section 5.5), if there is one. Throws `Refused` if it is no JSON object. */
export const claimsParameter = (parameters: URLSearchParams): string | undefined => {
  const text = parameters.get('claims');
  if (text === null) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return text;
  } catch {
    // Falls through to the refusal.
  }
  throw new Refused('malformed', 'The claims parameter is no JSON object.');
};
