export declare const answerParent: (answers: Readonly<Record<string, (value: never) => unknown>>) => void;
