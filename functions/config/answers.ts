/** The settings of Search AI. */
import { METADATA_SERVER } from '../adapters/google-access-token.ts';
import { loopbackUrls } from './forms.ts';
import { FormError, type Setting } from './load.ts';

/** `10/10`: answers at once, and how many come back per minute. */
const bucket = (value: string): { capacity: number; refillPerSecond: number } => {
  const [, capacity, refill] = /^([1-9]\d{0,5})\/([1-9]\d{0,5})$/.exec(value) ?? [];
  if (!capacity || !refill) throw new FormError('is not of the form 10/10');
  return { capacity: Number(capacity), refillPerSecond: Number(refill) / 60 };
};

const word = (value: string): string => {
  if (!/^[a-z0-9][a-z0-9.-]{0,63}$/.test(value)) throw new FormError('is not a name of small letters, digits, . and -');
  return value;
};

/** The database of cited documents' names; not the one of the tokens. */
export const answersDatabase: Setting<string> = {
  variable: 'ANSWERS_DATABASE',
  describe:
    'The Firestore database of the documents that answers have cited. The account function and the sweep do without it where there is no Search AI.',
  parse: (value) => value,
};

export const optionalAnswersDatabase: Setting<string | undefined> = {
  ...answersDatabase,
  absent: { value: undefined },
};

export interface AnswersEndpoints {
  readonly metadata: string;
  /** Absent: the location's own. */
  readonly model?: string;
}

export const answers = {
  answersDatabase,
  answersModel: {
    variable: 'ANSWERS_MODEL',
    describe: 'The Gemini model on Vertex AI, such as gemini-3.6-flash; a stable one that its location has.',
    parse: word,
  },
  answersLocation: {
    variable: 'ANSWERS_LOCATION',
    describe:
      'Where the model works: a region such as europe-west4, a multi-region (eu, us), or global (docs/search-ai.md).',
    parse: word,
  },
  answersLimit: {
    variable: 'RATE_LIMIT_ANSWERS',
    describe: 'Answers for one user by one instance: burst/per minute. Default 10/10.',
    parse: bucket,
    absent: { value: { capacity: 10, refillPerSecond: 10 / 60 } },
  },
  answersEndpoints: {
    variable: 'ANSWERS_ENDPOINTS',
    describe: 'JSON: `metadata` and `model`, of stand-ins on loopback for the metadata server and Vertex AI.',
    parse: loopbackUrls('metadata', 'model'),
    absent: { value: { metadata: METADATA_SERVER } },
    development: true,
  } as Setting<AnswersEndpoints>,
} satisfies Record<string, Setting<unknown>>;
