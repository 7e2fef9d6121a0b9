/** What docs/cost.md reckons with, on the local stack: each operation once, undisturbed, when the instance already knows the policy. */
import type { ProviderName } from '../../local/environment.ts';
import type { Operations } from '../../tools/cost/model.ts';
import { sweep } from '../support/admin.ts';
import { CODE_FLOW, followCallback, startFlow, startTestStack } from '../support/broker.ts';
import { renewFor, signInFor } from '../support/sign-in.ts';
import { operationsOf } from './count.ts';

export type Measured = Readonly<Record<string, Operations>>;

const CLASSES = { google: 'stable', microsoft: 'tolerant', notes: 'strict' } as const;

export const measure = async (): Promise<Measured> => {
  const stack = await startTestStack({ environment: CODE_FLOW });
  try {
    const measured: Record<string, Operations> = {};
    const expectStatus = (status: number, answer: { readonly status: number }) => {
      if (answer.status !== status) throw new Error(`answered ${answer.status}, not ${status}`);
    };
    for (const [name, rotation] of Object.entries(CLASSES) as [ProviderName, string][]) {
      const integrations = [name === 'notes' ? 'notes' : 'files'];
      const token = await stack.session('user-1', `org-${name}`);
      const path = `/v1/connections/${name}`;
      const wish = { integrations, return_to: stack.demo.returnUrls[0] };
      measured[`authorize, ${rotation}`] = await operationsOf(stack, async () =>
        expectStatus(200, await stack.call('POST', `${path}/authorize`, { token, body: wish })),
      );
      const begun = await startFlow(stack, name, { token, integrations });
      const ticket = (await followCallback(stack, begun.callbackUrl)).get('ticket') ?? '';
      measured[`complete, ${rotation}`] = await operationsOf(stack, async () =>
        expectStatus(200, await stack.call('POST', `${path}/complete`, { token, body: { ticket, flow: begun.flow } })),
      );
      const call = async () => expectStatus(200, await stack.call('POST', `${path}/token`, { token }));
      await call();
      measured[`token, ${rotation}`] = await operationsOf(stack, call);
      measured[`disconnect, ${rotation}`] = await operationsOf(stack, async () =>
        expectStatus(200, await stack.call('DELETE', path, { token })),
      );
    }
    const token = await stack.session('user-1', 'org-google');
    measured.connections = await operationsOf(stack, () => stack.call('GET', '/v1/connections', { token }));
    const signedIn = await signInFor(stack, 'google', { account: 'account-1@org-1.example' });
    measured['renew a session'] = await operationsOf(stack, async () =>
      expectStatus(200, await renewFor(stack, signedIn)),
    );
    measured['sweep, nothing to do'] = await operationsOf(stack, () => sweep(stack));
    const internal = (name: string) =>
      operationsOf(stack, async () =>
        expectStatus(200, await stack.call('POST', `/v1/internal/${name}`, { token: await stack.scheduler.token() })),
      );
    measured['rewrap, nothing to do'] = await internal('rewrap');
    measured.probe = await internal('probe');
    return measured;
  } finally {
    await stack.stop();
  }
};
