/** A calendar widget with the browser SDK. */
import { createFetch } from '../../../client/src/fetch.ts';
import { AuthorizationRequiredError, createBroker } from '../../../client/src/index.ts';
import { byId, h } from './dom.ts';

const { broker: baseUrl, apis } = await (await fetch('/settings')).json();
const session = async () => {
  const response = await fetch('/session');
  return response.status === 200 ? (await response.json()).token : undefined;
};

const broker = createBroker({ baseUrl, session, returnTo: `${location.origin}/bridge.html` });
const google = createFetch(broker, { provider: 'google', integration: 'calendar', origins: [apis.google] });

const show = async () => {
  const { items } = await (await google(`${apis.google}/calendar/v3/calendars/primary/events`)).json();
  byId('offer').hidden = true;
  byId('problem').textContent = '';
  byId('events').replaceChildren(...items.map(({ summary }: { summary: string }) => h('li', {}, summary)));
};
const explain = (error: Error) => {
  byId('offer').hidden = !(error instanceof AuthorizationRequiredError);
  byId('problem').textContent = error.message;
};
byId('connect').addEventListener('click', () => {
  broker
    .connect({ provider: 'google', integrations: ['calendar'] })
    .then(show)
    .catch(explain);
});
await show().catch(explain);
