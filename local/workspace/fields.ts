/** Partial responses: `nextPageToken,users(id,name(fullName))`. */

type Mask = Map<string, Mask | undefined>;

/** The mask is not of the form, or a member is unknown to it. */
export class WrongFields extends Error {}

const parse = (text: string): Mask => {
  let at = 0;
  const members = (nested: boolean): Mask => {
    const mask: Mask = new Map();
    for (;;) {
      const name = /^[A-Za-z]+/.exec(text.slice(at))?.[0];
      if (!name) throw new WrongFields(text);
      at += name.length;
      if (text[at] === '(') {
        at += 1;
        mask.set(name, members(true));
      } else mask.set(name, undefined);
      if (text[at] === ',') at += 1;
      else if (nested && text[at] === ')') {
        at += 1;
        return mask;
      } else if (!nested && at === text.length) return mask;
      else throw new WrongFields(text);
    }
  };
  return members(false);
};

const projected = (value: unknown, mask: Mask | undefined): unknown => {
  if (!mask || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => projected(each, mask));
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) =>
      mask.has(name) && member !== undefined ? [[name, projected(member, mask.get(name))]] : [],
    ),
  );
};

/** The whole value where no fields are asked for. */
export const partial = (value: object, fields: string | null): object =>
  fields === null ? value : (projected(value, parse(fields)) as object);
