/**
 * Configuration from the environment: declared per function, read once when the function starts, and complete or the
 * function refuses to start. Nothing has a default that would weaken it.
 */

/** One environment variable. `T` is what the function gets. */
export interface Setting<T> {
  readonly variable: string;
  readonly describe: string;
  /** Throws (its message must not repeat the value) when the text is not of the form. */
  readonly parse: (text: string) => T;
  /** What an absent variable means; without it the variable is required. */
  readonly absent?: { readonly value: T };
  /** Comes from Secret Manager, never from a plain variable or a log. */
  readonly secret?: true;
  /** Points the function at a stand-in: refused on Google Cloud. */
  readonly development?: true;
}

export type Settings = Readonly<Record<string, Setting<unknown>>>;
export type Loaded<S extends Settings> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };
export type Environment = Readonly<Record<string, string | undefined>>;

/** Names every fault at once, by variable; never a value. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(faults: readonly string[]) {
    super(`The function does not start:\n  ${faults.join('\n  ')}`);
  }
}

export const load = <S extends Settings>(settings: S, environment: Environment): Loaded<S> => {
  const faults: string[] = [];
  // Cloud Run and Cloud Functions set it for every instance: https://cloud.google.com/run/docs/container-contract
  const deployed = environment.K_SERVICE !== undefined;
  const values: Record<string, unknown> = {};
  for (const [name, { variable, parse, absent, development }] of Object.entries(settings)) {
    const text = environment[variable];
    if (text === undefined || text === '') {
      if (absent) values[name] = absent.value;
      else faults.push(`${variable} is missing`);
    } else if (development && deployed) {
      faults.push(`${variable} is a development setting and must not be set here`);
    } else {
      try {
        values[name] = parse(text);
      } catch (error) {
        faults.push(`${variable} ${error instanceof FormError ? error.message : 'is not of its form'}`);
      }
    }
  }
  if (faults.length > 0) throw new ConfigurationError(faults);
  return values as Loaded<S>;
};

/** Says what is wrong with a value, without repeating it. */
export class FormError extends Error {
  override readonly name = 'FormError';
}
