/** Stands for the user: walks a simulated provider's pages over HTTP, as a browser without scripts would. */

export interface Choices {
  /** The account to pick; the first one by default. */
  readonly account?: string;
  /** Cancel instead of allowing. */
  readonly deny?: boolean;
  /** Scopes to untick, where the provider lets the user choose. */
  readonly withhold?: readonly string[];
}

export type Browser = (url: URL, form?: URLSearchParams) => Promise<Response>;

/** One browser session: cookies, kept for one origin, by name. */
export const createBrowser = (): Browser => {
  const cookies = new Map<string, string>();
  return async (url, form) => {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '), accept: 'text/html' },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name === undefined) continue;
      if (value === undefined || value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  };
};

const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
const unescapeHtml = (text: string) =>
  text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity);

interface Control {
  readonly tag: string;
  readonly type: string;
  readonly name: string;
  readonly value: string;
}

/** The first form of a page. */
const readForm = (html: string): { action: string; controls: Control[] } => {
  const form = /<form[^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/.exec(html);
  if (form === null) throw new Error(`The provider's page has no form: ${/<h1>([^<]*)/.exec(html)?.[1] ?? 'untitled'}`);
  const [, action = '', content = ''] = form;
  const controls = [...content.matchAll(/<(input|button)([^>]*)>/g)].map(([, tag = '', attributes = '']) => {
    const attribute = (name: string) => unescapeHtml(new RegExp(` ${name}="([^"]*)"`).exec(attributes)?.[1] ?? '');
    return { tag, type: attribute('type'), name: attribute('name'), value: attribute('value') };
  });
  return { action: unescapeHtml(action), controls };
};

/** Fills in one page: picks the account, or unticks and decides. */
const fillIn = (controls: readonly Control[], { account, deny, withhold = [] }: Choices): URLSearchParams => {
  const form = new URLSearchParams();
  for (const { tag, type, name, value } of controls) {
    const isTicked = type === 'checkbox' && !withhold.includes(value);
    if (tag === 'input' && (type === 'hidden' || isTicked)) form.append(name, value);
  }
  const emails = controls.filter(({ name }) => name === 'account').map(({ value }) => value);
  if (deny === true) form.append('decision', 'deny');
  else if (emails.length === 0) form.append('decision', 'allow');
  else {
    const picked = account ?? emails[0] ?? '';
    if (!emails.includes(picked)) throw new Error(`The provider does not offer the account ${picked}.`);
    form.append('account', picked);
  }
  return form;
};

const PAGES_AT_MOST = 12;

/**
 * Opens an authorization URL and answers the provider's pages.
 * @returns the URL that the provider finally redirects to, away from its own pages; it is not followed
 * @throws when the provider shows an error page instead
 */
export const consent = async (
  authorizationUrl: string,
  choices: Choices = {},
  browse: Browser = createBrowser(),
): Promise<string> => {
  const provider = new URL(authorizationUrl);
  let here = provider;
  let response = await browse(here);
  for (let page = 0; page < PAGES_AT_MOST; page += 1) {
    const location = response.headers.get('location');
    if (location !== null) {
      await response.body?.cancel();
      here = new URL(location, here);
      if (here.origin !== provider.origin) return here.href;
      response = await browse(here);
      continue;
    }
    const html = await response.text();
    if (response.status !== 200) {
      throw new Error(`The provider refused: ${response.status} ${/<h1>([^<]*)/.exec(html)?.[1] ?? ''}`);
    }
    const { action, controls } = readForm(html);
    here = new URL(action, here);
    response = await browse(here, fillIn(controls, choices));
  }
  throw new Error('The provider asks and asks.');
};
