/** What Search AI needs of the platform. */
import { expect, test } from '@jest/globals';
import { DEADLINES } from '../../functions/adapters/gemini.ts';
import { readConfiguration } from './configuration.ts';

const { resources, locals } = await readConfiguration();

test('H3 the model service keeps no prompts to answer the like of them faster', () => {
  expect(resources.get('google_vertex_ai_cache_config.this')).toMatchObject({
    count: '${var.search_ai == null ? 0 : 1}',
    project: '${var.project}',
    disable_cache: true,
  });
});

test('the platform gives an answer the time that the model may take', () => {
  const sizes = locals.get('sizes') as Readonly<Record<string, { readonly timeout: number }>>;
  const timeout = sizes.answers?.timeout ?? 0;
  // To begin, and then to go on, several times.
  expect(timeout * 1_000).toBeGreaterThanOrEqual(DEADLINES.first + 4 * DEADLINES.between);
});
