/** Elements, made and kept without markup in strings. */
type Child = Node | string | false | undefined;

/** `h('a', { href }, 'Text')`: an element with its attributes; members that are `undefined` or `false` are left out. */
export const h = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | boolean | undefined>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== false && child !== undefined));
  return element;
};

export const button = (id: string, label: string, style: 'primary' | 'plain' | 'danger', onClick: () => void) => {
  const element = h('button', { type: 'button', id, class: style }, label);
  element.addEventListener('click', () => {
    // Not `disabled`, which would take the keyboard's focus away.
    if (element.getAttribute('aria-disabled') !== 'true') onClick();
  });
  return element;
};

/** The page's own element of that id. */
export const byId = (id: string): HTMLElement => {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no #${id}.`);
  return element;
};

/** Draws a part of the page anew; the focus stays where it was, or goes to the part's heading where that is gone. */
export const redraw = (part: HTMLElement, draw: () => void): void => {
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  draw();
  if (focused === null || document.activeElement === focused) return;
  const next =
    (focused.id && document.getElementById(focused.id)) || part.querySelector<HTMLElement>('[tabindex="-1"]');
  next?.focus({ preventScroll: true });
};
