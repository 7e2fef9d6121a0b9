/**
 * S53, S28, S42, S43: whatever becomes of a question, nothing of query, results and answer is anywhere afterwards. The real
 * function, started as it is deployed, with NODE_ENV=production; everything that it prints and stores is searched.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type GeminiSwitches, initialSwitches } from '../../local/gemini/switches.ts';
import { administer } from '../support/admin.ts';
import { startTestStack, type TestStack } from '../support/broker.ts';
import { byFramework, byItself, type Deployed, declared, startDeployed } from '../support/deployed.ts';

const CANARY = { query: 'canaryquery', title: 'canarytitle', snippet: 'canarysnippet', link: 'canarylink' };
const NOWHERE = /canary(query|title|snippet|link)/i;
const results = [
  {
    source: 'drive',
    id: 'kept-id',
    title: `About ${CANARY.title}`,
    snippet: `The ${CANARY.snippet} says that travel is paid back.`,
    link: `https://files.example/${CANARY.link}`,
  },
];
const question = JSON.stringify({ query: `Is travel paid back, ${CANARY.query}?`, results });
const excluded = JSON.stringify({
  query: CANARY.query,
  results: results.map((each) => ({ ...each, source: 'gmail' })),
});

let stack: TestStack;
const running: Deployed[] = [];
beforeAll(async () => {
  stack = await startTestStack();
  const admin = await administer(stack, 'org-1');
  const rule = { enabled: true, sources: { drive: true, gmail: false }, document_ids: true };
  expect((await admin.change({ search_ai: rule })).status).toBe(200);
}, 60_000);
afterAll(async () => {
  for (const { process: child } of running) child.kill('SIGKILL');
  await stack?.stop();
});

const source = fileURLToPath(new URL('../../functions/answers/index.ts', import.meta.url));
const ownServer = fileURLToPath(new URL('served.ts', import.meta.url));

test.each([
  ['the functions framework', byFramework(source, 'answers')],
  ['the own server', byItself(ownServer)],
])(
  'S53 S42 S43 nothing of a question is logged or stored, behind %s',
  async (_name, args) => {
    const environment = { ...(await declared('answers', stack.environment)), RATE_LIMIT_ANSWERS: '1000/1000' };
    const deployed = await startDeployed(args, environment);
    running.push(deployed);
    const { origin } = deployed;
    const authorization = `Bearer ${await stack.session()}`;
    const headers = { authorization, 'content-type': 'application/json' };
    const ask = async (body: string, more: Record<string, string> = {}, signal?: AbortSignal) => {
      const response = await fetch(`${origin}/v1/answers`, {
        method: 'POST',
        headers: { ...headers, ...more },
        body,
        ...(signal ? { signal } : {}),
      });
      return { status: response.status, text: await response.text().catch(() => 'cut') };
    };
    const asked = async (switches: Partial<GeminiSwitches>) => {
      Object.assign(stack.gemini.switches, initialSwitches(), switches);
      return ask(question);
    };
    const refused: string[] = [];
    const refuse = async (status: number, answering: ReturnType<typeof ask>) => {
      const { text, ...answer } = await answering;
      expect(answer.status).toBe(status);
      refused.push(text);
    };

    // Good ones: the answer itself has what was asked about.
    expect((await asked({})).text).toMatch(/canarysnippet/);
    expect((await asked({ gullible: true, oddMarks: true, addresses: true })).text).toMatch(/event: done/);
    // Refused at the door.
    await refuse(401, ask(question, { authorization: `Bearer ${CANARY.query}` }));
    await refuse(403, ask(excluded));
    await refuse(400, ask(question.slice(0, -9)));
    await refuse(400, ask(`{"query": ${CANARY.query}`));
    await refuse(400, ask(question.replace('"title"', `"${CANARY.title}"`)));
    await refuse(400, ask(JSON.stringify({ query: CANARY.query, results: CANARY.snippet })));
    await refuse(413, ask(question + ' '.repeat(131_072)));
    await refuse(415, ask(question, { 'content-type': `text/${CANARY.title}` }));
    await refuse(404, fetchText(`${origin}/v1/answers/${CANARY.query}?q=${CANARY.query}`, headers));
    // Unfinished.
    for (const length of ['Content-Length: 5000', 'Transfer-Encoding: chunked']) {
      const socket = connect(Number(new URL(origin).port), '127.0.0.1');
      await once(socket, 'connect');
      const lines = [`POST /v1/answers HTTP/1.1`, 'Host: x', `Authorization: ${authorization}`, length];
      socket.write(`${lines.join('\r\n')}\r\nContent-Type: application/json\r\n\r\nff\r\n${question.slice(0, 200)}`);
      await sleep(100);
      socket.destroy();
    }
    // Failures of the model, which repeat the prompt.
    for (const status of [400, 401, 403, 404, 429, 500, 503]) {
      const { text } = await asked({ status });
      refused.push(text);
    }
    for (const switches of [
      { malformed: 0 },
      { cut: 0 },
      { stop: { after: 0, reason: 'OTHER' } as const },
      { lateError: 0 },
    ])
      refused.push((await asked(switches)).text);
    for (const switches of [{ malformed: 5 }, { lateError: 5 }, { cut: 5 }, { blockPrompt: true }])
      expect((await asked({ betweenMs: 5, ...switches })).status).toBe(200);
    // The client leaves, and the database fails.
    for (const hang of [0, 5]) {
      Object.assign(stack.gemini.switches, initialSwitches(), { hang });
      await ask(question, {}, AbortSignal.timeout(300)).catch(() => {});
    }
    stack.firestore?.faults.inject({ methods: ['Commit'], code: 7, when: 'before', times: 100 });
    expect((await asked({})).status).toBe(200);
    stack.firestore?.faults.clear();
    expect((await asked({})).status).toBe(200);

    await sleep(300);
    const exited = once(deployed.process, 'exit');
    deployed.process.kill('SIGTERM');
    await exited;
    // What it says at all is there to be searched.
    expect(deployed.output()).toContain('"event":"answered"');
    expect(deployed.output()).toContain('"event":"model_failed"');
    expect(deployed.output()).toContain('"event":"documents_not_kept"');
    expect(deployed.output()).not.toMatch(NOWHERE);
    // Ids are personal: they are stored where the user consented, and are in no log.
    expect(deployed.output()).not.toContain('kept-id');
    expect(refused.join('\n')).not.toMatch(NOWHERE);
    const stored = await stack.stored();
    expect(stored).toContain('kept-id');
    expect(stored).not.toMatch(NOWHERE);
    expect(stack.logs.join('\n')).not.toMatch(NOWHERE);
  },
  60_000,
);

const fetchText = async (url: string, headers: Record<string, string>) => {
  const response = await fetch(url, { method: 'POST', headers });
  return { status: response.status, text: await response.text() };
};
