/** One provider's card: what it is, how the connection stands, what can be done. It draws, and decides nothing. */

import { reasonText } from '../../../web/sentences.ts';
import { listed } from '../../../web/words.ts';
import type { Item } from './apis.ts';
import type { Connection } from './broker.ts';
import { button, h, redraw } from './dom.ts';
import { createNoticePlace } from './notice.ts';
import { allowed, type Integration, type Provider } from './providers.ts';
import type { Notice, Step } from './sentences.ts';

/** What a click on "Read ..." brought. */
export interface Reading {
  readonly items: readonly Item[];
  /** Where it came from. */
  readonly host: string;
  readonly at: Date;
  /** Of the token in memory. */
  readonly goodUntil?: Date | undefined;
}

export interface CardState {
  /** `undefined` while it is not known yet, `null` where there is none. */
  readonly connection?: Connection | null | undefined;
  readonly notice?: Notice | undefined;
  readonly busy: boolean;
  readonly readings: ReadonlyMap<string, Reading>;
}

export interface CardActions {
  authorize(integrations: readonly string[]): void;
  read(integration: Integration): void;
  disconnect(): void;
  step(step: Step): void;
}

const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

const STATES = {
  unknown: 'Looking …',
  none: 'Not connected',
  active: 'Connected',
  authorize_again: 'Authorize again',
} as const;

const granted = ({ more }: Integration, has: string | undefined, connection: CardState['connection']) => {
  if (connection === undefined) return '…';
  if (connection === null) return 'Not asked for yet';
  // The broker knows what was allowed, and not whether the rest was ever asked for.
  if (has === undefined) return 'Not allowed by you yet';
  if (connection.state === 'authorize_again') return 'Waits until you authorize again';
  return `Allowed: ${has === more?.ask ? more.allows.toLowerCase() : 'reading'}`;
};

export const createCard = (provider: Provider, accountPage: string, actions: CardActions) => {
  const { name, title, about, integrations } = provider;
  const badge = h('span', { class: 'badge', id: `${name}-state` });
  const notice = createNoticePlace(`${name}-notice`, actions.step);
  const body = h('div', { class: 'body' });
  const element = h(
    'section',
    { class: 'card', id: name, 'aria-labelledby': `${name}-title` },
    h(
      'header',
      {},
      h('div', {}, h('h2', { id: `${name}-title`, tabindex: '-1' }, title), h('p', { class: 'about' }, about)),
      badge,
    ),
    notice.element,
    body,
  );

  const reading = ({ items, host, at, goodUntil }: Reading) => [
    items.length === 0
      ? h('p', { class: 'empty' }, 'There is nothing.')
      : h(
          'ul',
          { class: 'items' },
          ...items.map((item) =>
            h('li', {}, h('span', {}, item.title), item.detail !== '' && h('small', {}, item.detail)),
          ),
        ),
    h(
      'p',
      { class: 'source' },
      `Read by this page from ${host} at ${time.format(at)}.`,
      goodUntil && ` The token in this page's memory is good until ${time.format(goodUntil)}.`,
    ),
  ];

  const buttons = (integration: Integration, has: string | undefined, connection: CardState['connection']) => {
    if (connection === undefined || connection?.state === 'authorize_again') return [];
    const id = `${name}-${integration.name}`;
    const { more, read, readLabel } = integration;
    if (has !== undefined) {
      const reads = button(`${id}-read`, readLabel, 'primary', () => actions.read(integration));
      if (!more || has === more.ask) return [reads];
      return [reads, button(`${id}-more`, more.label, 'plain', () => actions.authorize([more.ask]))];
    }
    const label = `${connection ? 'Add' : 'Connect'} ${integration.title.toLowerCase()}`;
    return [button(`${id}-connect`, label, 'plain', () => actions.authorize([read]))];
  };

  const row = (integration: Integration, { connection, readings }: CardState) => {
    const has = connection ? allowed(connection.integrations, integration) : undefined;
    const found = readings.get(integration.name);
    return h(
      'li',
      { class: 'integration', id: `${name}-${integration.name}` },
      h(
        'div',
        { class: 'line' },
        h(
          'div',
          {},
          h('h3', {}, integration.title),
          h('p', { class: 'granted' }, granted(integration, has, connection)),
        ),
        h('div', { class: 'actions' }, ...buttons(integration, has, connection)),
      ),
      ...(found ? reading(found) : []),
    );
  };

  const whole = ({ connection }: CardState): (Node | false)[] => {
    if (connection === undefined) return [];
    if (connection === null) {
      if (integrations.length === 1) return [];
      const names = listed(integrations.map((each) => each.title.toLowerCase()));
      const all = integrations.map(({ read }) => read);
      return [button(`${name}-connect`, `Connect ${names}`, 'primary', () => actions.authorize(all))];
    }
    return [
      h('a', { href: accountPage, target: '_blank', rel: 'noreferrer' }, `Your account page at ${title}`),
      button(`${name}-disconnect`, 'Disconnect', 'danger', actions.disconnect),
    ];
  };

  const scopes = ({ scopes: held, connected_at, updated_at }: Connection) =>
    h(
      'details',
      { id: `${name}-scopes` },
      h('summary', {}, 'What you have allowed'),
      held.length === 0
        ? h('p', {}, 'Nothing.')
        : h(
            'ul',
            {},
            ...held.map((scope) =>
              h('li', {}, provider.scopes[scope] ?? 'Something this page does not know', h('code', {}, scope)),
            ),
          ),
      h(
        'p',
        { class: 'source' },
        `Connected ${date.format(new Date(connected_at))}, last changed ${date.format(new Date(updated_at))}.`,
      ),
    );

  const show = (state: CardState): void => {
    const { connection } = state;
    const isOpen = body.querySelector('details')?.open === true;
    const isOver = connection?.state === 'authorize_again';
    element.dataset.state = connection === undefined ? 'unknown' : (connection?.state ?? 'none');
    element.setAttribute('aria-busy', String(state.busy));
    badge.textContent = STATES[connection === undefined ? 'unknown' : (connection?.state ?? 'none')];
    // What the broker reports goes on being true when a sentence about the last click has gone.
    const over: Notice | undefined = isOver
      ? { tone: 'bad', text: reasonText(connection.reason ?? 'grant_dead', title), step: { kind: 'authorize' } }
      : undefined;
    notice.show(state.notice ?? over);
    redraw(element, () => {
      const details = connection ? scopes(connection) : undefined;
      if (details) details.open = isOpen;
      body.replaceChildren(
        h('ul', { class: 'integrations' }, ...integrations.map((each) => row(each, state))),
        h('footer', { class: 'actions' }, ...whole(state)),
        ...(details ? [details] : []),
      );
    });
    for (const each of element.querySelectorAll('.body button')) each.setAttribute('aria-disabled', String(state.busy));
  };
  /** What was said last comes into view. */
  const reveal = () => notice.element.scrollIntoView({ block: 'nearest' });
  return { element, show, reveal };
};
