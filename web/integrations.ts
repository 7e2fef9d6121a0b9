/**
 * A user's page: what is authorized at which provider, and everything that can be done about it.
 *
 *     showIntegrations(element, { broker, signIn: '/sign-in' })
 *
 * `broker` is made with `flows: browserOnly`, so that it serves every organization. Styles are in pages.css.
 */
import { type Broker, type Config, type Connection, SessionRequiredError } from '../client/src/index.ts';
import { h } from './dom.ts';
import { createNoticePlace, type Notice } from './notice.ts';
import { createProviderCard, type ProviderCard } from './provider-card.ts';
import { connectedText, removedText } from './sentences.ts';
import { explain } from './trouble.ts';
import { createSpeech, type Words } from './words.ts';

export interface IntegrationsOptions {
  readonly broker: Broker;
  /** Where the user signs in to the product. */
  readonly signIn: string;
  /** The product's own names for providers and integrations, and words for scopes. */
  readonly words?: Words;
}

type Choice = Parameters<Broker['connect']>[0];

/** Works until `element` leaves the document with its page. */
export const showIntegrations = async (
  element: HTMLElement,
  { broker, signIn, words }: IntegrationsOptions,
): Promise<void> => {
  const speech = createSpeech(words);
  const page = createNoticePlace('integrations-notice');
  const list = h('div', { class: 'cards' });
  element.replaceChildren(page.element, list);
  const cards = new Map<string, ProviderCard>();
  let loading = 0;

  const cardOf = (provider: string): ProviderCard => {
    const known = cards.get(provider);
    if (known) return known;
    const card = createProviderCard(provider, speech, {
      connect: (integrations) => void connect({ provider, integrations }),
      remove: (integration) => void remove(provider, integration),
    });
    cards.set(provider, card);
    return card;
  };

  const trouble = (error: unknown, again: () => void): void => {
    if (error instanceof SessionRequiredError) {
      // What is shown is nobody's any more, or somebody else's.
      cards.clear();
      list.replaceChildren();
    }
    page.show(explain(error, { title: 'The provider', signIn, again }));
  };

  const draw = ({ providers }: Config, connections: readonly Connection[]): void => {
    const names = [...new Set([...providers, ...connections].map(({ provider }) => provider))];
    for (const name of names) {
      const offer = providers.find(({ provider }) => provider === name);
      cardOf(name).draw(
        offer,
        connections.find(({ provider }) => provider === name),
      );
    }
    // A card whose connection has just gone still says so.
    for (const [name, card] of cards) {
      if (names.includes(name)) continue;
      card.draw(undefined, undefined);
      if (!card.isSpeaking()) cards.delete(name);
    }
    const shown = [...cards.values()].map((card) => card.element);
    const isSame = shown.length === list.children.length && shown.every((each, index) => list.children[index] === each);
    // What is put in anew loses the focus.
    if (!isSame) list.replaceChildren(...shown);
  };

  const load = async (): Promise<void> => {
    loading += 1;
    const mine = loading;
    try {
      const [config, connections] = await Promise.all([broker.config(), broker.connections()]);
      if (mine !== loading) return;
      page.show(undefined);
      draw(config, connections);
      if (cards.size === 0) {
        page.show({
          tone: 'plain',
          text: 'Your organization has switched every integration off. Ask your administrator.',
        });
      }
    } catch (error) {
      if (mine === loading) trouble(error, () => void load());
    }
  };

  /** Says on the card what became of `work`; what is shown is looked up again in any case. */
  const report = async (provider: string, again: (mode?: 'redirect') => void, work: () => Promise<Notice>) => {
    const card = cardOf(provider);
    card.setBusy(true);
    try {
      card.say(await work());
    } catch (error) {
      if (error instanceof SessionRequiredError) return trouble(error, () => void load());
      const ways = { title: speech.title(provider), signIn, again, redirect: () => again('redirect') };
      card.say(explain(error, ways));
    } finally {
      card.setBusy(false);
    }
    await load();
  };

  const connect = (choice: Choice): Promise<void> => {
    const { provider } = choice;
    const title = speech.title(provider);
    return report(
      provider,
      (mode) => void connect({ ...choice, mode }),
      async () => {
        const canceller = new AbortController();
        const steps = [{ label: 'Cancel', act: () => canceller.abort() }];
        // First of all: a browser opens windows in the click alone.
        const connecting = broker.connect({
          ...choice,
          signal: canceller.signal,
          onPopupClosed: () =>
            cardOf(provider).say({
              tone: 'plain',
              text: `The window of ${title} seems to be closed. If it is still open, go on there; if not, cancel.`,
              steps,
            }),
        });
        const where = choice.mode === 'redirect' ? `On the way to ${title} …` : `Go on in the window of ${title}.`;
        cardOf(provider).say({ tone: 'plain', text: where, ...(choice.mode === 'redirect' ? {} : { steps }) });
        const connected = await connecting;
        return {
          tone: connected.missing_scopes.length > 0 ? 'plain' : 'good',
          text: connectedText(connected, title, speech.scope),
        };
      },
    );
  };

  const remove = (provider: string, integration?: string): Promise<void> => {
    const title = speech.title(provider);
    const work = async (): Promise<Notice> => {
      const narrowed = integration ? await broker.disconnect({ provider, integration }) : undefined;
      const removed = integration ? narrowed?.removed : await broker.disconnect({ provider });
      if (removed) {
        const { revocation, manage_url } = removed;
        const isOver = revocation === 'revoked' || !manage_url;
        return {
          tone: revocation === 'revoked' ? 'good' : 'plain',
          text: removedText(revocation, title),
          steps: isOver ? [] : [{ label: `Open your ${title} account page`, href: manage_url }],
        };
      }
      if (!narrowed) return { tone: 'plain', text: 'There was nothing left to remove.' };
      const text = `${speech.title(integration ?? '')} is removed: no more tokens are given out for it. ${title} still counts it as allowed until you disconnect.`;
      return { tone: 'good', text };
    };
    return report(provider, () => void remove(provider, integration), work);
  };

  // Before anything else: what a redirect brought back is in the address bar.
  const back = await broker.handleRedirect().then(
    (connected) => connected && { connected },
    (error: unknown) => ({ error }),
  );
  broker.on('change', () => void load());
  await load();
  if (!back) return;
  if ('error' in back) return trouble(back.error, () => void load());
  const { connected } = back;
  cardOf(connected.provider).say({
    tone: connected.missing_scopes.length > 0 ? 'plain' : 'good',
    text: connectedText(connected, speech.title(connected.provider), speech.scope),
  });
};
