/** One provider: what it is, how the connection stands, what can be done. It draws, and decides nothing. */
import type { Connection, ProviderOffer } from '../client/src/index.ts';
import { button, h, redraw } from './dom.ts';
import { createNoticePlace, type Notice } from './notice.ts';
import { reasonText } from './sentences.ts';
import type { Speech } from './words.ts';

type Level = ProviderOffer['integrations'][number]['levels'][number];

export interface CardActions {
  connect(integrations: readonly string[]): void;
  /** Without an integration: all of it. */
  remove(integration?: string): void;
}

const STATES = { none: 'Not connected', active: 'Connected', authorize_again: 'Authorize again' } as const;
const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

export const createProviderCard = (provider: string, speech: Speech, actions: CardActions) => {
  const title = speech.title(provider);
  const id = (part: string) => `integrations-${provider}-${part}`;
  const badge = h('span', { class: 'badge' });
  const notice = createNoticePlace(id('notice'));
  const body = h('div', { class: 'body' });
  const heading = h('h2', { id: id('title'), tabindex: '-1' }, title);
  const element = h(
    'section',
    { class: 'card', 'aria-labelledby': id('title'), id: `integrations-${provider}` },
    h('header', {}, heading, badge),
    notice.element,
    body,
  );
  let isBusy = false;
  let isWaiting = false;
  let isSpeaking = false;

  const act = (part: string, label: string, style: 'primary' | 'plain' | 'danger', onClick: () => void, about = '') => {
    const made = button(id(part), label, style, onClick);
    if (about) made.setAttribute('aria-label', `${label}: ${about}`);
    return made;
  };

  const showBusy = () => {
    for (const each of body.querySelectorAll('button')) each.setAttribute('aria-disabled', String(isBusy));
  };

  const allows = ({ scopes }: Level) => [...new Set(scopes.map(speech.scope))].join('. ');

  const standing = (levels: readonly Level[], level: Level | undefined, held: string | undefined): string => {
    if (held === undefined) return 'Not authorized.';
    if (level) return `${isWaiting ? 'Waits until you authorize again' : 'Authorized'}: ${allows(level)}.`;
    if (levels.length === 0)
      return 'Authorized, and switched off by your organization: no tokens are given out for it.';
    return `Authorized for ${speech.level(held)}; your organization allows less by now.`;
  };

  /** `held`: the level that is authorized. `levels`: those that may be, none where the integration is switched off. */
  const row = (name: string, levels: readonly Level[], held: string | undefined): HTMLElement => {
    const called = speech.title(name);
    const index = levels.findIndex((level) => level.name === held);
    // Above what is held; where that is no longer offered, nothing.
    const next = held === undefined || index >= 0 ? levels[index + 1] : undefined;
    const text = standing(levels, levels[index], held);
    const offer = next && h('p', { class: 'about' }, `You can add: ${allows(next)}.`);
    const reference = next && `${name}:${next.name}`;
    const add =
      reference &&
      (held === undefined
        ? act(`${name}-add`, `Add ${called.toLowerCase()}`, 'plain', () => actions.connect([reference]))
        : act(`${name}-add`, `Allow ${speech.level(next.name)}`, 'plain', () => actions.connect([reference]), called));
    const give =
      held !== undefined &&
      act(`${name}-remove`, `Remove ${called.toLowerCase()}`, 'plain', () => actions.remove(name));
    return h(
      'li',
      { class: 'integration', id: id(name) },
      h(
        'div',
        { class: 'line' },
        h('div', { class: 'what' }, h('h3', {}, called), h('p', {}, text), offer),
        h('div', { class: 'actions' }, add, give),
      ),
    );
  };

  const details = ({ scopes, connected_at, updated_at }: Connection) =>
    h(
      'details',
      { id: id('details') },
      h('summary', {}, 'In detail'),
      h(
        'ul',
        {},
        ...scopes.map((scope) => h('li', {}, speech.scope(scope), h('code', {}, scope))),
        h('li', {}, `Connected ${date.format(new Date(connected_at))}`),
        h('li', {}, `Last change ${date.format(new Date(updated_at))}`),
      ),
    );

  const drawBody = (offer: ProviderOffer | undefined, connection: Connection | undefined): HTMLElement[] => {
    const held = new Map(connection?.integrations.map((each) => each.split(':') as [string, string]));
    const offered = new Map(offer?.integrations.map(({ name, levels }) => [name, levels]));
    const names = [...new Set([...offered.keys(), ...held.keys()])];
    const isHere = offer && offer.flow !== 'authorization_code';
    const parts: (HTMLElement | false | undefined)[] = [];
    if (isHere) {
      const text = `Authorized in this browser alone: your organization wants no server to keep access to ${title}. What ${title} gives is kept in this tab, until it ends or you close the tab; then you authorize again.`;
      parts.push(h('p', { class: 'about' }, text));
    }
    if (!offer) parts.push(h('p', {}, `Your organization has switched ${title} off. Ask your administrator.`));
    if (isWaiting) parts.push(h('p', { class: 'reason' }, reasonText(connection?.reason ?? 'grant_dead', title)));
    // What was authorized, as far as it is still offered; or else the least.
    const again = [...held].flatMap(([name, level]) => {
      const levels = offered.get(name);
      return levels ? [levels.some((each) => each.name === level) ? `${name}:${level}` : name] : [];
    });
    const canAgain = isWaiting && again.length > 0;
    if (canAgain) {
      const authorize = act('again', 'Authorize again', 'primary', () => actions.connect(again), title);
      parts.push(h('p', { class: 'actions' }, authorize));
    }
    parts.push(
      h('ul', { class: 'integrations' }, ...names.map((name) => row(name, offered.get(name) ?? [], held.get(name)))),
    );
    if (connection) {
      parts.push(
        h(
          'footer',
          { class: 'actions' },
          details(connection),
          act('disconnect', `Disconnect ${title}`, 'danger', () => actions.remove()),
        ),
      );
    }
    return parts.filter((part) => part instanceof HTMLElement);
  };

  return {
    element,
    isSpeaking: () => isSpeaking,
    setBusy(value: boolean): void {
      isBusy = value;
      element.setAttribute('aria-busy', String(value));
      showBusy();
    },
    say(said: Notice | undefined): void {
      isSpeaking = said !== undefined;
      redraw(element, () => notice.show(said));
    },
    /** Without an offer: switched off. Without a connection: there is none. */
    draw(offer: ProviderOffer | undefined, connection: Connection | undefined): void {
      const state = connection?.state ?? 'none';
      element.dataset.state = state;
      isWaiting = state === 'authorize_again';
      badge.textContent = STATES[state];
      const isOpen = body.querySelector('details')?.open ?? false;
      redraw(element, () => body.replaceChildren(...drawBody(offer, connection)));
      const detailed = body.querySelector('details');
      if (detailed) detailed.open = isOpen;
      showBusy();
    },
  };
};

export type ProviderCard = ReturnType<typeof createProviderCard>;
