/** The zoo of token answers, as an app on a device reads them: a connection that the broker would keep is kept here too. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ProviderOffer } from '../../client/src/contract.ts';
import { BrokerUnavailableError } from '../../client/src/errors.ts';
import { createEndpoints, type TokenAnswer } from '../../client/src/native/provider.ts';
import { type Answer, send } from '../../local/providers/web.ts';
import { CANARIES } from '../adapters/provider-answers.ts';
import { type Specimen, zoo } from '../adapters/zoo/answers.ts';
import { kinds } from '../adapters/zoo/kinds.ts';

/** What a platform's `fetch` decides itself: codings, redirects, answers that end too early. There, no body is seen. */
const OF_FETCH = /gzip|deflate|brotli|zstd|encoding|truncated|redirect/;
/** A device reads them: it has memory enough. */
const LONG = /too_long/;

let next: Answer;
const server = createServer((request, response) => void request.resume().once('end', () => send(response, next)));
let offer: ProviderOffer;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const token_endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  const client = { client_id: 'app', authorization_endpoint: 'https://provider.example/authorize', token_endpoint };
  offer = { provider: 'zoo', kind: 'oidc', flow: 'authorization_code', integrations: [], client } as ProviderOffer;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const ask = (): Promise<TokenAnswer | 'unavailable'> =>
  createEndpoints({})
    .token(offer, { grant_type: 'refresh_token', refresh_token: CANARIES.refreshToken })
    .catch((error) => {
      if (error instanceof BrokerUnavailableError) return 'unavailable';
      throw error;
    });

const members = () => kinds.find(({ name }) => name === 'oauth2')?.members() ?? {};
const seen = zoo.filter(({ name }) => !OF_FETCH.test(name) && !LONG.test(name));

describe('an app on a device', () => {
  test('reads at least 90 of the answers', () => expect(seen.length).toBeGreaterThanOrEqual(90));

  test.each(seen)('$name', async ({ answer, refresh, came }: Specimen) => {
    next = answer(members());
    const read = await ask();
    const tokens = typeof read === 'object' && read.kind === 'tokens' ? read.tokens : undefined;
    if (refresh.kind === 'tokens') {
      const {
        accessToken,
        expiresIn = 3600,
        scopes,
      } = 'tokens' in refresh && refresh.tokens ? refresh.tokens : never();
      expect(tokens).toMatchObject({ token: accessToken, seconds: expiresIn });
      expect(tokens?.scopes).toEqual(scopes);
    } else expect(tokens?.token ?? '').toBe('');
    expect(tokens?.refreshToken).toBe(came ? CANARIES.rotated : undefined);
    if (refresh.kind === 'grant_dead' && !came && refresh.code === 'invalid_grant') {
      expect(read).toEqual({ kind: 'grant_dead' });
    }
    if (refresh.kind === 'no_answer' && !came) expect(read).toBe('unavailable');
  });
});

const never = (): never => {
  throw new Error('tokens are expected');
};
