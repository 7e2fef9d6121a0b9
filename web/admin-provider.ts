/** One provider's switches. They change the form, and nothing is saved. */
import type { AdminProvider, Policy } from '../client/src/admin.ts';
import { h } from './dom.ts';
import { FLOWS } from './policy-changes.ts';
import { choice, toggle } from './switch.ts';
import { counted, type Speech } from './words.ts';

const ABOUT = {
  authorization_code:
    'The broker keeps an encrypted refresh token, so users authorize once. Tokens last until they disconnect.',
  browser_code:
    'Code with PKCE between browser and provider. No server keeps anything; users authorize again when their token ends.',
  implicit:
    'The token comes back in the address of a page, where browser history, extensions and logs can see it. No server keeps anything.',
} as const;

export interface ProviderForm {
  readonly element: HTMLElement;
  /** How much it is used, as it was just looked up. */
  count(use: AdminProvider): void;
}

/** `set` takes a path from the provider's own policy on, and a value. */
export const createProviderForm = (
  use: AdminProvider,
  rule: Policy['providers'][string],
  speech: Speech,
  set: (path: string, value: string | boolean) => void,
  consent: (() => string) | undefined,
): ProviderForm => {
  const { provider, integrations, flows } = use;
  const title = speech.title(provider);
  const id = (part: string) => `admin-${provider}-${part}`;
  const usage = h('p', { class: 'usage', id: id('usage'), role: 'status' });

  const options = Object.keys(FLOWS)
    .map((flow) => flow as keyof typeof FLOWS)
    // What is chosen stays visible, whatever the configuration has become.
    .filter((flow) => flows.includes(flow) || flow === rule.flow)
    .map((value) => ({ value, label: FLOWS[value], about: ABOUT[value] }));

  const rows = integrations.map(({ name, levels }) => {
    const own = rule.integrations[name];
    const called = speech.title(name);
    return h(
      'li',
      { class: 'integration line' },
      toggle(id(`${name}-enabled`), called, own?.enabled ?? false, (is) => set(`integrations.${name}.enabled`, is), {
        context: title,
      }),
      // Where there is one level, there is nothing to hold back.
      levels.length > 1 &&
        toggle(
          id(`${name}-read-only`),
          'Read only',
          own?.read_only ?? false,
          (is) => set(`integrations.${name}.read_only`, is),
          {
            context: `${called} of ${title}`,
          },
        ),
    );
  });

  const link = consent && h('a', { href: '#', id: id('consent') }, `Consent for everybody at ${title}`);
  // Its state is made in the click: links that nobody follows leave nothing behind.
  link?.addEventListener('click', (event) => {
    event.preventDefault();
    location.assign(consent?.() ?? '');
  });
  const element = h(
    'section',
    { class: 'card', 'aria-labelledby': id('title'), id: `admin-${provider}` },
    h('header', {}, h('h2', { id: id('title'), tabindex: '-1' }, title), usage),
    toggle(id('enabled'), `${title} is available`, rule.enabled, (is) => set('enabled', is), {
      about: 'Off: nobody connects, and no tokens are given out. Connections stay, and users can still disconnect.',
    }),
    h('ul', { class: 'integrations', 'aria-label': `Integrations of ${title}` }, ...rows),
    choice(id('flow'), 'How users authorize', options, rule.flow, (value) => set('flow', value)),
    link &&
      h(
        'p',
        { class: 'about' },
        `Where users may not consent themselves, an administrator of the ${title} directory does it once, for what is saved here: `,
        link,
      ),
  );
  return {
    element,
    count({ connections, removing }) {
      const stored = connections === 0 ? 'No stored connections' : counted(connections, 'stored connection');
      const left = connections === 0 ? 'Finishing the removal' : `Removing stored connections: ${connections} left`;
      const text = removing ? left : stored;
      // Said again only where it has changed.
      if (usage.textContent !== text) usage.textContent = text;
      usage.dataset.removing = String(removing);
    },
  };
};
