/**
 * In the place of functions/core/token.ts: the real service over ports that know the named steps; and, for the red
 * checks, with one of its protections taken away.
 */
import { dataKeyPlace, seal } from '../../../functions/core/envelope.ts';
import type { ConnectionChange, ConnectionStore, Stored } from '../../../functions/core/ports.ts';
import { tokenService as real, type TokenDependencies } from '../../../functions/core/token.ts';
import { VARIANT_VARIABLE, type Variant } from '../protocol.ts';
import { systemClock } from './clock.ts';
import { at, note } from './steps.ts';

export * from '../../../functions/core/token.ts';

const variant = process.env[VARIANT_VARIABLE] as Variant | undefined;

/** An update that ignores the version: it belongs on whatever is there now. */
const writeOver = async ({ read, update }: ConnectionStore, stored: Stored, change: ConnectionChange) => {
  for (;;) {
    const present = await read(stored.key);
    if (!present) return 'conflict';
    const written = await update(present, change);
    if (written !== 'conflict') return written;
  }
};

/** Not a failure that a write is begun again after. */
class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

const once = async (connections: ConnectionStore, stored: Stored, change: ConnectionChange) => {
  try {
    return await connections.update(stored, change);
  } catch (cause) {
    throw new GivenUp('', { cause });
  }
};

const updateOf =
  (connections: ConnectionStore): ConnectionStore['update'] =>
  async (stored, change) => {
    const isToken = change.revision !== undefined;
    if (variant === 'no-lease' && change.lease) return { version: stored.version };
    // The lease keeps its compare-and-set: that is another protection.
    if (variant === 'no-compare-and-set' && isToken) return writeOver(connections, stored, change);
    if (variant === 'no-retry' && isToken) return once(connections, stored, change);
    return connections.update(stored, change);
  };

const readOf =
  (connections: ConnectionStore): ConnectionStore['read'] =>
  async (key) => {
    const stored = await connections.read(key);
    // The database's time here runs ahead of the machine's: what counts is how far this clock is off.
    const error = systemClock.now() - Date.now();
    return stored && variant === 'local-clock' ? { ...stored, readAt: stored.readAt + error } : stored;
  };

/** What sealing would need without a data key in hand: the key service, after the provider has rotated. */
const askKeyService = async ({ connections, keys }: TokenDependencies, place: Uint8Array): Promise<void> => {
  const [, , tenant = '', user = '', provider = ''] = JSON.parse(Buffer.from(place).toString()) as string[];
  const stored = await connections.read({ tenant, user, provider });
  if (!stored?.connection.sealed) return;
  const { key, connection } = stored;
  await keys.unwrap(stored.connection.sealed.wrappedKey, dataKeyPlace(key, connection.generation));
};

const withSteps = (dependencies: TokenDependencies): TokenDependencies => {
  const { connections, keys, provider } = dependencies;
  const update = updateOf(connections);
  return {
    ...dependencies,
    connections: {
      ...connections,
      read: readOf(connections),
      update: async (stored, change) => {
        const step = change.lease ? 'lease' : change.revision === undefined ? undefined : 'commit';
        if (!step) return update(stored, change);
        await at({ step, when: 'before' });
        const written = await update(stored, change);
        await at({ step, when: 'after' }, { written: written !== 'conflict' });
        return written;
      },
    },
    keys: {
      unwrap: async (...given) => {
        await at({ step: 'unwrap', when: 'before' });
        const dataKey = await keys.unwrap(...given);
        await at({ step: 'unwrap', when: 'after' });
        return dataKey;
      },
    },
    provider: {
      ...provider,
      refresh: async (request) => {
        await at({ step: 'send', when: 'before' });
        const answer = await provider.refresh(request);
        const given = answer.kind === 'tokens' ? answer.tokens.refreshToken : undefined;
        const late = answer.kind === 'unusable' ? answer.refreshToken : undefined;
        const rotated = ![undefined, request.refreshToken].includes(given ?? late);
        await at({ step: 'receive', when: 'after' }, { kind: answer.kind, rotated });
        return answer;
      },
    },
    seal: async (dataKey, token, place) => {
      await at({ step: 'seal', when: 'before' });
      if (variant === 'no-preflight') await askKeyService(dependencies, place);
      const sealed = seal(dataKey, token, place);
      await at({ step: 'seal', when: 'after' });
      return sealed;
    },
  };
};

export const tokenService: typeof real = (dependencies) => {
  const service = real(withSteps(dependencies));
  return async (request) => {
    try {
      const outcome = await service(request);
      note('outcome', { kind: outcome.kind === 'authorize' ? outcome.reason : outcome.kind });
      return outcome;
    } catch (error) {
      const failure = error instanceof GivenUp ? error.cause : error;
      note('outcome', { kind: failure instanceof Error ? failure.name : 'error' });
      throw failure;
    }
  };
};
