/** What the demo product has of its own to be searched. */
export interface Article {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

export const ARTICLES: readonly Article[] = [
  {
    id: 'travel-rules',
    title: 'Travel rules',
    text: 'Whoever travels for the organization books two weeks ahead. The travel budget is the department’s own. Costs are paid back within ten days of the receipt.',
  },
  {
    id: 'new-here',
    title: 'New here',
    text: 'The first day begins at nine with a tour of the house. Accounts and keys are at the front desk.',
  },
  {
    id: 'paying-invoices',
    title: 'Paying invoices',
    text: 'An invoice is approved by the department that has ordered, and is paid within two weeks.',
  },
];

/** Those that have every word of the query. */
export const findArticles = (query: string): Article[] => {
  const words = query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return ARTICLES.filter(({ title, text }) => {
    const whole = `${title} ${text}`.toLowerCase();
    return words.length > 0 && words.every((word) => whole.includes(word));
  });
};
