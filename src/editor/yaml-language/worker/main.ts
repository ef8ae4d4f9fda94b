// Entry point of the thread that parses experiment files and mergekit configurations: dist/language-worker.js.
import { serveWork } from '../../../checkpoint/worker/serve-work';
import { sweepPointInsertion } from '../../../experiment/add-sweep-point';
import { findExperimentFile } from '../../experiment-language/find-experiment-file';
import { normalisedWeights } from '../../experiment-language/normalise-weights';
import { lensLines } from '../../experiment-language/lens-lines';
import { experimentSettings } from './experiment';
import { completionsAt, definitionAt, hoverAt } from './keys';
import { problemsOf } from './problems';
import { expressionScope } from './scope';
import { settingUses } from './setting';
import type { LanguageResults, LanguageWork } from './work';

serveWork<LanguageWork>(async (work): Promise<LanguageResults[LanguageWork['kind']]> => {
  switch (work.kind) {
    case 'problems':
      return problemsOf(work.language, work.text, work.file);
    case 'completions':
      return completionsAt(work.language, work.text, work.at);
    case 'hover':
      return hoverAt(work.language, work.text, work.offset, work.words);
    case 'definition':
      return definitionAt(work.language, work.text, work.offset, work.directory);
    case 'setting':
      return settingUses(work.text, work.at, work.directory);
    case 'scope':
      return expressionScope(work.text);
    case 'lenses':
      return lensLines(work.text);
    case 'normalised':
      return normalisedWeights(work.text, work.at);
    case 'experiment-file':
      return findExperimentFile(work.directory);
    case 'experiment':
      return experimentSettings(work.target, work.isToStart);
    case 'sweep-point':
      return sweepPointInsertion(work.text, work.weights, work.variant);
  }
});
