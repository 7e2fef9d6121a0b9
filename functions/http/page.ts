/** A page that a person reads: one fixed style, which its content security policy names by hash, and nothing else. */
import { createHash } from 'node:crypto';
import { type Answer, page, securityHeaders } from './answer.ts';

const STYLE = `:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}
body{margin:0;padding:1rem;background:light-dark(#f5f6f4,#15191a);color:light-dark(#1b2423,#e8edeb)}
main{max-width:28rem;margin:8vh auto 0;padding:1.5rem;border:1px solid light-dark(#d9dedb,#37403f);border-radius:.75rem;background:light-dark(#fff,#1e2425)}
h1{margin:0 0 .75rem;font-size:1.5rem;line-height:1.25}
p{margin:0 0 1rem}
p:last-child{margin:0}
a{display:inline-block;padding:.6rem 1rem;border-radius:.5rem;background:light-dark(#1f5f5b,#7fcdc4);color:light-dark(#fff,#0d2220);text-decoration:none}
a:focus-visible{outline:3px solid;outline-offset:2px}
small{color:light-dark(#55615f,#a5b1ae)}`;

/** This style, and nothing else at all. */
const CONTENT_SECURITY_POLICY = `${securityHeaders['Content-Security-Policy']}; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const escaped = (text: string) => text.replace(/[&<>"]/g, (character) => escapes[character] ?? '');

/** @param url one of the registered return URLs, never one of a request; without it no link */
export const backLink = (url: string | undefined): string =>
  url === undefined ? '' : `\n<p><a href="${escaped(url)}">Back to the application</a></p>`;

/** @param title and content: markup; nothing of a request is in it unescaped */
export const styledPage = (status: number, title: string, content: string): Answer<string> => {
  const answer = page(
    status,
    `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${STYLE}</style>
<main>
<h1>${title}</h1>
${content}
</main>
</html>
`,
  );
  return { ...answer, headers: { ...answer.headers, 'Content-Security-Policy': CONTENT_SECURITY_POLICY } };
};
