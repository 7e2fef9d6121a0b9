/** Partial answers, as Google's `fields` parameter asks for them: `files(id,name)`, `messages/id`, `id,payload/headers`. */

/** By member; a leaf has none of its own and stands for all that is there. */
interface Mask extends Readonly<Record<string, Mask>> {}

/** `undefined` where it is not well formed. */
const parse = (fields: string): Mask | undefined => {
  const tokens = fields.match(/\w+|\W/g) ?? [];
  let at = 0;
  const member = (): Mask | undefined => {
    const name = tokens[at++] ?? '';
    if (!/^\w+$/.test(name)) return undefined;
    let inner: Mask | undefined = {};
    if (tokens[at] === '/') {
      at += 1;
      inner = member();
    } else if (tokens[at] === '(') {
      at += 1;
      inner = list();
      if (tokens[at++] !== ')') return undefined;
    }
    return inner && { [name]: inner };
  };
  const list = (): Mask | undefined => {
    const first = member();
    if (tokens[at] !== ',') return first;
    at += 1;
    const others = list();
    return first && others && { ...first, ...others };
  };
  const mask = list();
  return at === tokens.length ? mask : undefined;
};

const pick = (value: unknown, mask: Mask): unknown => {
  const names = Object.keys(mask);
  if (names.length === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => pick(each, mask));
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const inner = mask[name];
      return inner === undefined ? [] : [[name, pick(member, inner)]];
    }),
  );
};

/** `undefined`: Google refuses these fields. */
export const partial = (value: object, fields: string | null): object | undefined => {
  if (fields === null) return value;
  const mask = parse(fields);
  return mask && (pick(value, mask) as object);
};
