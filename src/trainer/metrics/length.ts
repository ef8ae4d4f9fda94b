import { perSample } from './metric';

/** Tokens that were generated, the end of text included. */
export const length = perSample(({ tokenCount }) => tokenCount);

/** Words between blanks. */
export const words = perSample(({ text }) => text.split(/\s+/).filter((word) => word !== '').length);

/** Characters (Unicode code points), blanks included. */
export const characters = perSample(({ text }) => [...text].length);
