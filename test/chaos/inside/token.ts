/**
 * In the place of functions/core/token.ts: the real service over ports that know the named steps; and, for the red
 * checks, with one of its three protections taken away.
 */
import { dataKeyPlace, seal } from '../../../functions/core/envelope.ts';
import type { ConnectionStore } from '../../../functions/core/ports.ts';
import { tokenService as real, type TokenDependencies } from '../../../functions/core/token.ts';
import { VARIANT_VARIABLE, type Variant } from '../protocol.ts';
import { at, note } from './steps.ts';

export * from '../../../functions/core/token.ts';

const variant = process.env[VARIANT_VARIABLE] as Variant | undefined;

/** An update that ignores the version: it belongs on whatever is there now. */
const writeOver =
  ({ read, update }: ConnectionStore): ConnectionStore['update'] =>
  async (stored, change) => {
    for (;;) {
      const present = await read(stored.key);
      if (!present) return 'conflict';
      const written = await update(present, change);
      if (written !== 'conflict') return written;
    }
  };

const updateOf = (connections: ConnectionStore): ConnectionStore['update'] => {
  if (variant === 'no-compare-and-set') return writeOver(connections);
  if (variant !== 'no-lease') return connections.update;
  return async (stored, change) => (change.lease ? { version: stored.version } : connections.update(stored, change));
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
      note('outcome', { kind: error instanceof Error ? error.name : 'error' });
      throw error;
    }
  };
};
