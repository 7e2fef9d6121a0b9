import { FRESH_SECONDS, type PublicKeys } from '../core/session-keys.ts';
import { ok } from '../http/answer.ts';
import { type Operation, publicOperation } from '../http/operation.ts';

export const sessionKeysOperation = (keys: PublicKeys): Operation =>
  publicOperation('sessionKeys', async () => {
    const found = await keys.list();
    const answer = ok({
      keys: found.map((key) => ({ kty: 'EC', crv: 'P-256', ...key, alg: 'ES256', use: 'sig' }) as const),
    });
    return { ...answer, headers: { ...answer.headers, 'Cache-Control': `public, max-age=${FRESH_SECONDS}` } };
  });
