/** The cards' behaviour: what a click does, and what the answers mean for what is shown. */
import { readers } from './apis.ts';
import { type Broker, BrokerProblem, type Returned } from './broker.ts';
import { type CardState, createCard, type Reading } from './card.ts';
import { type Integration, type Provider, providers } from './providers.ts';
import {
  explain,
  explainConnected,
  explainForeign,
  explainRemoved,
  explainReturn,
  type Notice,
  type Step,
} from './sentences.ts';
import { SessionOver } from './session.ts';
import type { Tokens } from './tokens.ts';

export interface Dependencies {
  readonly broker: Broker;
  readonly tokens: Tokens;
  /** Origins of the providers' APIs, by provider. */
  readonly apis: Readonly<Record<string, string>>;
  /** The session is over. */
  onSignedOut(): void;
}

export const isSessionOver = (error: unknown): boolean =>
  error instanceof SessionOver || (error instanceof BrokerProblem && error.problem.code === 'login_required');

/** @param place where the cards go */
export const createConnections = (place: HTMLElement, { broker, tokens, apis, onSignedOut }: Dependencies) => {
  const createController = (provider: Provider) => {
    const { name } = provider;
    const readings = new Map<string, Reading>();
    let state: CardState = { busy: false, readings };
    let repeat = () => {};
    const set = (change: Partial<CardState>) => {
      state = { ...state, ...change };
      card.show(state);
    };

    /** Does what was clicked; what it gives is said, what it throws is explained. */
    const run = (work: () => Promise<Notice | undefined>) => {
      repeat = () => run(work);
      set({ busy: true, notice: undefined });
      work()
        .then((notice) => {
          set({ busy: false, notice });
          if (notice) card.reveal();
        })
        .catch(async (error: unknown) => {
          if (isSessionOver(error)) return onSignedOut();
          if (error instanceof BrokerProblem && error.problem.code === 'authorization_required') {
            tokens.forget(name);
            readings.clear();
            await load().catch(() => {});
          }
          set({ busy: false, notice: explain(error, provider) });
          card.reveal();
        });
    };

    /** What was granted before, or else what reading needs. */
    const before = (): readonly string[] => {
      const granted = state.connection?.integrations ?? [];
      return granted.length > 0 ? granted : provider.integrations.map(({ read }) => read);
    };

    const act = (step: Step) => {
      if (step.kind === 'retry') repeat();
      if (step.kind !== 'authorize') return;
      run(async () => {
        await broker.authorize(name, step.wanted ?? { integrations: before() }, step.claims);
        // The browser is leaving: there is nothing to click any more.
        return new Promise(() => {});
      });
    };

    const read = ({ name: integration, read: reference }: Integration) => {
      const api = apis[name] ?? '';
      const get = async <Answer>(path: string): Promise<Answer> =>
        (await tokens.get(name, reference, api + path)).json();
      run(async () => {
        const items = (await readers[name]?.[integration]?.(get)) ?? [];
        const goodUntil = await tokens.goodUntil(name, reference);
        readings.set(integration, {
          items,
          host: new URL(api).host,
          at: new Date(),
          ...(goodUntil === undefined ? {} : { goodUntil: new Date(goodUntil) }),
        });
        return undefined;
      });
    };

    const disconnect = () =>
      run(async () => {
        const removed = await broker.disconnect(name);
        tokens.forget(name);
        readings.clear();
        await load();
        return removed
          ? explainRemoved(removed, provider)
          : { tone: 'good', text: 'There was nothing left to remove.' };
      });

    const finish = (back: Returned) =>
      run(async () => {
        if (back.error !== null) return explainReturn(back.error, provider);
        if (back.flow === null) return explainForeign(provider);
        const connected = await broker.complete(back);
        tokens.forget(name);
        await load();
        return explainConnected(connected, provider);
      });

    const card = createCard(provider, `${apis[name] ?? ''}/account`, {
      authorize: (integrations) => act({ kind: 'authorize', wanted: { integrations } }),
      read,
      disconnect,
      step: act,
    });
    place.append(card.element);
    return { provider, set, run, finish, readings };
  };

  const controllers = providers.filter(({ name }) => name in apis).map(createController);

  const load = async () => {
    const connections = await broker.connections();
    for (const { provider, set } of controllers) {
      set({ connection: connections.find((each) => each.provider === provider.name) ?? null });
    }
    return connections;
  };

  return {
    /** Throws what the broker's client throws. */
    load,
    /** Goes on with what the provider's redirect brought back. */
    finish: (back: Returned) => controllers.find(({ provider }) => provider.name === back.provider)?.finish(back),
    /** Nothing of one user is left for the next. */
    clear(): void {
      tokens.forget();
      for (const { set, readings } of controllers) {
        readings.clear();
        set({ connection: undefined, notice: undefined, busy: false });
      }
    },
  };
};
