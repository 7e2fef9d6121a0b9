/** The table of events, the code that logs them, and the metrics, alerts and playbooks that are made of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from '@cdktf/hcl2json';
import { describe, expect, test } from '@jest/globals';
import { EVENTS } from '../support/logged-events.ts';

const ROOT = new URL('../../', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, ROOT), 'utf8');
const filesIn = (folder: string, ending: RegExp) =>
  readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
    .filter((file) => ending.test(file) && !file.includes('generated'))
    .map((file) => `${folder}/${file}`);

/** What the code logs: names, each with the severities that stand beside it; none is INFO. */
const logged = (): Map<string, Set<string>> => {
  const events = new Map<string, Set<string>>();
  const note = (name: string, severities: readonly string[]) => {
    const known = events.get(name) ?? new Set();
    for (const each of severities.length > 0 ? severities : ['INFO']) known.add(each);
    events.set(name, known);
  };
  for (const file of [...filesIn('functions', /\.ts$/), ...filesIn('tools/build/deployed', /\.[cm]?[jt]s$/)]) {
    const text = read(file);
    for (const { 0: found, index } of text.matchAll(/\bevent(?::| =) [^;{}()\n]*?'([a-z_]+)'(?: : '([a-z_]+)')?/g)) {
      // What goes to a browser as server-sent events has `data` beside its name.
      if (text.startsWith(', data:', index + found.length)) continue;
      const names = [...found.matchAll(/'([a-z_]+)'/g)].map(([, name = '']) => name);
      // The same object: up to its end, and from its beginning.
      const begin = text.lastIndexOf('{', index);
      const object = text.slice(begin, text.indexOf('}', index));
      const severity = /["']?severity["']?:([^\n]*(?:\n\s+[?:][^\n]*)*)/.exec(object)?.[1] ?? '';
      const severities = [...severity.matchAll(/'([A-Z]+)'/g)].map(([, each = '']) => each);
      for (const name of names) note(name, severities);
    }
    // `refuse` says by itself how grave it is.
    for (const [, code, name = ''] of text.matchAll(/refuse\(res, '?(\w+)'?, observe, '(\w+)'/g)) {
      note(name, [code === 'internal_error' ? 'ERROR' : 'INFO']);
    }
  }
  return events;
};

describe('docs/events.md', () => {
  const events = logged();

  test('has every event that the code logs, and no other', () => {
    expect([...EVENTS.keys()].sort()).toEqual([...events.keys()].sort());
    expect([...EVENTS.keys()]).toEqual([...EVENTS.keys()].sort());
    expect(events.size).toBeGreaterThan(30);
  });

  test.each([...events])('%s has its severities', (name, severities) => {
    expect([...(EVENTS.get(name)?.severities ?? [])].sort()).toEqual([...severities].sort());
  });
});

type Hcl = Readonly<Record<string, unknown>>;
type Resources = Readonly<Record<string, Readonly<Record<string, readonly Hcl[]>>>>;
const monitoring = await Promise.all(
  filesIn('infra', /^monitoring[\w-]*\.tf$/).map(
    async (file) => (await parse(file, read(file))) as { locals?: Hcl[]; resource?: Resources },
  ),
);
const locals = Object.assign({}, ...monitoring.flatMap((each) => each.locals ?? [])) as Record<string, never>;
const policies = monitoring.flatMap(({ resource }) => Object.entries(resource?.google_monitoring_alert_policy ?? {}));
const text = filesIn('infra', /^monitoring[\w-]*\.tf$/)
  .map(read)
  .join('\n');

const counted: Record<string, { events: string[]; labels: string[] }> = locals.counted ?? {};
const measured: Record<string, { event: string; member: string; labels: string[] }> = locals.measured ?? {};
/** Not written by the code as members: the log's own. */
const OWN = new Set(['severity', 'event']);

describe('a metric', () => {
  test.each(Object.entries(counted))('%s counts events that are logged, by members that they have', (_, metric) => {
    for (const event of metric.events) {
      expect(EVENTS.has(event)).toBe(true);
      for (const label of metric.labels) {
        if (!OWN.has(label)) expect(EVENTS.get(event)?.members).toContain(label);
      }
    }
  });

  test.each(Object.entries(measured))('%s measures an event that is logged', (_, { event, member, labels }) => {
    for (const each of [member, ...labels]) expect(EVENTS.get(event)?.members).toContain(each);
  });

  test('there are some, and all that alerts and charts ask for', () => {
    expect(Object.keys(counted).length).toBeGreaterThan(8);
    const names = new Set([...Object.keys(counted), ...Object.keys(measured)]);
    const wanted = [
      ...[...text.matchAll(/\bmetric\s+= "(\w+)"/g)].map(([, name = '']) => name),
      ...[...text.matchAll(/counted\["(\w+)"\]/g)].map(([, name = '']) => name),
      ...[...text.matchAll(/user_broker_(\w+?)(?:_bucket)?[{|\\]/g)].map(([, name = '']) => name),
      ...[...text.matchAll(/user_broker_\((\w+)\|(\w+)\)/g)].flatMap(([, ...both]) => both),
    ];
    expect(wanted.length).toBeGreaterThan(15);
    expect(wanted.filter((name) => !names.has(name))).toEqual([]);
  });

  test('a condition asks for labels that its metric has', () => {
    const conditions = [...Object.values(locals.speaking ?? {}), ...Object.values(locals.silent ?? {})] as {
      metric: string;
      only: string;
    }[];
    expect(conditions.length).toBeGreaterThan(7);
    for (const { metric, only } of conditions) {
      for (const [, label] of only.matchAll(/metric\.label\.(\w+)/g)) expect(counted[metric]?.labels).toContain(label);
    }
    const query = JSON.stringify(policies.find(([name]) => name === 'refresh_failing'));
    const [, outcomes = ''] = /outcome=~\\+"([\w|]+)\\+"/.exec(query) ?? [];
    const known = /: `tokens`(.*?)\. The/.exec(read('docs/events.md'))?.[1] ?? '';
    expect(outcomes.split('|')).toEqual(['refused', 'no_answer', 'unusable']);
    for (const outcome of outcomes.split('|')) expect(known).toContain(`\`${outcome}\``);
  });
});

describe('an alert', () => {
  const names = policies.flatMap(([, [policy]]) => {
    const { for_each: each, display_name: name } = policy as { for_each?: string; display_name: string };
    const group = /^\$\{local\.(\w+)\}$/.exec(each ?? '')?.[1];
    return group === undefined ? [name] : Object.keys(locals[group] ?? {});
  });
  const playbooks = filesIn('docs/playbooks', /\.md$/).map((file) => file.replace(/^.*\/|\.md$/g, ''));

  test('has a playbook, and each playbook an alert', () => {
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !/^[A-Z][A-Za-z]+$/.test(name))).toEqual([]);
    expect([...playbooks].sort()).toEqual([...names].sort());
  });

  test.each(policies)('%s says which playbook is its own, and whom it tells', (_, [policy]) => {
    const { for_each, display_name, documentation, notification_channels } = policy as Record<string, never>;
    const [{ content }] = documentation as unknown as [{ content: string }];
    const own = for_each === undefined ? `"${display_name}"` : 'each.key';
    expect(content).toBe(`\${format(local.playbook, ${own})}`);
    expect(notification_channels).toMatch(/^\$\{var\.notification_channels\}$/);
  });

  test.each(playbooks)('the playbook %s has its four parts, and a query of events that there are', (name) => {
    const page = read(`docs/playbooks/${name}.md`);
    const parts = [...page.matchAll(/^## (.+)$/gm)].map(([, part]) => part);
    expect(parts).toEqual(['What it means', 'First look', 'What to do', 'What not to do']);
    expect(page.startsWith(`# ${name}\n`)).toBe(true);
    const asked = [...page.matchAll(/jsonPayload\.event=(\([^)]*\)|"\w+")/g)].flatMap(([, some = '']) =>
      [...some.matchAll(/"(\w+)"/g)].map(([, event = '']) => event),
    );
    expect(asked.filter((event) => !EVENTS.has(event))).toEqual([]);
    for (const [, link = ''] of page.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      expect(() => read(`docs/playbooks/${link}`)).not.toThrow();
    }
    for (const [, file = '', anchor = ''] of page.matchAll(/\]\(([^)#]+)#([^)]+)\)/g)) {
      const headings = [...read(`docs/playbooks/${file}`).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replace(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      );
      expect(headings).toContain(anchor);
    }
  });
});

test('who may decrypt, sign and read is taken from the privileges that the functions declare', async () => {
  for (const privilege of ['kms.decrypt', 'kms.sign', 'firestore.']) expect(text).toContain(`"${privilege}"`);
  const declared = new Set<string>();
  for (const file of filesIn('functions', /^[\w-]+\/config\.ts$/)) {
    const { needs } = (await import(new URL(file, ROOT).href)) as { needs: { privileges: readonly string[] } };
    for (const privilege of needs.privileges) declared.add(privilege);
  }
  expect([...declared]).toEqual(expect.arrayContaining(['kms.decrypt', 'kms.sign', 'firestore.write']));
});
