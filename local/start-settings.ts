/** What `npm start` can be told, checked before anything starts. */
export interface StartSettings {
  readonly ports: Readonly<
    Record<'broker' | 'demo' | 'microsoft' | 'google' | 'notes' | 'workspace' | 'gemini', number>
  >;
  /** Host and port of a Firestore emulator that runs already. */
  readonly firestore?: string;
  /** Absolute, of a front end besides the demo's. */
  readonly frontEnd?: string;
}

/** The providers' ports are fixed, so that the commands in the README work as they stand. */
const PROVIDER_PORTS = { microsoft: 8082, google: 8083, notes: 8084, workspace: 8085, gemini: 8086 } as const;

const port = (name: string, value: string): number => {
  const number = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (number < 1 || number > 65_535) throw new Error(`${name} must be a whole number from 1 to 65535.`);
  return number;
};

const frontEnd = (value: string): string => {
  const url = /^https?:\/\/[^\s,#]+$/.test(value) && URL.canParse(value) ? new URL(value).href : undefined;
  if (!url) throw new Error('FRONT_END must be one http(s) URL without a fragment, such as http://localhost:3000/');
  return url;
};

/** Empty variables are absent ones. Throws an Error that says in one sentence what is wrong. */
export const readSettings = (environment: Readonly<Record<string, string | undefined>>): StartSettings => {
  const { PORT, DEMO_PORT, FIRESTORE_EMULATOR_HOST, FRONT_END } = environment;
  const ports = {
    broker: port('PORT', PORT || '8080'),
    demo: port('DEMO_PORT', DEMO_PORT || '8081'),
    ...PROVIDER_PORTS,
  };
  if (new Set(Object.values(ports)).size < Object.keys(ports).length) {
    throw new Error("PORT and DEMO_PORT must differ from each other and from the providers' ports, 8082 to 8086.");
  }
  return {
    ports,
    ...(FIRESTORE_EMULATOR_HOST ? { firestore: FIRESTORE_EMULATOR_HOST } : {}),
    ...(FRONT_END ? { frontEnd: frontEnd(FRONT_END) } : {}),
  };
};

/** @param error what the start threw: a port that is taken is named, with what can be done */
export const explainStart = (error: Error & { code?: string; port?: number }, { ports }: StartSettings): string => {
  if (error.code !== 'EADDRINUSE') return error.message;
  if (error.port === ports.broker) return `Port ${error.port} is taken: choose another one for the broker with PORT.`;
  if (error.port === ports.demo) return `Port ${error.port} is taken: choose another one for the demo with DEMO_PORT.`;
  return `Port ${error.port} is taken, and the providers' ports are fixed: end what listens there.`;
};
