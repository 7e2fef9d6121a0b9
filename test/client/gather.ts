/** All that comes, until it ends. */
export const gather = async <T>(coming: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const each of coming) all.push(each);
  return all;
};
