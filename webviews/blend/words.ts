import * as l10n from '@vscode/l10n';

/** Options of the command line that messages advise, which are English, and what they are called on the page. */
const controls: readonly (readonly [option: RegExp, control: string])[] = [
  [/pass --dtype to say what the soup shall have/g, 'set Type to say what the soup shall have'],
  [/with --space delta/g, 'in delta space'],
  [/pass --space delta, without --merge-into-base/g, 'choose delta space'],
  [/pass --space delta/g, 'choose delta space'],
  [/pass --merge-into-base/g, 'merge them into the base'],
  [/--merge-into-base/g, 'merging into the base'],
  [/pass --base to merge it with its base/g, 'choose its base to merge it with'],
  [/pass --base/g, 'choose the base'],
  [/pass --fisher \d+ times, in their order/g, 'choose one for each'],
  [/--fisher/g, 'Fisher'],
  [/(pass )?--extrapolate( to allow points outside the simplex)?/g, 'allow points outside the simplex'],
  [/pass --normalize( to rescale them)?/g, 'normalise them'],
  [/--base/g, 'the base'],
];

/** A message of the merge in the page's words. */
export function pageWords(message: string): string {
  return controls.reduce((text, [option, control]) => text.replaceAll(option, control), message);
}

/** A finding taken apart: what is the matter, and behind the dash what to do. */
export function splitAdvice(text: string): { readonly what: string; readonly advice: string | null } {
  const at = text.lastIndexOf(' — ');
  return at < 0 ? { what: text, advice: null } : { what: text.slice(0, at), advice: text.slice(at + 3) };
}

/** Seconds as a person says them. */
export function durationText(seconds: number): string {
  if (seconds < 1) return l10n.t('less than a second');
  if (seconds < 90) return l10n.t('about {0} s', Math.round(seconds));
  return seconds < 5400 ? l10n.t('about {0} minutes', Math.round(seconds / 60)) : l10n.t('about {0} hours', (seconds / 3600).toFixed(1));
}
