/** Characters that a reader does not see, but a model does: controls, zero-width, bidirectional, tags (UAX #44). */

/** In what comes in: a text that says more than it shows is not passed on. Lone surrogates are no characters. */
const HIDDEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;
/** In what goes out, scripts and emoji that need joiners keep them. */
const REORDERING = /(?!\n|\t|\u200c|\u200d|\ufe0f)[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

export const withoutHidden = (text: string): string => text.replace(HIDDEN, '');
export const withoutReordering = (text: string): string => text.replace(REORDERING, '');
