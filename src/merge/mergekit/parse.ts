import { readFile } from 'node:fs/promises';
import { parseFloatDtype } from '../../checkpoint/dtype';
import { SoupError } from '../../errors';
import type { Problem } from '../../experiment/diagnostic';
import { nearestName } from '../../experiment/nearest-name';
import { schemaProblems } from '../../experiment/schema-problems';
import { YamlSource, type KeyPath, type Range } from '../../experiment/yaml-source';
import { shownPath } from '../../shown-path';
import type { MergeMethod } from '../methods/method';
import { findMethod, methods } from '../methods/registry';
import { mergekitSchema, type MergekitConfig, type Settings } from './schema';
import { settingProblem } from './settings';

/** What is wrong in a configuration, with its place. */
export interface MergekitProblem {
  readonly message: string;
  readonly range: Range;
}

export interface ParsedMergekit {
  /** null where there is a problem */
  readonly config: MergekitConfig | null;
  readonly problems: readonly MergekitProblem[];
}

/** Reads the text of a mergekit configuration: what it means, and every problem with its place. */
export function parseMergekit(text: string): ParsedMergekit {
  const source = new YamlSource(text);
  const syntax = source.document.errors.map(({ code, message, pos }) => ({ message: code === 'DUPLICATE_KEY' ? 'this key stands here twice: remove or rename one' : `YAML: ${message}`, range: source.range(pos[0], pos[1]) }));
  if (syntax.length > 0) return { config: null, problems: syntax };
  const file: unknown = source.document.toJS();
  const shape = mergekitSchema.safeParse(file);
  const problems = shape.success ? meaningProblems(shape.data) : schemaProblems(file, shape.error.issues, { schema: mergekitSchema, emptyFile: 'the file is empty: a merge has at least merge_method and models' });
  if (shape.success && problems.length === 0) return { config: shape.data, problems: [] };
  return { config: null, problems: problems.map(({ message, path: keys, of }) => ({ message, range: of === 'key' ? source.rangeOfKey(keys) : source.rangeOfValue(keys) })) };
}

/**
 * Reads a mergekit configuration.
 * @throws MergekitConfigError `path:line:column: message`, the first problem
 */
export async function loadMergekit(file: string): Promise<{ readonly config: MergekitConfig; readonly text: string }> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new SoupError('MergekitConfigError', `${file}: ${cause.code === 'ENOENT' ? 'there is no such file' : `cannot be read (${cause.code})`} — give the path of a mergekit configuration`, { cause });
  });
  const { config, problems } = parseMergekit(text);
  if (config) return { config, text };
  const [{ message, range: { start } }] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  throw new SoupError('MergekitConfigError', `${shownPath(file)}:${start.line + 1}:${start.character + 1}: ${message}${more}`);
}

const wrong = (keys: KeyPath, message: string, of: Problem['of'] = 'value'): Problem => ({ code: of === 'key' ? 'unknown-key' : 'wrong-value', message: `${keys.join('.')}: ${message}`, path: keys, of });

/** What the shape cannot say: names of methods, parameters and types, and what excludes what. */
function meaningProblems(config: MergekitConfig): Problem[] {
  const method = methods.find(({ name }) => name === config.merge_method);
  if (!method) {
    const nearest = nearestName(config.merge_method, methods.map(({ name }) => name));
    return [wrong(['merge_method'], `method "${config.merge_method}" is not known — ${nearest ? `did you mean "${nearest}"?` : `choose one of ${methods.map(({ name }) => name).join(', ')}`}`)];
  }
  return [...structureProblems(config), ...dtypeProblems(config), ...fisherProblems(config, method), ...settingsPlaces(config).flatMap(({ settings, path: keys, isModel }) => parameterProblems(settings, keys, isModel, method))];
}

function structureProblems({ models, slices, modules, tokenizer, tokenizer_source: source }: MergekitConfig): Problem[] {
  const problems: Problem[] = [];
  const given = Object.entries({ models, slices, modules }).flatMap(([key, value]) => (value == null ? [] : [key]));
  if (given.length !== 1) problems.push(wrong([given[1] ?? 'merge_method'], `exactly one of models, slices and modules says what is merged; here ${given.length === 0 ? 'none does' : `${given.join(' and ')} do`}`, 'key'));
  const names = Object.keys(modules ?? {});
  if (names.length > 1) problems.push(wrong(['modules', names[1]], 'models of several modules are not supported — merge them as one with models', 'key'));
  for (const [name, module] of Object.entries(modules ?? {})) if ((module.models == null) === (module.slices == null)) problems.push(wrong(['modules', name], 'exactly one of models and slices says what is merged', 'key'));
  for (const { list, path: keys } of modelPlaces({ models, modules })) {
    for (const [i, { model }] of list.entries()) if (list.slice(0, i).some((other) => other.model === model)) problems.push(wrong([...keys, i, 'model'], 'stands twice — name each model once, with the sum of its weights'));
  }
  if (tokenizer && source) problems.push(wrong(['tokenizer'], 'stands beside tokenizer_source — remove one', 'key'));
  for (const { slices: list, path: keys } of slicePlaces({ slices, modules })) {
    for (const [i, { sources }] of list.entries()) {
      const lengths = sources.map(({ layer_range: [first, end] }) => end - first);
      for (const [j, length] of lengths.entries()) {
        const place = [...keys, i, 'sources', j];
        if (length <= 0) problems.push(wrong([...place, 'layer_range'], 'has no layers — write [first, end], the end not included'));
        else if (length !== lengths[0]) problems.push(wrong([...place, 'layer_range'], `has ${length} layers and the first source of the slice ${lengths[0]} — merge equal numbers`));
        if (sources.slice(0, j).some(({ model }) => model === sources[j].model)) problems.push(wrong([...place, 'model'], 'stands twice in this slice — name each model once'));
      }
    }
  }
  return problems;
}

function slicePlaces({ slices, modules }: Pick<MergekitConfig, 'slices' | 'modules'>): { slices: NonNullable<MergekitConfig['slices']>; path: KeyPath }[] {
  return [...(slices ? [{ slices, path: ['slices'] }] : []), ...Object.entries(modules ?? {}).flatMap(([name, module]) => (module.slices ? [{ slices: module.slices, path: ['modules', name, 'slices'] }] : []))];
}

function dtypeProblems(config: MergekitConfig): Problem[] {
  return (['dtype', 'out_dtype'] as const).flatMap((key) => {
    const text = config[key];
    if (text == null) return [];
    try {
      parseFloatDtype(text);
      return [];
    } catch {
      return [wrong([key], `type "${text}" is not known — write float32, bfloat16, float16, …`)];
    }
  });
}

function fisherProblems({ models, modules }: MergekitConfig, { name, takesFishers = false }: MergeMethod): Problem[] {
  const places = modelPlaces({ models, modules });
  if (takesFishers && places.length === 0) return [wrong(['merge_method'], `${name} merges whole models: write models`)];
  return places.flatMap(({ list, path: keys }) => list.flatMap(({ fisher }, i) => {
    if (takesFishers === (fisher !== undefined)) return [];
    return [takesFishers ? wrong([...keys, i, 'model'], 'has no fisher beside it, a checkpoint with the diagonal of its Fisher information', 'key') : wrong([...keys, i, 'fisher'], `the method ${name} has no use for it`, 'key')];
  }));
}

function modelPlaces({ models, modules }: Pick<MergekitConfig, 'models' | 'modules'>): { list: NonNullable<MergekitConfig['models']>; path: KeyPath }[] {
  return [...(models ? [{ list: models, path: ['models'] }] : []), ...Object.entries(modules ?? {}).flatMap(([key, module]) => (module.models ? [{ list: module.models, path: ['modules', key, 'models'] }] : []))];
}

interface SettingsPlace {
  readonly settings: Settings;
  readonly path: KeyPath;
  readonly isModel: boolean;
}

/** Every `parameters` of the file. */
export function settingsPlaces(config: MergekitConfig): SettingsPlace[] {
  const place = (settings: Settings | null | undefined, keys: KeyPath, isModel = false): SettingsPlace[] => (settings ? [{ settings, path: [...keys, 'parameters'], isModel }] : []);
  const ofModels = (list: MergekitConfig['models'], keys: KeyPath) => (list ?? []).flatMap(({ parameters }, i) => place(parameters, [...keys, i], true));
  const ofSlices = (list: MergekitConfig['slices'], keys: KeyPath) => (list ?? []).flatMap(({ parameters, sources }, i) => [...place(parameters, [...keys, i]), ...sources.flatMap((source, j) => place(source.parameters, [...keys, i, 'sources', j], true))]);
  return [
    ...place(config.parameters, []),
    ...ofModels(config.models, ['models']),
    ...ofSlices(config.slices, ['slices']),
    ...Object.entries(config.modules ?? {}).flatMap(([name, module]) => [...place(module.parameters, ['modules', name]), ...ofModels(module.models, ['modules', name, 'models']), ...ofSlices(module.slices, ['modules', name, 'slices'])]),
  ];
}

function parameterProblems(settings: Settings, keys: KeyPath, isModel: boolean, method: MergeMethod): Problem[] {
  return Object.entries(settings).flatMap(([name, setting]) => {
    const place = [...keys, name];
    const ofModel = Object.hasOwn(method.modelParameters, name);
    const table = { ...method.parameters, ...method.modelParameters };
    if (!Object.hasOwn(table, name)) {
      const nearest = nearestName(name, Object.keys(table));
      const known = Object.keys(table);
      return [wrong(place, `${method.name} has no such parameter — ${nearest ? `did you mean "${nearest}"?` : known.length > 0 ? `it has ${known.join(', ')}` : 'it has none'}`, 'key')];
    }
    if (isModel && !ofModel) return [wrong(place, 'is said once for all models — move it to the parameters of the whole merge or of the slice', 'key')];
    const problem = settingProblem(table[name], setting);
    return problem ? [wrong([...place, ...problem.path], problem.message)] : [];
  });
}

/** The method of a parsed configuration. */
export function methodOf({ merge_method: name }: MergekitConfig): MergeMethod {
  return findMethod(name);
}
