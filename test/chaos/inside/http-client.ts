/** In the place of functions/adapters/http-client.ts: the moments when a refresh token leaves and an answer is there. */
import { createHttpClient as real } from '../../../functions/adapters/http-client.ts';
import { at, hashOf, note } from './steps.ts';

export * from '../../../functions/adapters/http-client.ts';

export const createHttpClient: typeof real = (options) => {
  const client = real(options);
  return {
    ...client,
    request: async (request) => {
      const form = new URLSearchParams(request.body?.toString());
      const token = form.get('refresh_token');
      if (form.get('grant_type') !== 'refresh_token' || token === null) return client.request(request);
      note('out', { token: hashOf(token) });
      const answering = client.request(request);
      // It may fail while this waits.
      answering.catch(() => {});
      await at({ step: 'send', when: 'after' });
      const answer = await answering;
      await at({ step: 'receive', when: 'before' });
      return answer;
    },
  };
};
