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

const byteUnits: Readonly<Record<string, number>> = { '': 1, B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, KIB: 2 ** 10, MIB: 2 ** 20, GIB: 2 ** 30, TIB: 2 ** 40 };

/** Reads a size as transformers and mergekit do: 5GB is 5·10⁹ bytes. @throws SoupError that says what was given */
export function byteSizeOption(name: string): (text: string) => number {
  return (text) => {
    const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([kmgt]?i?b|)$/i.exec(text.trim()) ?? [];
    const value = Math.floor(Number(digits) * (byteUnits[(unit ?? '').toUpperCase()] ?? NaN));
    if (value > 0) return value;
    throw new SoupError('OptionError', `--${name} "${text}": give a size such as 5GB or 500MB`);
  };
}
