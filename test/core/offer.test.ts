import { expect, test } from '@jest/globals';
import { googleCatalogue } from '../../functions/core/catalogue.ts';
import { Unavailable } from '../../functions/core/errors.ts';
import { offer } from '../../functions/core/offer.ts';
import type { Event, PublicClient, PublicClients } from '../../functions/core/ports.ts';
import type { ProviderProfile } from '../../functions/core/provider.ts';

const client: PublicClient = { clientId: 'client-1', authorizationEndpoint: 'https://provider.example/auth' };
const clients = (answer: () => Promise<PublicClient | undefined>): PublicClients => ({
  browser: answer,
  native: answer,
});
const down = new Unavailable('provider', 'timeout');

const offered = async (notes: PublicClients, platform?: string) => {
  const profileOf = (name: string): ProviderProfile => ({
    name,
    kind: 'oidc',
    flows: ['authorization_code', 'browser_code'],
    catalogue: googleCatalogue,
    stepwise: 'provider_adds',
  });
  const events: Event[] = [];
  const flows = { notes: { flow: 'browser_code' }, google: { flow: 'browser_code' } } as const;
  const { providers } = await offer(
    {
      policies: { policy: async () => ({ policy: { providers: flows }, readAt: 0 }) },
      providers: [
        { profile: profileOf('notes'), clients: notes },
        { profile: profileOf('google'), clients: clients(async () => client) },
      ],
      observe: (event) => events.push(event),
    },
    'org-1',
    platform,
  );
  return { events, found: providers.map(({ profile, ...each }) => [profile.name, each.flow, each.client?.clientId]) };
};

test.each([
  ['a browser', undefined, 'browser_code'],
  ['an app', 'ios', 'native'],
])(
  'B1 to %s a provider whose endpoints are not known now is offered without them, and the others as ever',
  async (_, platform, flow) => {
    const { events, found } = await offered(
      clients(() => Promise.reject(down)),
      platform,
    );
    expect(found).toEqual([
      ['notes', flow, undefined],
      ['google', flow, 'client-1'],
    ]);
    expect(events).toEqual([{ event: 'offer_incomplete', severity: 'WARNING', provider: 'notes' }]);
  },
);

test('B1 one without a client is not offered, and a mistake of this program is none of the provider', async () => {
  expect((await offered(clients(async () => undefined))).found).toEqual([['google', 'browser_code', 'client-1']]);
  await expect(offered(clients(() => Promise.reject(new TypeError('x'))))).rejects.toThrow(TypeError);
});
