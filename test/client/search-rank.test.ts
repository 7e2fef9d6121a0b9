import { describe, expect, test } from '@jest/globals';
import { fuse, matches } from '../../client/src/search/rank.ts';
import { resultOf, type SearchResult } from '../../client/src/search/result.ts';

const list = (source: string, ...titles: readonly string[]): SearchResult[] =>
  titles.map((title, index) => resultOf(source, { id: `${source}-${index}`, title }));
const titles = (results: readonly SearchResult[]) => results.map(({ title }) => title);

describe('one list out of several', () => {
  test('the first of each source come first, in the order of the sources, and nothing is lost', () => {
    const fused = fuse('nothing', [list('host', 'a', 'b', 'c'), list('drive', 'd'), list('gmail', 'e', 'f')]);
    expect(titles(fused)).toEqual(['a', 'd', 'e', 'b', 'f', 'c']);
    expect(fuse('nothing', [[], []])).toEqual([]);
  });

  test('a title with the query’s words goes up a little, not to the top from anywhere', () => {
    const far = list('drive', ...Array.from({ length: 30 }, (_, index) => `d${index}`), 'Travel budget');
    expect(titles(fuse('travel budget', [list('host', 'a', 'b', 'The TRAVEL Budget'), []]))[0]).toBe(
      'The TRAVEL Budget',
    );
    expect(titles(fuse('travel budget', [far]))[0]).toBe('d0');
    // Half of the words, half of the way: before those just above it, behind one with all of them.
    const half = fuse('travel budget', [list('host', 'a', 'b', 'c', 'Travel', 'Travel budget')]);
    expect(titles(half).slice(0, 2)).toEqual(['Travel budget', 'Travel']);
  });

  test('two sources with the same link are one result, and it gains by both; one that repeats itself gains nothing', () => {
    const at = (source: string, id: string, link: string) => resultOf(source, { id, title: id, link });
    const shared = 'https://drive.example/1';
    const [first, ...others] = fuse('x', [
      [at('host', 'h1', 'https://product.example/1'), at('host', 'h2', shared), at('host', 'h3', shared)],
      [at('drive', 'd1', 'https://drive.example/2'), at('drive', 'd2', 'HTTPS://drive.example/1')],
    ]);
    expect(first).toMatchObject({ source: 'host', id: 'h2', also: [{ source: 'drive', id: 'd2' }] });
    expect(others.map(({ id }) => id)).toEqual(['h1', 'd1']);
  });

  test('what has no link is only the same where source and id are', () => {
    expect(fuse('x', [list('host', 'a'), list('drive', 'a')])).toHaveLength(2);
  });
});

describe('what a result is', () => {
  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    '//host/x',
    'https://',
    'mailto:a@b.example',
  ])('%s is no link', (link) => {
    expect(resultOf('host', { id: '1', link })).toEqual({ source: 'host', id: '1', title: '' });
  });

  test('what is empty is left out', () => {
    const hit = { id: '1', title: undefined, snippet: '', link: 'https://product.example/', date: undefined };
    expect(resultOf('host', hit)).toEqual({ source: 'host', id: '1', title: '', link: 'https://product.example/' });
  });
});

test('a text matches with all words of a query, in any case and order; a query without words matches nothing', () => {
  expect(matches('Invoice Müller', 'From müller: INVOICE no. 3')).toBe(true);
  expect(matches('invoice july', 'invoice')).toBe(false);
  expect(matches('?!', 'anything?!')).toBe(false);
});
