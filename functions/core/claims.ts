/** A claims challenge (OpenID Connect Core 5.5; Microsoft "claims challenge"): base64url of a JSON object. */
const MAX_BYTES = 2048;

/** @returns the JSON text, or `undefined` for anything that is not base64url of a JSON object of objects of at most 2 KiB. */
export const decodeClaims = (encoded: string): string | undefined => {
  const bytes = Buffer.from(encoded, 'base64url');
  if (bytes.length === 0 || bytes.length > MAX_BYTES) return undefined;
  if (bytes.toString('base64url') !== encoded.replace(/=+$/, '')) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return isObject(value) && Object.values(value).every(isObject) ? text : undefined;
  } catch {
    return undefined;
  }
};

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const encodeClaims = (json: string): string => Buffer.from(json).toString('base64url');
