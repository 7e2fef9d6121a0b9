/** The providers' pages: plain forms, no scripts. */
import type { Account } from './accounts.ts';

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => escapes[character] ?? character);

const style = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
  body { margin: 0; padding: 1rem }
  main { max-width: 26rem; margin: 5vh auto; padding: 1.5rem; border: 1px solid #8886; border-radius: .75rem }
  h1 { font-size: 1.3rem; line-height: 1.3; margin: 0 0 1rem; overflow-wrap: anywhere }
  h2 { font-size: 1.1rem; margin: 1.5rem 0 0 }
  fieldset { border: 0; padding: 0; margin: 1rem 0 }
  legend { font-weight: 600; padding: 0 }
  label, li { display: flex; gap: .6rem; padding: .4rem 0; overflow-wrap: anywhere; align-items: baseline }
  ul { list-style: none; padding: 0; margin: .25rem 0 1rem }
  code { font-size: .8rem; opacity: .75 }
  button { font: inherit; padding: .6rem 1.2rem; border: 1px solid #8888; border-radius: .5rem; background: none; cursor: pointer }
  button.account { display: block; width: 100%; text-align: left; margin: .5rem 0 }
  button.primary { background: #1a5fb4; border-color: #1a5fb4; color: #fff }
  button:focus-visible, input:focus-visible { outline: 3px solid #62a0ea; outline-offset: 2px }
  .actions { display: flex; flex-wrap: wrap; gap: .75rem; justify-content: flex-end }
  .note { font-size: .85rem; opacity: .8 }
`;

const page = (provider: string, title: string, content: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} - ${escapeHtml(provider)}</title>
<style>${style}</style>
</head>
<body>
<main>
<p class="note">${escapeHtml(provider)}, simulated on this machine</p>
<h1>${escapeHtml(title)}</h1>
${content}
</main>
</body>
</html>`;

const hidden = (fields: Readonly<Record<string, string>>) =>
  Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join('\n');

const cancel = '<button type="submit" name="decision" value="deny">Cancel</button>';

/** A form and the hidden fields that it carries on. */
export interface Step {
  readonly provider: string;
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Posts `account`, or `decision=deny`. */
export const accountPage = (step: Step, accounts: readonly Account[]): string =>
  page(
    step.provider,
    'Choose an account',
    `<form method="post" action="${escapeHtml(step.action)}">
${hidden(step.fields)}
${accounts
  .map(
    ({ email, name }) =>
      `<button class="account" type="submit" name="account" value="${escapeHtml(email)}">${escapeHtml(name)}<br><code>${escapeHtml(email)}</code></button>`,
  )
  .join('\n')}
<p class="actions">${cancel}</p>
</form>`,
  );

export interface ConsentChoices {
  readonly account: Account;
  readonly client: string;
  /** Where the browser goes afterwards. */
  readonly destination: string;
  readonly describe: (scope: string) => string;
  /** Granted before, or not a matter of choice. */
  readonly fixed: readonly string[];
  readonly fresh: readonly string[];
  /** Whether the user may grant some of the fresh scopes only. */
  readonly granular: boolean;
}

const scopeText = (choices: ConsentChoices, scope: string) =>
  `<span>${escapeHtml(choices.describe(scope))}<br><code>${escapeHtml(scope)}</code></span>`;

/** Posts `decision`, and `scope` once per ticked scope. */
export const consentPage = (step: Step, choices: ConsentChoices): string => {
  const list = (scopes: readonly string[]) =>
    `<ul>${scopes.map((scope) => `<li>${scopeText(choices, scope)}</li>`).join('\n')}</ul>`;
  const ticks = choices.fresh
    .map(
      (scope) =>
        `<label><input type="checkbox" name="scope" value="${escapeHtml(scope)}" checked>${scopeText(choices, scope)}</label>`,
    )
    .join('\n');
  const fresh =
    choices.fresh.length === 0
      ? ''
      : `<fieldset><legend>It will be able to</legend>${choices.granular ? ticks : list(choices.fresh)}</fieldset>`;
  const fixed =
    choices.fixed.length === 0 ? '' : `<p class="note">Granted before, or always part of it:</p>${list(choices.fixed)}`;
  return page(
    step.provider,
    `${choices.client} wants access to your account`,
    `<p>Signed in as <strong>${escapeHtml(choices.account.email)}</strong></p>
<form method="post" action="${escapeHtml(step.action)}">
${hidden(step.fields)}
${fresh}
${fixed}
<p class="note">Afterwards you return to ${escapeHtml(choices.destination)}.</p>
<p class="actions">${cancel}
<button class="primary" type="submit" name="decision" value="allow">Allow</button></p>
</form>`,
  );
};

export interface Access {
  readonly account: Account;
  readonly scopes: readonly string[];
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** Each grant posts `account`. */
export const managePage = (step: Step, client: string, grants: readonly Access[]): string =>
  page(
    step.provider,
    'Apps with access to your account',
    grants.length === 0
      ? '<p>No app has access.</p>'
      : grants
          .map(
            ({ account, scopes, since }) => `<section aria-label="${escapeHtml(account.email)}">
<h2>${escapeHtml(client)}</h2>
<p>Has access to <strong>${escapeHtml(account.email)}</strong> since ${new Date(since).toISOString().slice(0, 10)}:</p>
<ul>${scopes.map((scope) => `<li><code>${escapeHtml(scope)}</code></li>`).join('\n')}</ul>
<form method="post" action="${escapeHtml(step.action)}">
${hidden({ ...step.fields, account: account.email })}
<p class="actions"><button type="submit">Remove access of ${escapeHtml(account.email)}</button></p>
</form>
</section>`,
          )
          .join('\n'),
  );

export const messagePage = (provider: string, title: string, text: string): string =>
  page(provider, title, `<p>${escapeHtml(text)}</p>`);
