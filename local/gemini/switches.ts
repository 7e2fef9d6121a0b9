/**
 * What goes wrong at the simulated Gemini, changed by tests and at `/control` (GET, PATCH with JSON).
 *
 * | switch      | value (default)                     | effect |
 * |-------------|-------------------------------------|--------|
 * | status      | HTTP status (null)                  | that answer, with an error that repeats the prompt: 429 is the quota |
 * | blockPrompt | boolean (false)                     | the safety filter refuses the prompt |
 * | stop        | {after: texts, reason} (null)       | a finish reason of Gemini's in the middle: SAFETY, MAX_TOKENS, OTHER; NONE: no reason at all |
 * | hang        | texts (null)                        | says nothing more after so many, and keeps the connection |
 * | cut         | texts (null)                        | resets the connection after so many |
 * | malformed   | texts (null)                        | sends half a JSON text after so many |
 * | lateError   | texts (null)                        | sends an error object (429) in the stream after so many |
 * | firstMs     | milliseconds (0)                    | before the first text |
 * | betweenMs   | milliseconds (0)                    | between two texts |
 * | oddMarks    | boolean (false)                     | cites numbers that no result has |
 * | addresses   | boolean (false)                     | writes links and images into its answer |
 * | gullible    | boolean (false)                     | does what any result says, as far as it understands it |
 */
export const FINISH_REASONS = ['SAFETY', 'MAX_TOKENS', 'RECITATION', 'OTHER', 'NONE'] as const;

export interface GeminiSwitches {
  status: number | null;
  blockPrompt: boolean;
  stop: { readonly after: number; readonly reason: (typeof FINISH_REASONS)[number] } | null;
  hang: number | null;
  cut: number | null;
  malformed: number | null;
  lateError: number | null;
  firstMs: number;
  betweenMs: number;
  oddMarks: boolean;
  addresses: boolean;
  gullible: boolean;
}

export const initialSwitches = (): GeminiSwitches => ({
  status: null,
  blockPrompt: false,
  stop: null,
  hang: null,
  cut: null,
  malformed: null,
  lateError: null,
  firstMs: 0,
  betweenMs: 0,
  oddMarks: false,
  addresses: false,
  gullible: false,
});

type Check = (value: unknown) => boolean;
const isCount: Check = (value) => typeof value === 'number' && Number.isInteger(value) && value >= 0;
const isCountOrOff: Check = (value) => value === null || isCount(value);
const isBoolean: Check = (value) => typeof value === 'boolean';
const isStop: Check = (value) => {
  if (value === null) return true;
  const { after, reason, ...rest } = Object(value) as Record<string, unknown>;
  return isCount(after) && FINISH_REASONS.some((each) => each === reason) && Object.keys(rest).length === 0;
};

const checks: Readonly<Record<keyof GeminiSwitches, Check>> = {
  status: (value) => value === null || (isCount(value) && Number(value) >= 400 && Number(value) < 600),
  blockPrompt: isBoolean,
  stop: isStop,
  hang: isCountOrOff,
  cut: isCountOrOff,
  malformed: isCountOrOff,
  lateError: isCountOrOff,
  firstMs: isCount,
  betweenMs: isCount,
  oddMarks: isBoolean,
  addresses: isBoolean,
  gullible: isBoolean,
};

/** Checks a change and applies it, wholly or not at all. @returns what is wrong with it */
export const changeSwitches = (switches: GeminiSwitches, change: object): string | undefined => {
  for (const [name, value] of Object.entries(change)) {
    if (!Object.hasOwn(checks, name)) return `There is no switch "${name}".`;
    if (!checks[name as keyof GeminiSwitches](value)) return `"${name}" does not take this value.`;
  }
  Object.assign(switches, structuredClone(change));
  return undefined;
};
