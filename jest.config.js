/** TypeScript is stripped, not compiled (the type check is `npm run typecheck`); tests are ES modules. */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/strip-types.js' },
  testEnvironment: 'node',
  testTimeout: 60_000,
  maxWorkers: 2,
  injectGlobals: false,
};
