import type { Command } from 'commander';
import { SoupError } from '../errors';

/** The options that name a variant of an experiment file, as commander hands them over. */
export interface VariantOptions {
  readonly variant?: string;
  readonly full?: boolean;
  readonly quick?: boolean;
}

/** For commands that read results. */
export const variantDescription = 'the variant of the experiment file whose results are meant';

export function withVariantOptions(command: Command, description: string): Command {
  return command.option('--variant <name>', description).option('--full', 'short for --variant full').option('--quick', 'short for --variant quick');
}

/** The one variant that was named; undefined for the file as it is. @throws SoupError VariantOptionError for several */
export function variantOf({ variant, full, quick }: VariantOptions): string | undefined {
  const named = [variant, full ? 'full' : undefined, quick ? 'quick' : undefined].filter((name) => name !== undefined);
  if (named.length > 1) throw new SoupError('VariantOptionError', `One variant at a time, not ${named.join(' and ')}.`);
  return named[0];
}
