/** Stands for a person at a foreign server: signs in and consents by its HTML forms, as a browser without scripts would. */
import { type Browser, createBrowser } from '../support/consent.ts';

export interface Person {
  readonly username: string;
  readonly password: string;
}

interface Field {
  readonly tag: string;
  readonly type: string;
  readonly name: string;
  readonly value: string;
}

interface Form {
  readonly action: string;
  readonly fields: readonly Field[];
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#34': '"' };

const unescapeHtml = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#39|#34);/g, (entity, name: string) => ENTITIES[name] ?? entity);

const attributeOf = (attributes: string, name: string): string =>
  unescapeHtml(new RegExp(`\\s${name}="([^"]*)"`).exec(attributes)?.[1] ?? '');

const formsOf = (html: string): Form[] =>
  [...html.matchAll(/<form(\s[^>]*)>([\s\S]*?)<\/form>/g)].map(([, attributes = '', content = '']) => ({
    action: attributeOf(attributes, 'action'),
    fields: [...content.matchAll(/<(input|button)(\s[^>]*)>/g)].map(([, tag = '', rest = '']) => ({
      tag,
      type: attributeOf(rest, 'type'),
      name: attributeOf(rest, 'name'),
      value: attributeOf(rest, 'value'),
    })),
  }));

const NAME_FIELDS = ['username', 'login', 'email'];
const DENIES = /^(cancel|reject|deny|no)$/i;

const isDenial = ({ name, value }: Field): boolean => DENIES.test(name) || DENIES.test(value);

/** The form that means what the person wants, filled in. */
const fillIn = (forms: readonly Form[], person: Person, deny: boolean) => {
  const asksWho = (form: Form) => form.fields.some(({ type }) => type === 'password');
  const decides = (form: Form) => form.fields.some((field) => isDenial(field)) === deny;
  const form = forms.find(asksWho) ?? (forms.length > 1 ? forms.find(decides) : undefined) ?? forms[0];
  if (!form) return undefined;
  const filled = new URLSearchParams();
  const buttons: Field[] = [];
  for (const field of form.fields) {
    const { tag, type, name, value } = field;
    if (name === '') continue;
    if (tag === 'button' || type === 'submit') buttons.push(field);
    else if (type === 'password') filled.append(name, person.password);
    else if (NAME_FIELDS.includes(name)) filled.append(name, person.username);
    else filled.append(name, value);
  }
  const pressed = buttons.find((button) => isDenial(button) === (deny && !asksWho(form)));
  if (pressed) filled.append(pressed.name, pressed.value);
  return { action: form.action, filled };
};

export interface SignInOptions {
  /** Cancels where it is asked. */
  readonly deny?: boolean;
  /** One that may be signed in already; a new one by default. */
  readonly browse?: Browser;
}

const PAGES_AT_MOST = 12;

/**
 * Opens an authorization URL and goes through the server's pages.
 * @returns the URL that the server finally redirects to, away from its own pages; it is not followed
 * @throws where the server shows a page without a form, which is an error page
 */
export const signInAndConsent = async (
  authorizationUrl: string,
  person: Person,
  { deny = false, browse = createBrowser() }: SignInOptions = {},
): Promise<string> => {
  let here = new URL(authorizationUrl);
  const { origin } = here;
  let response = await browse(here);
  for (let page = 0; page < PAGES_AT_MOST; page += 1) {
    const location = response.headers.get('location');
    if (location !== null) {
      await response.body?.cancel();
      here = new URL(location, here);
      if (here.origin !== origin) return here.href;
      response = await browse(here);
      continue;
    }
    const html = await response.text();
    const form = fillIn(formsOf(html), person, deny);
    if (!form) {
      const text = html
        .replace(/<(script|style)[\s\S]*?<\/\1>/g, ' ')
        .replace(/<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ');
      throw new Error(`The server's page has no form (status ${response.status}): ${text.trim().slice(0, 200)}`);
    }
    here = new URL(form.action, here);
    response = await browse(here, form.filled);
  }
  throw new Error('The server shows more pages than a sign-in has.');
};
