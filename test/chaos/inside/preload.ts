/**
 * Loaded into a broker process before everything else (`--import`): puts the wrappers of this folder in the place of a
 * few modules. Nothing of it is in deployed code, and no deployed code knows of it.
 */
import { registerHooks } from 'node:module';

const wrapped = new Map(
  Object.entries({
    'core/clock.ts': 'clock.ts',
    'core/token.ts': 'token.ts',
    'adapters/http-client.ts': 'http-client.ts',
    'http/answer.ts': 'answer.ts',
    'http/operation.ts': 'operation.ts',
  }).map(([module, wrapper]) => [
    new URL(`../../../functions/${module}`, import.meta.url).href,
    new URL(wrapper, import.meta.url).href,
  ]),
);

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const wrapper = wrapped.get(resolved.url);
    // The wrapper itself gets the real module.
    return wrapper === undefined || wrapper === context.parentURL ? resolved : { ...resolved, url: wrapper };
  },
});

// Ctrl-C in a terminal reaches every process: the campaign alone decides when they end.
process.on('SIGINT', () => {});
// Nobody is left to release what is paused.
process.once('disconnect', () => process.exit());
