import { expect, test } from '@jest/globals';
import { keysOf, matches, queryOf, sortOf, wordsOf } from '../../functions/core/directory/words.ts';

const person = {
  email: 'zoe.garcia-lopez@org-1.example',
  name: 'Zoë García-López',
  title: 'Senior engineer',
  department: 'R&D',
};
const finds = (text: string, record: Parameters<typeof matches>[0] = person): boolean => {
  const query = queryOf(text);
  return query !== undefined && keysOf(record).includes(query.key) && matches(record, query);
};

test.each([
  'zoe',
  'ZOË',
  'z',
  'garcia',
  'lopez zoe',
  'eng',
  'senior z',
  'zoe.garcia',
  'zoe.garcia-lopez@org-1.example',
  'zoe@org',
  'Ｚｏｅ',
  'r d',
])('%j finds her', (text) => {
  expect(finds(text)).toBe(true);
});

test.each(['oe', 'zoes', 'zoe smith', 'org', 'example', '@org-1.example', '', '  ', '!?', 'zoe@other.example'])(
  '%j does not',
  (text) => {
    expect(finds(text)).toBe(false);
  },
);

test('a long title takes nobody their address away', () => {
  const titled = {
    ...person,
    email: 'zgl42@org-1.example',
    title: 'Deputy vice president of product engineering and site reliability for all regions',
    department: 'Central services',
  };
  expect(finds('zgl42', titled)).toBe(true);
  expect(finds('zgl42@org-1.example', titled)).toBe(true);
  expect(finds('zoe deputy', titled)).toBe(true);
});

test('other scripts are words, too, and are cut by letters, never inside one', () => {
  const chinese = { email: 'li@org-1.example', name: '李小龙' };
  expect(finds('李', chinese)).toBe(true);
  expect(finds('李小', chinese)).toBe(true);
  const rare = { email: 'a@org-1.example', name: '𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷' };
  expect(keysOf(rare).every((key) => key.isWellFormed())).toBe(true);
  expect(finds('𠮷'.repeat(12), rare)).toBe(true);
});

test.each<[string, Partial<Parameters<typeof matches>[0]>, readonly string[]]>([
  ['Łukasz Żółć', {}, ['lukasz', 'Łukasz', 'zolc']],
  ['Bjørn Æsir Þór', {}, ['bjorn', 'bjørn', 'aesir', 'thor']],
  ['Groß STRAẞE', {}, ['gross', 'groß', 'strasse', 'STRASSE']],
  ['Đặng Nguyễn', {}, ['dang', 'đặng', 'nguyen']],
  ['Işık İbrahim', {}, ['isik', 'ışık', 'ibrahim', 'İBRAHİM']],
  ['Фёдор Андрей', {}, ['федор', 'фёдор', 'андреи', 'Андрей']],
  ['Γιώργος', {}, ['γιωργοσ', 'ΓΙΏΡΓΟΣ', 'Γιώργος']],
  ['أحمد فاطمة', {}, ['احمد', 'فاطمه', 'أَحْمَد']],
  ['สมชาย ใจดี', {}, ['สมชาย', 'ใจดี']],
  ['やまだ', {}, ['ヤマダ', 'やま']],
  ['王小明', {}, ['王小明', '小明', '明', '王']],
  ['김수현', {}, ['김수현', '수현', '현', '김', '기']],
  ['小明 王', { givenName: '小明', familyName: '王' }, ['王小明', '小明', '明', '王 小明']],
  ['수현 김', { givenName: '수현', familyName: '김', department: '개발팀' }, ['김수현', '수현 개발', '팀']],
])('%s is found as people write it', (name, more, queries) => {
  const record = { email: 'a@org-1.example', name, ...more };
  for (const query of queries) expect([query, finds(query, record)]).toEqual([query, true]);
  expect(finds('xyz', record)).toBe(false);
});

test('endings take no word its place, and the number of keys stays bounded', () => {
  const title = '開発部長 営業部長 企画部長 人事部長 広報部長 法務部長';
  const record = { email: 'zgl42@org-1.example', name: '王小明', title };
  expect(finds('zgl42', record)).toBe(true);
  expect(finds('法務', record)).toBe(true);
  expect(keysOf(record).length).toBeLessThanOrEqual(190);
});

test('two words of three letters are asked for together, whichever comes first; shorter ones are not sure', () => {
  expect(queryOf('anna muller')?.key).toBe('ann mul');
  expect(queryOf('muller anna engineer')?.key).toBe('eng mul');
  expect(queryOf('anna mu')?.key).toBe('anna');
  expect(queryOf('mar marin')?.key).toBe('marin');
  expect(finds('gar garcia zoe z')).toBe(true);
  const record = { email: 'al@org-1.example', name: 'Al Ek Muller' };
  for (const text of ['al muller', 'muller ek', 'al ek', 'ek al muller']) expect(finds(text, record)).toBe(true);
});

test('words longer than a key are told apart all the same', () => {
  const record = { email: 'a@org-1.example', name: 'Donaudampfschifffahrt' };
  expect(finds('donaudampfschiff', record)).toBe(true);
  expect(finds('donaudampfer', record)).toBe(false);
});

test('a record has a bounded number of keys, without any of its domain', () => {
  expect(
    keysOf({ email: 'a@org-1.example', name: Array.from({ length: 200 }, (_, n) => `word${n}`).join(' ') }).length,
  ).toBeLessThanOrEqual(190);
  expect(keysOf(person)).not.toContain('org');
  expect(sortOf(person)).toBe('zoe garcia-lopez');
  expect(wordsOf('a a A')).toEqual(['a']);
});
