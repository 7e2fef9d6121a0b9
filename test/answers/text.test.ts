/** What becomes of the model's text, whatever pieces it comes in. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { answerText, type Piece } from '../../functions/core/answers/text.ts';

/** Neighbouring texts as one; a citation as `<n>`. */
const shown = (pieces: readonly Piece[]): string =>
  pieces.map((piece) => (piece.kind === 'text' ? piece.text : `<${piece.result + 1}>`)).join('');

const told = (chunks: readonly string[], results = 3): string => {
  const text = answerText(results);
  return shown([...chunks.flatMap((chunk) => text.push(chunk)), ...text.end()]);
};

const LINK = 'https://attacker.example/a?b=c';

describe('citations', () => {
  test.each([
    ['Paid within ten days [1].', 'Paid within ten days<1>.'],
    ['One [1][2] and two [3, 1], and [2,2].', 'One<1><2> and two<3><1>, and<2>.'],
    ['At the end [3]', 'At the end<3>'],
    ['[2] first', '<2> first'],
    ['a list [not, a mark], an open [1', 'a list [not, a mark], an open [1'],
    ['In [2024], [ 1 ] and [] and [a1].', 'In [2024], [ 1 ] and [] and [a1].'],
    [`a ${'['.repeat(200)}1]`, `a ${'['.repeat(199)}<1>`],
  ])('%s', (text, expected) => {
    expect(told([text])).toBe(expected);
  });

  test('S53 a mark of a result that was not passed vanishes', () => {
    expect(told(['So it is [4], [0], [999] and [1, 77].'], 3)).toBe('So it is,, and<1>.');
    expect(told(['Nothing was passed [1].'], 0)).toBe('Nothing was passed.');
  });
});

describe('addresses', () => {
  test.each([
    [`See ${LINK} there.`, 'See  there.'],
    [`See HTTPS://ATTACKER.EXAMPLE/${'x'.repeat(6000)} there.`, 'See  there.'],
    [`An image: ![chart](${LINK}) ok`, 'An image:  ok'],
    ['www.attacker.example and //attacker.example/x ok', ' and  ok'],
    ['attacker.example/secret or a.b.attacker.example/ ok', ' or  ok'],
    ['Write to mailto:a@attacker.example or javascript:alert(1) ok', 'Write to  or  ok'],
    ['data:text/html;base64,AAAA ok', ' ok'],
    ['<img src="https://attacker.example/x"> ok', '<img  ok'],
    ['请看https://attacker.example/秘密，谢谢 好', '请看 好'],
    ['![x](https:\\\\attacker.example\\c?d=secret) ok', ' ok'],
    [
      'https:/attacker.example?d=s and [x](https:attacker.example?d=s) and [x](/\\attacker.example?s) ok',
      ' and  and  ok',
    ],
    ['attacker.example:8443/secret attacker.xn--p1ai/secret attacker.example?d=secret ok', '   ok'],
    ['203.0.113.7/attacker and data:,attacker and vbscript:attacker ok', ' and  and  ok'],
    ['Cut by marks: atta[1]cker.example/x and ht[2]tps://attacker.example/ ok', 'Cut by marks: <1> and <2> ok'],
    ['Cut by what is hidden: ht\u200btps://attacker.example/\u202e ok', 'Cut by what is hidden:  ok'],
  ])('%s', (text, expected) => {
    // A blank on either side of what was taken out, or of a mark.
    expect(told([text]).replace(/ +/g, ' ')).toBe(expected.replace(/ +/g, ' '));
    expect(told([text])).not.toMatch(/attacker|ATTACKER/);
  });

  test('what is none stays', () => {
    const text = 'Costs 3.50 and/or 4/5, e.g. notes.txt, node.js: see a@org-1.example, 10:30, C:\\x, §1. Really? Yes.';
    expect(told([text])).toBe(text);
  });
});

test('what shows nothing vanishes, and what scripts need stays', () => {
  expect(told(['a\u202eb\u2066c\u0007d\ud800e\u{e0041}f\u200b\tg\nh'])).toBe('abcdef\tg\nh');
  expect(told(['می‌خواهم 👩‍💻 ❤️'])).toBe('می‌خواهم 👩‍💻 ❤️');
});

test('where the pieces end makes no difference', () => {
  const part = fc.oneof(
    fc.constantFrom(
      '[1]',
      ' [2]',
      '[1, 3]',
      '[9]',
      '[',
      ']',
      '1',
      ' ',
      '\n',
      '.',
      ',',
      '/',
      ':',
      '请',
      '👩‍💻',
      '\u200b',
    ),
    fc.constantFrom(
      LINK,
      'www.',
      'http',
      '://',
      '//',
      'mailto:',
      'a.example/',
      'a.example',
      ':8443',
      '?d',
      'https:',
      '\\\\',
      '203.0.113.7',
      'data:image/',
      '![x](',
      ')',
      '\ud800',
    ),
    fc.string({ maxLength: 6 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), fc.array(fc.nat({ max: 200 }), { maxLength: 30 }), (parts, cuts) => {
      const text = parts.join('');
      const at = [...new Set(cuts.map((cut) => Math.min(cut, text.length)))].sort((one, other) => one - other);
      const chunks = [...at, text.length].map((end, index) => text.slice(index === 0 ? 0 : at[index - 1], end));
      expect(told(chunks)).toBe(told([text]));
      expect(told([...text])).toBe(told([text]));
    }),
    { numRuns: 2000 },
  );
});

test('whatever the model writes, no address gets out, and no citation of what was not passed', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 8 }), { maxLength: 8 }), fc.nat({ max: 9 }), (words, results) => {
      const said = told([words.join(LINK), ` ${words.join('[5]')}`], results);
      expect(said).not.toContain('attacker.example');
      for (const [, number] of said.matchAll(/<(\d+)>/g)) {
        if (!words.join(' ').includes('<')) expect(Number(number)).toBeLessThanOrEqual(results);
      }
    }),
  );
});

test('a text streams: no more is held back than the word that it ends with', () => {
  const text = answerText(1);
  expect(shown(text.push('All of this is said at once, but not th'))).toBe('All of this is said at once, but not ');
  expect(shown(text.push('is one'))).toBe('this ');
  expect(shown(text.push('。没有空格的文字也一样'))).toBe('one。没有空格的文字也一样');
  expect(shown(text.push('x'.repeat(9000))).length).toBeGreaterThan(7000);
});
