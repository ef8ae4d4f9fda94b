import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { SoupError } from '../errors';
import { shownPath } from '../shown-path';
import type { Diagnostic, Problem } from './diagnostic';
import { meaningProblems } from './meaning-problems';
import { nearestName } from './nearest-name';
import { experimentSchema, type Experiment } from './schema';
import { valueAt } from './schema-at';
import { schemaProblems } from './schema-problems';
import { variantNames, withVariant } from './variant';
import { YamlSource, type KeyPath } from './yaml-source';

export type { Diagnostic, DiagnosticCode } from './diagnostic';

export interface ParsedExperiment {
  /** null where a diagnostic is an error */
  readonly experiment: Experiment | null;
  readonly diagnostics: readonly Diagnostic[];
  /** the file as it is and with each of its variants; none where a diagnostic is an error */
  readonly variants: readonly VariantExperiment[];
}

export interface VariantExperiment {
  /** null for the file as it is */
  readonly variant: string | null;
  readonly experiment: Experiment;
}

/**
 * Reads the text of an experiment file: what it means, and every problem with its place. Variants are checked as well, each
 * laid over the rest.
 * @param options.variant the variant that `experiment` is to be
 */
export function parseExperiment(text: string, options: { readonly variant?: string } = {}): ParsedExperiment {
  const source = new YamlSource(text);
  const file = readYaml(source);
  if (Array.isArray(file)) return { experiment: null, diagnostics: file, variants: [] };
  const shape = experimentSchema.safeParse(file.value);
  if (!shape.success) {
    const despite = withoutUnknownSettings(file.value, shape.error.issues);
    return { experiment: null, diagnostics: located(source, [...schemaProblems(file.value, shape.error.issues), ...(despite ? meaningProblems(despite) : [])]), variants: [] };
  }

  const known = variantNames(file.value);
  const layers = [null, ...known].map((variant) => layer(file.value as Record<string, unknown>, variant));
  const diagnostics = unique(layers.flatMap(({ variant, experiment, problems }) => located(source, experiment ? meaningProblems(experiment) : problems, variant)));
  if (options.variant !== undefined && !known.includes(options.variant)) diagnostics.unshift(unknownVariant(source, options.variant, known));
  const chosen = layers.find(({ variant }) => variant === (options.variant ?? null));
  const isWhole = diagnostics.length === 0;
  const variants = layers.flatMap(({ variant, experiment }) => (isWhole && experiment ? [{ variant, experiment }] : []));
  return { experiment: isWhole && chosen ? chosen.experiment : null, diagnostics, variants };
}

/**
 * Reads an experiment file, with a variant laid over it where one is named.
 * @throws SoupError ExperimentFileError `path:line:column: message`, the first problem
 */
export async function loadExperiment(file: string, options: { readonly variant?: string } = {}): Promise<Experiment> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new SoupError('ExperimentFileError', `${file}: ${cause.code === 'ENOENT' ? 'there is no such file' : `cannot be read (${cause.code})`}: give the path of an experiment file.`, { cause });
  });
  const { experiment, diagnostics } = parseExperiment(text, options);
  if (experiment) return experiment;
  throw experimentFileError(file, diagnostics);
}

/** `path:line:column: message` of the first of some diagnostics. */
export function experimentFileError(file: string, [first, ...others]: readonly Diagnostic[]): SoupError {
  const { line, character } = first!.range.start;
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  return new SoupError('ExperimentFileError', `${shownPath(file)}:${line + 1}:${character + 1}: ${first!.message}${more}`);
}

/** Problems of an experiment, or of a variant of it, at their places in the text. */
export function locateProblems(text: string, problems: readonly Problem[], variant: string | null): Diagnostic[] {
  return problems.length === 0 ? [] : located(new YamlSource(text), problems, variant);
}

/** The YAML as plain values, or what is wrong with it. */
function readYaml(source: YamlSource): { readonly value: unknown } | Diagnostic[] {
  const errors = source.document.errors.map(({ code, message, pos }): Diagnostic => {
    const isDuplicate = code === 'DUPLICATE_KEY';
    return { severity: 'error', code: isDuplicate ? 'duplicate-name' : 'yaml-syntax', message: isDuplicate ? 'this key stands here twice: remove or rename one' : `YAML: ${message}`, range: source.range(pos[0], pos[1]) };
  });
  if (errors.length > 0) return errors;
  try {
    return { value: source.document.toJS() };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error); // an alias without its anchor, or a flood of aliases
    return [{ severity: 'error', code: 'yaml-syntax', message: `YAML: ${message}`, range: source.rangeOfValue([]) }];
  }
}

/** What names in expressions may come from: a mistyped key there would be followed by problems that it alone has caused. */
const namesStandIn = ['task', 'metrics', 'rewards', 'experts', 'variants'];

/** The experiment without its mistyped settings, so that one does not hide what else is wrong; null where more is. */
function withoutUnknownSettings(value: unknown, issues: readonly z.core.$ZodIssue[]): Experiment | null {
  const rest = structuredClone(value);
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys' || issue.path.length === 0 || namesStandIn.includes(String(issue.path[0]))) return null;
    for (const key of issue.keys) delete (valueAt(rest, issue.path) as Record<string, unknown>)[key];
  }
  return experimentSchema.safeParse(rest).data ?? null;
}

interface Layer {
  readonly variant: string | null;
  /** null where the variant's keys do not fit the rest: those of another task or algorithm */
  readonly experiment: Experiment | null;
  readonly problems: readonly Problem[];
}

/** The experiment of one variant; both the file and the variant have passed the schema. */
function layer(file: Record<string, unknown>, variant: string | null): Layer {
  const settings = variant === null ? file : withVariant(file, variant);
  const { data, error } = experimentSchema.safeParse(settings);
  return { variant, experiment: data ?? null, problems: error ? schemaProblems(settings, error.issues) : [] };
}

function located(source: YamlSource, problems: readonly Problem[], variant: string | null = null): Diagnostic[] {
  return problems.map(({ code, message, path: keys, of, span }) => {
    const inVariant: KeyPath = ['variants', variant ?? '', ...keys];
    const place = variant !== null && source.has(inVariant) ? inVariant : keys;
    const range = span ? source.rangeInValue(place, span) : of === 'key' ? source.rangeOfKey(place) : source.rangeOfValue(place);
    return { severity: 'error', code, message, range };
  });
}

function unknownVariant(source: YamlSource, variant: string, known: readonly string[]): Diagnostic {
  const nearest = nearestName(variant, known);
  const hint = known.length === 0 ? 'the file has none' : `${nearest ? `did you mean "${nearest}"? ` : ''}Known: ${known.join(', ')}`;
  return { severity: 'error', code: 'unknown-variant', message: `there is no variant "${variant}": ${hint}.`, range: source.rangeOfKey(['variants']) };
}

export function unique(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Map(diagnostics.map((diagnostic) => [JSON.stringify(diagnostic), diagnostic] as const));
  return [...seen.values()];
}
