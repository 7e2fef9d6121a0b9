/**
 * Runs in the page. @returns what a user with weak eyes, a keyboard or a phone would stumble over: text with too little
 * contrast (WCAG 2.2, 1.4.3), controls that are too small (2.5.8; 44 px for buttons) or have no name (4.1.2), a page
 * that scrolls sideways (1.4.10), headings that skip a level.
 */
(() => {
  const problems = [];
  const channels = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = ([red, green, blue]) => {
    const linear = (value) => (value <= 10.31 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const [red, green, blue, alpha = 1] = channels(getComputedStyle(at).backgroundColor);
      if (alpha === 1) return [red, green, blue];
    }
    return [255, 255, 255];
  };
  const contrast = (element) => {
    const [one, other] = [luminance(channels(getComputedStyle(element).color)), luminance(behind(element))];
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  };
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true });
  const describe = (element) => `<${element.localName} id="${element.id}">${element.textContent.trim().slice(0, 40)}`;

  for (const element of document.body.querySelectorAll('*')) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== '');
    if (!hasText || !isShown(element) || element.closest('[aria-disabled=true], noscript')) continue;
    if (contrast(element) < 4.5) problems.push(`contrast ${contrast(element).toFixed(2)}: ${describe(element)}`);
  }
  for (const element of document.querySelectorAll('a, button, summary')) {
    if (!isShown(element)) continue;
    const { width, height } = element.getBoundingClientRect();
    const least = element.localName === 'button' ? 44 : 24;
    // Links in a sentence are exempt.
    const isInline = element.localName === 'a' && getComputedStyle(element.parentElement).display === 'block';
    if ((width < least || height < least) && !isInline) problems.push(`${width}x${height}: ${describe(element)}`);
    if (element.textContent.trim() === '') problems.push(`no name: ${describe(element)}`);
  }
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) problems.push(`${scrollWidth} pixels wide in a window of ${innerWidth}`);
  const levels = [...document.querySelectorAll('h1, h2, h3')].filter(isShown).map(({ localName }) => +localName[1]);
  if (levels.some((level, index) => level - (levels[index - 1] ?? 0) > 1)) problems.push(`headings: ${levels}`);
  return problems;
})();
