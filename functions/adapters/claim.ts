/** Where a claim is in a token: a name, or a JSON pointer (RFC 6901) for one inside of another, such as `/firebase/tenant`. */

/** @returns the names on the way to the claim. A name with `/` in the middle (`https://…/roles`) is one name. */
export const claimPath = (claim: string): readonly string[] =>
  claim.startsWith('/')
    ? claim
        .slice(1)
        .split('/')
        .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    : [claim];

/** Members of objects only: a place in a list names another value as soon as the list has another order. */
export const claimAt = (claims: unknown, claim: string): unknown =>
  claimPath(claim).reduce(
    (value: unknown, name) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
        ? (value as Readonly<Record<string, unknown>>)[name]
        : undefined,
    claims,
  );

/** The same claims with one more. */
export const withClaim = (
  claims: Readonly<Record<string, unknown>>,
  claim: string,
  value: unknown,
): Record<string, unknown> => {
  const [name = '', ...inner] = claimPath(claim);
  if (inner.length === 0) return { ...claims, [name]: value };
  const found = claims[name];
  const members = typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {};
  return { ...claims, [name]: withClaim(members, `/${inner.map(escaped).join('/')}`, value) };
};

const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
