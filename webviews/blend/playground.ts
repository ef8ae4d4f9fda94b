import * as l10n from '@vscode/l10n';
import { weightsText } from '../../src/analysis/simplex';
import type { BlendSetup, FromBlendPanel } from '../../src/protocol/blend-panel';
import type { FromPreview, PreviewPoint, PreviewPrompt, PreviewScore, PreviewTextSettings } from '../../src/protocol/preview';
import { button, progressRing, select, toolbar } from '../kit/controls';
import { element, setText } from '../kit/element';
import { formatConfidence, formatNumber } from '../kit/format';
import { numberField } from '../kit/number-field';

type Asking = Extract<FromBlendPanel, { readonly type: 'preview-text' | 'preview-episodes' }>;
export type PreviewRequest = Asking extends infer A ? (A extends Asking ? Omit<A, 'weights'> : never) : never;

/** What a reload keeps of the playground. */
export interface PlaygroundState {
  /** null for the first of the experiment's own */
  readonly prompt: string | null;
  readonly episodes: number;
}

export interface PlaygroundActions {
  readonly onOpen: () => void;
  readonly onClose: () => void;
  readonly onAsk: (request: PreviewRequest) => void;
  readonly onState: (state: PlaygroundState) => void;
}

export interface Playground {
  readonly element: HTMLElement;
  /** @param whyNot why there is no preview of the draft as it stands; null where there is */
  update(setup: BlendSetup, state: PlaygroundState, whyNot: string | null): void;
  receive(message: FromPreview): void;
  closed(problem: string | null): void;
  /** λ has come to rest at another place: what is shown is computed anew */
  moved(): void;
}

type Opened = Extract<FromPreview, { readonly type: 'opened' }>;

/**
 * The preview: base, each expert and the soup at λ side by side, as texts or as episodes, with every metric beside each.
 * Nothing is written; after the first request the soup follows λ.
 */
export function playground({ onOpen, onClose, onAsk, onState }: PlaygroundActions): Playground {
  let opened: Opened | null = null;
  let state: PlaygroundState = { prompt: null, episodes: 8 };
  let isFollowing = false;
  let settings: PreviewTextSettings | null = null;
  let cards: readonly Card[] = [];

  const open = button({ label: l10n.t('Open Preview'), title: l10n.t('Open Preview: load the models into a process of their own; nothing is written'), onClick: () => {
    onOpen();
    show('loading');
  } });
  const close = button({ label: l10n.t('Close Preview'), title: l10n.t('Close Preview and free its memory'), onClick: onClose });
  const reason = element('p', { class: 'muted' });
  const waiting = element('div', { class: 'waiting' }, progressRing(l10n.t('Loading')), l10n.t('Loading the models…'));
  const about = element('p', { class: 'muted' });
  const status = element('p', { class: 'muted', attributes: { role: 'status' } });
  const problem = element('p', { class: 'notice', attributes: { role: 'alert', hidden: true } });
  const controls = element('div');
  const grid = element('div', { class: 'preview-cards' });
  const ask = (): void => {
    const request = requestOf();
    if (!request) return;
    isFollowing = true;
    onAsk(request);
    setText(status, l10n.t('Computing…'));
  };

  const prompt = element('textarea', { class: 'prompt', attributes: { 'aria-label': l10n.t('Prompt'), rows: 3 }, on: { input: () => {
    onState((state = { ...state, prompt: prompt.value }));
    showOwn();
  } } });
  prompt.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    ask();
  });
  const own = select<string>(l10n.t('Prompts of the experiment'), (index) => {
    const chosen = prompts()[Number(index)];
    if (!chosen) return;
    prompt.value = chosen.prompt;
    onState((state = { ...state, prompt: chosen.prompt }));
    showOwn();
  });
  /** The experiment's prompt that stands in the field, or that it is another one. */
  const showOwn = (): void => {
    const shown = prompts().findIndex((known) => known.prompt === prompt.value);
    const another = shown < 0 ? [{ value: anotherPrompt, label: l10n.t('another prompt') }] : [];
    own.update([...another, ...prompts().map((known, index) => ({ value: String(index), label: short(known.prompt) }))], shown < 0 ? anotherPrompt : String(shown));
  };
  const tokens = numberField({ label: l10n.t('New tokens'), title: l10n.t('at most'), check: (value) => (Number.isInteger(value) && value > 0 ? null : l10n.t('New tokens: a whole number from 1')), onChange: (value) => (settings = settings && { ...settings, maxNewTokens: value!, minNewTokens: Math.min(settings.minNewTokens, value!) }) });
  const temperature = numberField({ label: l10n.t('Temperature'), title: l10n.t('0 always takes the most likely token'), check: (value) => (value >= 0 ? null : l10n.t('Temperature: at least 0')), onChange: (value) => (settings = settings && { ...settings, temperature: value! }) });
  const seed = numberField({ label: l10n.t('Seed'), title: l10n.t('every point draws from the same random numbers'), check: (value) => (Number.isSafeInteger(value) && value >= 0 ? null : l10n.t('Seed: a whole number from 0')), onChange: (value) => (settings = settings && { ...settings, seed: value! }) });
  const episodes = numberField({ label: l10n.t('Episodes'), title: l10n.t('of every point, from the same seeds'), check: (value) => (Number.isInteger(value) && value > 0 ? null : l10n.t('Episodes: a whole number from 1')), onChange: (value) => onState((state = { ...state, episodes: value! })) });

  const prompts = (): readonly PreviewPrompt[] => (opened?.task.type === 'text' ? opened.task.prompts : []);
  const requestOf = (): PreviewRequest | null => {
    if (!opened) return null;
    if (opened.task.type === 'locomotion') return { type: 'preview-episodes', episodes: state.episodes, seed: 0 };
    if (!settings || prompt.value === '') return null;
    // references belong to the experiment's own prompt, not to one that was changed
    return { type: 'preview-text', prompt: prompts().find((known) => known.prompt === prompt.value) ?? { prompt: prompt.value, references: [], source: null }, settings };
  };
  const show = (what: 'closed' | 'loading' | 'open'): void => {
    const isFocused = [open, close].some((one) => one === document.activeElement);
    waiting.hidden = what !== 'loading';
    open.hidden = what !== 'closed';
    close.hidden = what === 'closed';
    if (isFocused) (what === 'closed' ? open : close).focus(); // a button that goes would take the focus along
    for (const part of [about, controls, status, grid]) part.hidden = what !== 'open';
  };
  const begin = (message: Opened): void => {
    opened = message;
    const { task, backend, device, base } = message;
    const what = task.type === 'text' ? l10n.t('Texts, computed by {0} on {1}.', backend, device) : l10n.t('Episodes of {0}, {1} steps each, computed by {2} on {3}.', task.environment, task.episodeSteps, backend, device);
    const intervals = task.type === 'text' ? '' : l10n.t('Values are means over the episodes, in parentheses their {0} intervals.', formatConfidence());
    setText(about, [what, intervals, base === null ? l10n.t('No base is known.') : ''].filter(Boolean).join(' '));
    if (task.type === 'text') {
      settings = task.settings;
      prompt.value = state.prompt ?? task.prompts[0]?.prompt ?? '';
      own.element.hidden = task.prompts.length === 0;
      showOwn();
      tokens.update(settings.maxNewTokens);
      temperature.update(settings.temperature);
      seed.update(settings.seed);
      controls.replaceChildren(own.element, prompt, element('div', { class: 'controls' }, tokens.element, temperature.element, seed.element, button({ label: l10n.t('Generate'), title: l10n.t('Generate (Ctrl+Enter in the prompt)'), isPrimary: true, onClick: ask })));
    } else {
      episodes.update(state.episodes);
      controls.replaceChildren(element('div', { class: 'controls' }, episodes.element, button({ label: l10n.t('Play'), title: l10n.t('Play the episodes'), isPrimary: true, onClick: ask })));
    }
    show('open');
  };

  show('closed');
  return {
    element: element('section', { class: 'playground', attributes: { 'aria-label': l10n.t('Preview') } }, element('h2', {}, l10n.t('Preview')), reason, toolbar(l10n.t('Preview'), open, close), waiting, about, controls, problem, status, grid),
    update(_setup, kept, whyNot) {
      state = kept;
      reason.hidden = false;
      setText(reason, whyNot ?? l10n.t('Base, experts and the soup at λ side by side, computed in memory: nothing is written.'));
      open.toggleAttribute('disabled', whyNot !== null);
    },
    receive(message) {
      switch (message.type) {
        case 'opened':
          problem.hidden = true;
          begin(message);
          break;
        case 'started':
          problem.hidden = true;
          cards = message.points.map(card);
          // the soup first, so that it stands beside base and experts whatever the width
          grid.replaceChildren(...[...cards].sort((a, b) => kinds.indexOf(a.point.kind) - kinds.indexOf(b.point.kind)).map((made) => made.element));
          break;
        case 'text':
        case 'episodes':
        case 'scores':
          cards[message.point]?.receive(message);
          break;
        case 'done':
          setText(status, l10n.t('Done. The soup follows λ.'));
          break;
        case 'cancelled':
          break;
        case 'failure':
          problem.hidden = false;
          setText(problem, message.message);
          setText(status, '');
      }
    },
    closed(why) {
      opened = null;
      isFollowing = false;
      cards = [];
      grid.replaceChildren();
      problem.hidden = why === null;
      setText(problem, why ?? '');
      show('closed');
    },
    moved() {
      if (isFollowing && opened) ask();
    },
  };
}

const kinds: readonly PreviewPoint['kind'][] = ['soup', 'init', 'expert'];
const anotherPrompt = 'another';
const kindNames: Readonly<Record<PreviewPoint['kind'], string>> = { init: l10n.t('base'), expert: l10n.t('expert'), soup: l10n.t('soup') };
const short = (text: string): string => (text.length > 48 ? `${text.slice(0, 47).replaceAll('\n', ' ')}…` : text.replaceAll('\n', ' '));

interface Card {
  readonly element: HTMLElement;
  readonly point: PreviewPoint;
  receive(message: Extract<FromPreview, { readonly type: 'text' | 'episodes' | 'scores' }>): void;
}

/** One point: who answers, the text or the episodes so far, and its scores. */
function card(point: PreviewPoint): Card {
  const text = element('p', { class: 'preview-text' }, '…');
  const ended = element('p', { class: 'muted' });
  const scores = element('dl', { class: 'facts' });
  const title = point.kind === 'init' ? kindNames.init : point.kind === 'expert' ? point.name : weightsText(point.weights);
  return {
    point,
    element: element('article', { class: `preview-card ${point.kind}`, attributes: { 'aria-label': point.kind === 'init' ? title : `${kindNames[point.kind]} ${title}` } }, element('h3', {}, title, point.kind !== 'init' && element('span', { class: 'muted' }, ` ${kindNames[point.kind]}`)), text, ended, scores),
    receive(message) {
      if (message.type === 'text') {
        setText(text, message.text === '' ? '…' : message.text);
        setText(ended, endText(message.tokens, message.ended));
      } else if (message.type === 'episodes') {
        setText(text, l10n.t('{0} of {1} episodes', message.played, message.of));
      } else scores.replaceChildren(...message.scores.flatMap(scoreRow));
    },
  };
}

/** How long a text is, and what ended it; null while it is written. */
function endText(tokens: number, ended: Extract<FromPreview, { readonly type: 'text' }>['ended']): string {
  switch (ended) {
    case null:
      return l10n.t('{0} tokens…', tokens);
    case 'end of text':
      return l10n.t('{0} tokens, ended by the end of the text', tokens);
    case 'stop':
      return l10n.t('{0} tokens, ended by a stop string', tokens);
    case 'length':
      return l10n.t('{0} tokens, ended by the limit', tokens);
  }
}

function scoreRow({ name, of, value, interval, problem }: PreviewScore): HTMLElement[] {
  const text = value === null ? (problem ?? '–') : interval ? l10n.t('{0} ({1} to {2})', formatNumber(value), formatNumber(interval[0]), formatNumber(interval[1])) : formatNumber(value);
  return [element('dt', { class: of }, name), element('dd', { attributes: { title: problem } }, text)];
}
