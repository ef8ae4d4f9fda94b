import { SoupError } from '../errors';

/** Reads one number of the command line. @throws SoupError that says what was given and what is allowed */
export function numberOption(name: string, range: { readonly above?: number; readonly below?: number; readonly from?: number; readonly integer?: boolean }): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? NaN : Number(text);
    const fits = Number.isFinite(value) && value > (range.above ?? -Infinity) && value < (range.below ?? Infinity) && value >= (range.from ?? -Infinity) && (!range.integer || Number.isInteger(value));
    if (fits) return value;
    const limits = [range.above !== undefined ? `above ${range.above}` : '', range.from !== undefined ? `at least ${range.from}` : '', range.below !== undefined ? `below ${range.below}` : ''].filter(Boolean);
    throw new SoupError('OptionError', `--${name} "${text}": give ${range.integer ? 'a whole number' : 'a number'}${limits.length > 0 ? ` ${limits.join(' and ')}` : ''}`);
  };
}
