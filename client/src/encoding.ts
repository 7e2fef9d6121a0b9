/** base64url (RFC 4648 section 5), and what is written in it: random text, hashes, id_tokens. */
export const toBase64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

export const fromBase64Url = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));

export const randomText = (bytes: number): string => toBase64Url(crypto.getRandomValues(new Uint8Array(bytes)));

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

export const sha256 = async (text: string): Promise<string> =>
  toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text))));

/**
 * Only of an id_token that came from the provider itself, over TLS: its signature is not looked at (OpenID Connect Core
 * 3.1.3.7). Of what is none: no claims.
 */
export const claimsOf = (idToken: string): Record<string, unknown> => {
  try {
    return JSON.parse(new TextDecoder().decode(fromBase64Url(idToken.split('.')[1] ?? '')));
  } catch {
    return {};
  }
};
