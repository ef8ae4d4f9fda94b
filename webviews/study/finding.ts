import * as l10n from '@vscode/l10n';
import type { StudyFinding } from '../../src/protocol/study';
import { badge } from '../kit/controls';
import { element } from '../kit/element';

/** A question with its answer, and the evidence, in which the interval stands. The colour says whether it is decided, not whether that is welcome. */
export function findingItem({ question, answer, evidence }: StudyFinding): HTMLElement {
  return element('li', {},
    badge(answer === 'undecided' ? l10n.t('Undecided') : answer === 'yes' ? l10n.t('Yes') : l10n.t('No'), answer === 'undecided' ? 'neutral' : 'busy'),
    element('div', {}, element('strong', {}, question), ...evidence.split('; ').map((part) => element('p', {}, sentence(part)))));
}

/** A capital, a full stop, and no number alone at the end of a line, without its sign for per cent. */
function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1).replaceAll(' %', '\u00a0%')}.`;
}
